/** SSE3 and SSSE3 on XMM registers. */
import { type OpcodeRow, rows } from "./row.ts";

export const SSE3: readonly OpcodeRow[] = rows(
  "SSE3",
  `
  # SSE3
  MOVSLDUP  Vps,Wps      F3.0F12/r     movsldupVps            warm f:SSE3
  MOVSHDUP  Vps,Wps      F3.0F16/r     movshdupVps            warm f:SSE3
  MOVDDUP   Vdq,Wq       F2.0F12/r     movddupVdq             warm f:SSE3
  LDDQU     Vdq,Mdq      F2.0FF0/r     lddquVx                warm f:SSE3
  HADDPD    Vpd,Wpd      66.0F7C/r     horizontalVpd(ADD)     warm f:SSE3
  HADDPS    Vps,Wps      F2.0F7C/r     horizontalVps(ADD)     warm f:SSE3
  HSUBPD    Vpd,Wpd      66.0F7D/r     horizontalVpd(SUB)     warm f:SSE3
  HSUBPS    Vps,Wps      F2.0F7D/r     horizontalVps(SUB)     warm f:SSE3
  ADDSUBPD  Vpd,Wpd      66.0FD0/r     addsubpdVpd            warm f:SSE3
  ADDSUBPS  Vps,Wps      F2.0FD0/r     addsubpsVps            warm f:SSE3

  # SSSE3
  PSHUFB    Vdq,Wdq      66.0F3800/r   pshufbVx               warm f:SSSE3
  PHADDW    Vdq,Wdq      66.0F3801/r   phaddwVx               warm f:SSSE3
  PHADDD    Vdq,Wdq      66.0F3802/r   phadddVx               warm f:SSSE3
  PHADDSW   Vdq,Wdq      66.0F3803/r   phaddswVx              warm f:SSSE3
  PMADDUBSW Vdq,Wdq      66.0F3804/r   pmaddubswVx            warm f:SSSE3
  PHSUBW    Vdq,Wdq      66.0F3805/r   phsubwVx               warm f:SSSE3
  PHSUBD    Vdq,Wdq      66.0F3806/r   phsubdVx               warm f:SSSE3
  PHSUBSW   Vdq,Wdq      66.0F3807/r   phsubswVx              warm f:SSSE3
  PSIGNB    Vdq,Wdq      66.0F3808/r   psignbVx               warm f:SSSE3
  PSIGNW    Vdq,Wdq      66.0F3809/r   psignwVx               warm f:SSSE3
  PSIGND    Vdq,Wdq      66.0F380A/r   psigndVx               warm f:SSSE3
  PMULHRSW  Vdq,Wdq      66.0F380B/r   pmulhrswVx             warm f:SSSE3
  PABSB     Vdq,Wdq      66.0F381C/r   pabsbVx                warm f:SSSE3
  PABSW     Vdq,Wdq      66.0F381D/r   pabswVx                warm f:SSSE3
  PABSD     Vdq,Wdq      66.0F381E/r   pabsdVx                warm f:SSSE3
  PALIGNR   Vdq,Wdq,Ib   66.0F3A0F/r   palignrVx              warm f:SSSE3
  `,
);
