/** SSE2 on XMM registers: double-precision arithmetic and packed integers. */
import { type OpcodeRow, rows } from "./row.ts";

export const SSE2: readonly OpcodeRow[] = rows(
  "SSE2",
  `
  # moves
  MOVUPD    Vpd,Wpd      66.0F10/r     movupsVxWx             hot f:SSE2
  MOVUPD    Wpd,Vpd      66.0F11/r     movupsWxVx             hot m:w f:SSE2
  MOVSD     Vsd,Wsd      F2.0F10/r     movsdVsdWsd            hot bd f:SSE2
  MOVSD     Wsd,Vsd      F2.0F11/r     movsdWsdVsd            hot bd m:w f:SSE2
  MOVAPD    Vpd,Wpd      66.0F28/r     movapsVxWx             hot f:SSE2
  MOVAPD    Wpd,Vpd      66.0F29/r     movapsWxVx             hot m:w f:SSE2
  MOVDQA    Vdq,Wdq      66.0F6F/r     movapsVxWx             hot f:SSE2
  MOVDQA    Wdq,Vdq      66.0F7F/r     movapsWxVx             hot m:w f:SSE2
  MOVDQU    Vdq,Wdq      F3.0F6F/r     movupsVxWx             hot f:SSE2
  MOVDQU    Wdq,Vdq      F3.0F7F/r     movupsWxVx             hot m:w f:SSE2
  MOVQ      Vq,Wq        F3.0F7E/r     movqVqWq               hot f:SSE2
  MOVQ      Wq,Vq        66.0FD6/r     movqWqVq               hot m:w f:SSE2
  MOVD      Vdq,Ey       66.0F6E/r     movdVdqEy<>            hot f:SSE2
  MOVD      Ey,Vdq       66.0F7E/r     movdEyVdq<>            hot m:w f:SSE2
  MOVLPD    Vq,Mq        66.0F12/r     movlpsVq               warm f:SSE2
  MOVLPD    Mq,Vq        66.0F13/r     movsdWsdVsd            hot bd m:w f:SSE2
  MOVHPD    Vq,Mq        66.0F16/r     movhpsVq               warm f:SSE2
  MOVHPD    Mq,Vq        66.0F17/r     storeHighVq            warm m:w f:SSE2
  MOVNTPD   Mpd,Vpd      66.0F2B/r     storeAlignedVx         warm m:w f:SSE2
  MOVNTDQ   Mdq,Vdq      66.0FE7/r     storeAlignedVx         warm m:w f:SSE2
  MOVMSKPD  Gd,Upd       66.0F50/r     movmskpdGd             warm f:SSE2
  PMOVMSKB  Gd,Udq       66.0FD7/r     pmovmskbGd             warm f:SSE2
  MASKMOVDQU Vdq,Udq      66.0FF7/r     maskmovdquVdq          f:SSE2

  # conversions
  CVTSI2SD  Vsd,Ey       F2.0F2A/r     cvtsi2sdVsdEy<>        hot f:SSE2
  CVTTSD2SI Gy,Wsd       F2.0F2C/r     cvttsd2siGyWsd<>       hot f:SSE2
  CVTSD2SI  Gy,Wsd       F2.0F2D/r     cvtsd2siGy             warm f:SSE2
  CVTSS2SD  Vsd,Wss      F3.0F5A/r     cvtss2sdVsdWss         hot f:SSE2
  CVTSD2SS  Vss,Wsd      F2.0F5A/r     cvtsd2ssVssWsd         hot f:SSE2
  CVTPS2PD  Vpd,Wq       NP.0F5A/r     cvtps2pdVpd            warm f:SSE2
  CVTPD2PS  Vps,Wpd      66.0F5A/r     cvtpd2psVps            warm f:SSE2
  CVTDQ2PS  Vps,Wdq      NP.0F5B/r     cvtdq2psVps            warm f:SSE2
  CVTPS2DQ  Vdq,Wps      66.0F5B/r     cvtps2dqVdq(false)     warm f:SSE2
  CVTTPS2DQ Vdq,Wps      F3.0F5B/r     cvtps2dqVdq(true)      warm f:SSE2
  CVTTPD2DQ Vq,Wpd       66.0FE6/r     cvtpd2dqVq(true)       warm f:SSE2
  CVTDQ2PD  Vpd,Wq       F3.0FE6/r     cvtdq2pdVpd            warm f:SSE2
  CVTPD2DQ  Vq,Wpd       F2.0FE6/r     cvtpd2dqVq(false)      warm f:SSE2

  # comparisons
  UCOMISD   Vsd,Wsd      66.0F2E/r     comisdVsdWsd(COMI_QUIET) hot f:SSE2
  COMISD    Vsd,Wsd      66.0F2F/r     comisdVsdWsd(COMI_SIGNALING) hot f:SSE2
  CMPPD     Vpd,Wpd,Ib   66.0FC2/r     cmppdVpd               warm f:SSE2
  CMPSD     Vsd,Wsd,Ib   F2.0FC2/r     cmpsdVsd               warm f:SSE2

  # floating-point arithmetic
  SQRTPD    Vpd,Wpd      66.0F51/r     sqrtpdVpd              warm f:SSE2
  SQRTSD    Vsd,Wsd      F2.0F51/r     sqrtsdVsd              warm f:SSE2
  ADDPD     Vpd,Wpd      66.0F58/r     addpdVpd               warm f:SSE2
  ADDSD     Vsd,Wsd      F2.0F58/r     addsdVsdWsd            hot bd f:SSE2
  MULPD     Vpd,Wpd      66.0F59/r     mulpdVpd               warm f:SSE2
  MULSD     Vsd,Wsd      F2.0F59/r     mulsdVsdWsd            hot bd f:SSE2
  SUBPD     Vpd,Wpd      66.0F5C/r     subpdVpd               warm f:SSE2
  SUBSD     Vsd,Wsd      F2.0F5C/r     subsdVsdWsd            hot bd f:SSE2
  DIVPD     Vpd,Wpd      66.0F5E/r     divpdVpd               warm f:SSE2
  DIVSD     Vsd,Wsd      F2.0F5E/r     divsdVsdWsd            hot bd f:SSE2
  MINPD     Vpd,Wpd      66.0F5D/r     minpdVpd               warm f:SSE2
  MINSD     Vsd,Wsd      F2.0F5D/r     extremumVsd(MIN)         warm f:SSE2
  MAXPD     Vpd,Wpd      66.0F5F/r     maxpdVpd               warm f:SSE2
  MAXSD     Vsd,Wsd      F2.0F5F/r     extremumVsd(MAX)         warm f:SSE2

  # logic
  ANDPD     Vpd,Wpd      66.0F54/r     pandVxWx               hot f:SSE2
  ANDNPD    Vpd,Wpd      66.0F55/r     pandnVx                warm f:SSE2
  ORPD      Vpd,Wpd      66.0F56/r     porVxWx                hot f:SSE2
  XORPD     Vpd,Wpd      66.0F57/r     pxorVxWx               hot f:SSE2
  PAND      Vdq,Wdq      66.0FDB/r     pandVxWx               hot f:SSE2
  PANDN     Vdq,Wdq      66.0FDF/r     pandnVx                warm f:SSE2
  POR       Vdq,Wdq      66.0FEB/r     porVxWx                hot f:SSE2
  PXOR      Vdq,Wdq      66.0FEF/r     pxorVxWx               hot f:SSE2

  # shuffles
  UNPCKLPD  Vpd,Wpd      66.0F14/r     punpcklqdqVx           warm f:SSE2
  UNPCKHPD  Vpd,Wpd      66.0F15/r     punpckhqdqVx           warm f:SSE2
  SHUFPD    Vpd,Wpd,Ib   66.0FC6/r     shufpdVpd              warm f:SSE2
  PSHUFD    Vdq,Wdq,Ib   66.0F70/r     pshufdVx               warm f:SSE2
  PSHUFHW   Vdq,Wdq,Ib   F3.0F70/r     pshufhwVx              warm f:SSE2
  PSHUFLW   Vdq,Wdq,Ib   F2.0F70/r     pshuflwVx              warm f:SSE2
  PINSRW    Vdq,Rd,Ib    66.0FC4/r     pinsrwVdq              warm f:SSE2
  PINSRW    Vdq,Mw,Ib    66.0FC4/r     pinsrwVdq              warm f:SSE2
  PEXTRW    Gd,Udq,Ib    66.0FC5/r     pextrwGd               warm f:SSE2
  PUNPCKLBW Vdq,Wdq      66.0F60/r     punpcklbwVx            warm f:SSE2
  PUNPCKLWD Vdq,Wdq      66.0F61/r     punpcklwdVx            warm f:SSE2
  PUNPCKLDQ Vdq,Wdq      66.0F62/r     punpckldqVx            warm f:SSE2
  PACKSSWB  Vdq,Wdq      66.0F63/r     packsswbVx             warm f:SSE2
  PCMPGTB   Vdq,Wdq      66.0F64/r     pcmpgtbVx              warm f:SSE2
  PCMPGTW   Vdq,Wdq      66.0F65/r     pcmpgtwVx              warm f:SSE2
  PCMPGTD   Vdq,Wdq      66.0F66/r     pcmpgtdVx              warm f:SSE2
  PACKUSWB  Vdq,Wdq      66.0F67/r     packuswbVx             warm f:SSE2
  PUNPCKHBW Vdq,Wdq      66.0F68/r     punpckhbwVx            warm f:SSE2
  PUNPCKHWD Vdq,Wdq      66.0F69/r     punpckhwdVx            warm f:SSE2
  PUNPCKHDQ Vdq,Wdq      66.0F6A/r     punpckhdqVx            warm f:SSE2
  PACKSSDW  Vdq,Wdq      66.0F6B/r     packssdwVx             warm f:SSE2
  PUNPCKLQDQ Vdq,Wdq      66.0F6C/r     punpcklqdqVx           warm f:SSE2
  PUNPCKHQDQ Vdq,Wdq      66.0F6D/r     punpckhqdqVx           warm f:SSE2

  # packed integers
  PCMPEQB   Vdq,Wdq      66.0F74/r     pcmpeqbVx              warm f:SSE2
  PCMPEQW   Vdq,Wdq      66.0F75/r     pcmpeqwVx              warm f:SSE2
  PCMPEQD   Vdq,Wdq      66.0F76/r     pcmpeqdVx              warm f:SSE2
  PSRLW     Vdq,Wdq      66.0FD1/r     psrlwVx                warm f:SSE2
  PSRLD     Vdq,Wdq      66.0FD2/r     psrldVx                warm f:SSE2
  PSRLQ     Vdq,Wdq      66.0FD3/r     psrlqVx                warm f:SSE2
  PADDQ     Vdq,Wdq      66.0FD4/r     paddqVx                warm f:SSE2
  PMULLW    Vdq,Wdq      66.0FD5/r     pmullwVx               warm f:SSE2
  PSUBUSB   Vdq,Wdq      66.0FD8/r     psubusbVx              warm f:SSE2
  PSUBUSW   Vdq,Wdq      66.0FD9/r     psubuswVx              warm f:SSE2
  PMINUB    Vdq,Wdq      66.0FDA/r     pminubVx               warm f:SSE2
  PADDUSB   Vdq,Wdq      66.0FDC/r     paddusbVx              warm f:SSE2
  PADDUSW   Vdq,Wdq      66.0FDD/r     padduswVx              warm f:SSE2
  PMAXUB    Vdq,Wdq      66.0FDE/r     pmaxubVx               warm f:SSE2
  PAVGB     Vdq,Wdq      66.0FE0/r     pavgbVx                warm f:SSE2
  PSRAW     Vdq,Wdq      66.0FE1/r     psrawVx                warm f:SSE2
  PSRAD     Vdq,Wdq      66.0FE2/r     psradVx                warm f:SSE2
  PAVGW     Vdq,Wdq      66.0FE3/r     pavgwVx                warm f:SSE2
  PMULHUW   Vdq,Wdq      66.0FE4/r     pmulhuwVx              warm f:SSE2
  PMULHW    Vdq,Wdq      66.0FE5/r     pmulhwVx               warm f:SSE2
  PSUBSB    Vdq,Wdq      66.0FE8/r     psubsbVx               warm f:SSE2
  PSUBSW    Vdq,Wdq      66.0FE9/r     psubswVx               warm f:SSE2
  PMINSW    Vdq,Wdq      66.0FEA/r     pminswVx               warm f:SSE2
  PADDSB    Vdq,Wdq      66.0FEC/r     paddsbVx               warm f:SSE2
  PADDSW    Vdq,Wdq      66.0FED/r     paddswVx               warm f:SSE2
  PMAXSW    Vdq,Wdq      66.0FEE/r     pmaxswVx               warm f:SSE2
  PSLLW     Vdq,Wdq      66.0FF1/r     psllwVx                warm f:SSE2
  PSLLD     Vdq,Wdq      66.0FF2/r     pslldVx                warm f:SSE2
  PSLLQ     Vdq,Wdq      66.0FF3/r     psllqVx                warm f:SSE2
  PMULUDQ   Vdq,Wdq      66.0FF4/r     pmuludqVx              warm f:SSE2
  PMADDWD   Vdq,Wdq      66.0FF5/r     pmaddwdVx              warm f:SSE2
  PSADBW    Vdq,Wdq      66.0FF6/r     psadbwVx               warm f:SSE2
  PSUBB     Vdq,Wdq      66.0FF8/r     psubbVx                warm f:SSE2
  PSUBW     Vdq,Wdq      66.0FF9/r     psubwVx                warm f:SSE2
  PSUBD     Vdq,Wdq      66.0FFA/r     psubdVx                warm f:SSE2
  PSUBQ     Vdq,Wdq      66.0FFB/r     psubqVx                warm f:SSE2
  PADDB     Vdq,Wdq      66.0FFC/r     paddbVx                warm f:SSE2
  PADDW     Vdq,Wdq      66.0FFD/r     paddwVx                warm f:SSE2
  PADDD     Vdq,Wdq      66.0FFE/r     padddVx                warm f:SSE2

  # shifts by an immediate
  PSRLW     Udq,Ib       66.0F71/2     psrlwUxIb              warm f:SSE2
  PSRAW     Udq,Ib       66.0F71/4     psrawUxIb              warm f:SSE2
  PSLLW     Udq,Ib       66.0F71/6     psllwUxIb              warm f:SSE2
  PSRLD     Udq,Ib       66.0F72/2     psrldUxIb              warm f:SSE2
  PSRAD     Udq,Ib       66.0F72/4     psradUxIb              warm f:SSE2
  PSLLD     Udq,Ib       66.0F72/6     pslldUxIb              warm f:SSE2
  PSRLQ     Udq,Ib       66.0F73/2     psrlqUxIb              warm f:SSE2
  PSRLDQ    Udq,Ib       66.0F73/3     psrldqUxIb             warm f:SSE2
  PSLLQ     Udq,Ib       66.0F73/6     psllqUxIb              warm f:SSE2
  PSLLDQ    Udq,Ib       66.0F73/7     pslldqUxIb             warm f:SSE2
  `,
);
