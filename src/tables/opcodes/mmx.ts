/** MMX instructions, their SSE, SSE2 and SSSE3 additions, and conversions between MMX and XMM. */
import { type OpcodeRow, rows } from "./row.ts";

/** Rows of the form Pq,Qq: mnemonic, opcode bytes, feature. */
const PACKED = `
  PADDB 0FFC MMX    PADDW 0FFD MMX    PADDD 0FFE MMX    PADDQ 0FD4 SSE2
  PADDSB 0FEC MMX   PADDSW 0FED MMX   PADDUSB 0FDC MMX  PADDUSW 0FDD MMX
  PSUBB 0FF8 MMX    PSUBW 0FF9 MMX    PSUBD 0FFA MMX    PSUBQ 0FFB SSE2
  PSUBSB 0FE8 MMX   PSUBSW 0FE9 MMX   PSUBUSB 0FD8 MMX  PSUBUSW 0FD9 MMX
  PMULLW 0FD5 MMX   PMULHW 0FE5 MMX   PMULHUW 0FE4 SSE  PMULUDQ 0FF4 SSE2
  PMADDWD 0FF5 MMX  PSADBW 0FF6 SSE   PAVGB 0FE0 SSE    PAVGW 0FE3 SSE
  PMAXUB 0FDE SSE   PMAXSW 0FEE SSE   PMINUB 0FDA SSE   PMINSW 0FEA SSE
  PCMPEQB 0F74 MMX  PCMPEQW 0F75 MMX  PCMPEQD 0F76 MMX
  PCMPGTB 0F64 MMX  PCMPGTW 0F65 MMX  PCMPGTD 0F66 MMX
  PAND 0FDB MMX     PANDN 0FDF MMX    POR 0FEB MMX      PXOR 0FEF MMX
  PSRLW 0FD1 MMX    PSRLD 0FD2 MMX    PSRLQ 0FD3 MMX    PSRAW 0FE1 MMX
  PSRAD 0FE2 MMX    PSLLW 0FF1 MMX    PSLLD 0FF2 MMX    PSLLQ 0FF3 MMX
  PACKSSWB 0F63 MMX PACKUSWB 0F67 MMX PACKSSDW 0F6B MMX
  PUNPCKHBW 0F68 MMX PUNPCKHWD 0F69 MMX PUNPCKHDQ 0F6A MMX
  PHADDW 0F3801 SSSE3 PHADDD 0F3802 SSSE3 PHADDSW 0F3803 SSSE3
  PHSUBW 0F3805 SSSE3 PHSUBD 0F3806 SSSE3 PHSUBSW 0F3807 SSSE3
  PSIGNB 0F3808 SSSE3 PSIGNW 0F3809 SSSE3 PSIGND 0F380A SSSE3
  PABSB 0F381C SSSE3  PABSW 0F381D SSSE3  PABSD 0F381E SSSE3
  PSHUFB 0F3800 SSSE3 PMADDUBSW 0F3804 SSSE3 PMULHRSW 0F380B SSSE3
`;

function packedRows(): string {
  const words = PACKED.trim().split(/\s+/);
  const lines: string[] = [];
  for (let i = 0; i < words.length; i += 3) {
    const [mnemonic, opcode, feature] = words.slice(i, i + 3) as [string, string, string];
    const handler = `${mnemonic.toLowerCase()}PqQq`;
    lines.push(`${mnemonic} Pq,Qq NP.${opcode}/r ${handler} f:${feature}`);
  }
  return lines.join("\n");
}

export const MMX: readonly OpcodeRow[] = rows(
  "mmx",
  `
  # packed integers
  ${packedRows()}

  # shifts by an immediate
  PSRLW   Nq,Ib    NP.0F71/2   psrlwNqIb   f:MMX
  PSRAW   Nq,Ib    NP.0F71/4   psrawNqIb   f:MMX
  PSLLW   Nq,Ib    NP.0F71/6   psllwNqIb   f:MMX
  PSRLD   Nq,Ib    NP.0F72/2   psrldNqIb   f:MMX
  PSRAD   Nq,Ib    NP.0F72/4   psradNqIb   f:MMX
  PSLLD   Nq,Ib    NP.0F72/6   pslldNqIb   f:MMX
  PSRLQ   Nq,Ib    NP.0F73/2   psrlqNqIb   f:MMX
  PSLLQ   Nq,Ib    NP.0F73/6   psllqNqIb   f:MMX

  # moves
  MOVD    Pq,Ey    NP.0F6E/r   movdPqEy    f:MMX m:r
  MOVD    Ey,Pq    NP.0F7E/r   movdEyPq    f:MMX m:w
  MOVQ    Pq,Qq    NP.0F6F/r   movqPqQq    f:MMX
  MOVQ    Qq,Pq    NP.0F7F/r   movqQqPq    f:MMX m:w
  MOVNTQ  Mq,Pq    NP.0FE7/r   movntqMqPq  f:SSE m:w
  MASKMOVQ Pq,Nq   NP.0FF7/r   maskmovqPqNq f:SSE
  MOVDQ2Q Pq,Udq   F2.0FD6/r   movdq2qPqUdq f:SSE2
  MOVQ2DQ Vdq,Nq   F3.0FD6/r   movq2dqVdqNq f:SSE2
  EMMS    -        NP.0F77     emms        f:MMX

  # elements
  PUNPCKLBW Pq,Qd  NP.0F60/r   punpcklbwPqQd f:MMX
  PUNPCKLWD Pq,Qd  NP.0F61/r   punpcklwdPqQd f:MMX
  PUNPCKLDQ Pq,Qd  NP.0F62/r   punpckldqPqQd f:MMX
  PSHUFW  Pq,Qq,Ib NP.0F70/r   pshufwPqQqIb f:SSE
  PINSRW  Pq,Ew,Ib NP.0FC4/r   pinsrwPqEwIb f:SSE m:r
  PEXTRW  Gd,Nq,Ib NP.0FC5/r   pextrwGdNqIb f:SSE
  PMOVMSKB Gd,Nq   NP.0FD7/r   pmovmskbGdNq f:SSE
  PALIGNR Pq,Qq,Ib NP.0F3A0F/r palignrPqQqIb f:SSSE3

  # conversions
  CVTPI2PS  Vps,Qq NP.0F2A/r   cvtpi2psVpsQq f:SSE
  CVTPI2PD  Vpd,Qq 66.0F2A/r   cvtpi2pdVpdQq f:SSE2
  CVTTPS2PI Pq,Wq  NP.0F2C/r   cvtps2piPqWq(true)  f:SSE
  CVTTPD2PI Pq,Wpd 66.0F2C/r   cvtpd2piPqWpd(true) f:SSE2
  CVTPS2PI  Pq,Wq  NP.0F2D/r   cvtps2piPqWq(false) f:SSE
  CVTPD2PI  Pq,Wpd 66.0F2D/r   cvtpd2piPqWpd(false) f:SSE2
  `,
);
