/** SSE: single-precision arithmetic and moves of XMM registers. */
import { type OpcodeRow, rows } from "./row.ts";

export const SSE: readonly OpcodeRow[] = rows(
  "SSE",
  `
  # moves
  MOVUPS    Vps,Wps      NP.0F10/r     movupsVxWx             hot f:SSE
  MOVUPS    Wps,Vps      NP.0F11/r     movupsWxVx             hot m:w f:SSE
  MOVSS     Vss,Wss      F3.0F10/r     movssVssWss            hot f:SSE
  MOVSS     Wss,Vss      F3.0F11/r     movssWssVss            hot m:w f:SSE
  MOVAPS    Vps,Wps      NP.0F28/r     movapsVxWx             hot f:SSE
  MOVAPS    Wps,Vps      NP.0F29/r     movapsWxVx             hot m:w f:SSE
  MOVLPS    Vq,Mq        NP.0F12/r     movlpsVq               warm f:SSE
  MOVHLPS   Vq,Uq        NP.0F12/r     movhlpsVq              warm f:SSE
  MOVLPS    Mq,Vq        NP.0F13/r     movsdWsdVsd            hot bd m:w f:SSE
  MOVHPS    Vq,Mq        NP.0F16/r     movhpsVq               warm f:SSE
  MOVLHPS   Vq,Uq        NP.0F16/r     movhpsVq               warm f:SSE
  MOVHPS    Mq,Vq        NP.0F17/r     storeHighVq            warm m:w f:SSE
  MOVNTPS   Mps,Vps      NP.0F2B/r     storeAlignedVx         warm m:w f:SSE
  MOVMSKPS  Gd,Ups       NP.0F50/r     movmskpsGd             warm f:SSE

  # conversions
  CVTSI2SS  Vss,Ey       F3.0F2A/r     cvtsi2ssVss            warm f:SSE
  CVTTSS2SI Gy,Wss       F3.0F2C/r     cvtss2siGy(true)       warm f:SSE
  CVTSS2SI  Gy,Wss       F3.0F2D/r     cvtss2siGy(false)      warm f:SSE

  # comparisons
  UCOMISS   Vss,Wss      NP.0F2E/r     comissVssWss(COMI_QUIET) hot f:SSE
  COMISS    Vss,Wss      NP.0F2F/r     comissVssWss(COMI_SIGNALING) hot f:SSE
  CMPPS     Vps,Wps,Ib   NP.0FC2/r     cmppsVps               warm f:SSE
  CMPSS     Vss,Wss,Ib   F3.0FC2/r     cmpssVss               warm f:SSE

  # arithmetic
  SQRTPS    Vps,Wps      NP.0F51/r     sqrtpsVps              warm f:SSE
  SQRTSS    Vss,Wss      F3.0F51/r     sqrtssVss              warm f:SSE
  RSQRTPS   Vps,Wps      NP.0F52/r     rsqrtpsVps             warm f:SSE
  RSQRTSS   Vss,Wss      F3.0F52/r     rsqrtssVss             warm f:SSE
  RCPPS     Vps,Wps      NP.0F53/r     rcppsVps               warm f:SSE
  RCPSS     Vss,Wss      F3.0F53/r     rcpssVss               warm f:SSE
  ADDPS     Vps,Wps      NP.0F58/r     addpsVps               warm f:SSE
  ADDSS     Vss,Wss      F3.0F58/r     addssVssWss            hot f:SSE
  MULPS     Vps,Wps      NP.0F59/r     mulpsVps               warm f:SSE
  MULSS     Vss,Wss      F3.0F59/r     mulssVssWss            hot f:SSE
  SUBPS     Vps,Wps      NP.0F5C/r     subpsVps               warm f:SSE
  SUBSS     Vss,Wss      F3.0F5C/r     subssVssWss            hot f:SSE
  DIVPS     Vps,Wps      NP.0F5E/r     divpsVps               warm f:SSE
  DIVSS     Vss,Wss      F3.0F5E/r     divssVssWss            hot f:SSE
  MINPS     Vps,Wps      NP.0F5D/r     minpsVps               warm f:SSE
  MINSS     Vss,Wss      F3.0F5D/r     extremumVss(MIN)         warm f:SSE
  MAXPS     Vps,Wps      NP.0F5F/r     maxpsVps               warm f:SSE
  MAXSS     Vss,Wss      F3.0F5F/r     extremumVss(MAX)         warm f:SSE

  # logic and shuffles
  ANDPS     Vps,Wps      NP.0F54/r     pandVxWx               hot f:SSE
  ANDNPS    Vps,Wps      NP.0F55/r     pandnVx                warm f:SSE
  ORPS      Vps,Wps      NP.0F56/r     porVxWx                hot f:SSE
  XORPS     Vps,Wps      NP.0F57/r     pxorVxWx               hot f:SSE
  UNPCKLPS  Vps,Wps      NP.0F14/r     punpckldqVx            warm f:SSE
  UNPCKHPS  Vps,Wps      NP.0F15/r     punpckhdqVx            warm f:SSE
  SHUFPS    Vps,Wps,Ib   NP.0FC6/r     shufpsVps              warm f:SSE
  `,
);
