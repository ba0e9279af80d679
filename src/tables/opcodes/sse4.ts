/** SSE4.1 and SSE4.2 on XMM registers. */
import { type OpcodeRow, rows } from "./row.ts";

export const SSE4: readonly OpcodeRow[] = rows(
  "SSE4",
  `
  # blends, tests and moves
  PBLENDVB  Vdq,Wdq      66.0F3810/r   pblendvbVdq            warm f:SSE41
  BLENDVPS  Vps,Wps      66.0F3814/r   blendvpsVps            warm f:SSE41
  BLENDVPD  Vpd,Wpd      66.0F3815/r   blendvpdVpd            warm f:SSE41
  BLENDPS   Vps,Wps,Ib   66.0F3A0C/r   blendpsVps             warm f:SSE41
  BLENDPD   Vpd,Wpd,Ib   66.0F3A0D/r   blendpdVpd             warm f:SSE41
  PBLENDW   Vdq,Wdq,Ib   66.0F3A0E/r   pblendwVdq             warm f:SSE41
  PTEST     Vdq,Wdq      66.0F3817/r   ptestVx                warm f:SSE41
  MOVNTDQA  Vdq,Mdq      66.0F382A/r   loadAlignedVx          warm f:SSE41

  # extension
  PMOVSXBW  Vdq,Wq       66.0F3820/r   pmovsxbwVx             warm f:SSE41
  PMOVSXBD  Vdq,Wd       66.0F3821/r   pmovsxbdVx             warm f:SSE41
  PMOVSXBQ  Vdq,Ww       66.0F3822/r   pmovsxbqVx             warm f:SSE41
  PMOVSXWD  Vdq,Wq       66.0F3823/r   pmovsxwdVx             warm f:SSE41
  PMOVSXWQ  Vdq,Wd       66.0F3824/r   pmovsxwqVx             warm f:SSE41
  PMOVSXDQ  Vdq,Wq       66.0F3825/r   pmovsxdqVx             warm f:SSE41
  PMOVZXBW  Vdq,Wq       66.0F3830/r   pmovzxbwVx             warm f:SSE41
  PMOVZXBD  Vdq,Wd       66.0F3831/r   pmovzxbdVx             warm f:SSE41
  PMOVZXBQ  Vdq,Ww       66.0F3832/r   pmovzxbqVx             warm f:SSE41
  PMOVZXWD  Vdq,Wq       66.0F3833/r   pmovzxwdVx             warm f:SSE41
  PMOVZXWQ  Vdq,Wd       66.0F3834/r   pmovzxwqVx             warm f:SSE41
  PMOVZXDQ  Vdq,Wq       66.0F3835/r   pmovzxdqVx             warm f:SSE41

  # packed integers
  PMULDQ    Vdq,Wdq      66.0F3828/r   pmuldqVx               warm f:SSE41
  PCMPEQQ   Vdq,Wdq      66.0F3829/r   pcmpeqqVx              warm f:SSE41
  PACKUSDW  Vdq,Wdq      66.0F382B/r   packusdwVx             warm f:SSE41
  PMINSB    Vdq,Wdq      66.0F3838/r   pminsbVx               warm f:SSE41
  PMINSD    Vdq,Wdq      66.0F3839/r   pminsdVx               warm f:SSE41
  PMINUW    Vdq,Wdq      66.0F383A/r   pminuwVx               warm f:SSE41
  PMINUD    Vdq,Wdq      66.0F383B/r   pminudVx               warm f:SSE41
  PMAXSB    Vdq,Wdq      66.0F383C/r   pmaxsbVx               warm f:SSE41
  PMAXSD    Vdq,Wdq      66.0F383D/r   pmaxsdVx               warm f:SSE41
  PMAXUW    Vdq,Wdq      66.0F383E/r   pmaxuwVx               warm f:SSE41
  PMAXUD    Vdq,Wdq      66.0F383F/r   pmaxudVx               warm f:SSE41
  PMULLD    Vdq,Wdq      66.0F3840/r   pmulldVx               warm f:SSE41
  PHMINPOSUW Vdq,Wdq      66.0F3841/r   phminposuwVdq          warm f:SSE41
  MPSADBW   Vdq,Wdq,Ib   66.0F3A42/r   mpsadbwVdq             warm f:SSE41

  # elements
  PEXTRB    Rd,Vdq,Ib    66.0F3A14/r   pextrbRd               warm m:w f:SSE41
  PEXTRB    Mb,Vdq,Ib    66.0F3A14/r   pextrbRd               warm m:w f:SSE41
  PEXTRW    Rd,Vdq,Ib    66.0F3A15/r   pextrwRd               warm m:w f:SSE41
  PEXTRW    Mw,Vdq,Ib    66.0F3A15/r   pextrwRd               warm m:w f:SSE41
  PEXTRD    Ey,Vdq,Ib    66.0F3A16/r   pextrdRy               warm m:w f:SSE41
  EXTRACTPS Ed,Vps,Ib    66.0F3A17/r   pextrdRy               warm m:w f:SSE41
  PINSRB    Vdq,Rd,Ib    66.0F3A20/r   pinsrbVdq              warm f:SSE41
  PINSRB    Vdq,Mb,Ib    66.0F3A20/r   pinsrbVdq              warm f:SSE41
  INSERTPS  Vps,Wss,Ib   66.0F3A21/r   insertpsVps            warm f:SSE41
  PINSRD    Vdq,Ey,Ib    66.0F3A22/r   pinsrdVdq              warm f:SSE41

  # floating point
  ROUNDPS   Vps,Wps,Ib   66.0F3A08/r   roundpsVps             warm f:SSE41
  ROUNDPD   Vpd,Wpd,Ib   66.0F3A09/r   roundpdVpd             warm f:SSE41
  ROUNDSS   Vss,Wss,Ib   66.0F3A0A/r   roundssVss             warm f:SSE41
  ROUNDSD   Vsd,Wsd,Ib   66.0F3A0B/r   roundsdVsd             warm f:SSE41
  DPPS      Vps,Wps,Ib   66.0F3A40/r   dppsVps                warm f:SSE41
  DPPD      Vpd,Wpd,Ib   66.0F3A41/r   dppdVpd                warm f:SSE41

  # SSE4.2
  PCMPGTQ   Vdq,Wdq      66.0F3837/r   pcmpgtqVx              warm f:SSE42
  PCMPESTRM Vdq,Wdq,Ib   66.0F3A60/r   pcmpstrm(true)         warm size:y f:SSE42
  PCMPESTRI Vdq,Wdq,Ib   66.0F3A61/r   pcmpstri(true)         warm size:y f:SSE42
  PCMPISTRM Vdq,Wdq,Ib   66.0F3A62/r   pcmpstrm(false)        warm f:SSE42
  PCMPISTRI Vdq,Wdq,Ib   66.0F3A63/r   pcmpstri(false)        warm f:SSE42
  `,
);
