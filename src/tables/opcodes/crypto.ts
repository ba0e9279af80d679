/** AES, carry-less multiplication, SHA. */
import { type OpcodeRow, rows } from "./row.ts";

export const CRYPTO: readonly OpcodeRow[] = rows(
  "cryptography",
  `
  # AES
  AESIMC    Vdq,Wdq      66.0F38DB/r   aesimcVdq              warm f:AES
  AESENC    Vdq,Wdq      66.0F38DC/r   aesencVdq              warm f:AES
  AESENCLAST Vdq,Wdq      66.0F38DD/r   aesenclastVdq          warm f:AES
  AESDEC    Vdq,Wdq      66.0F38DE/r   aesdecVdq              warm f:AES
  AESDECLAST Vdq,Wdq      66.0F38DF/r   aesdeclastVdq          warm f:AES
  AESKEYGENASSIST Vdq,Wdq,Ib   66.0F3ADF/r   aeskeygenassistVdq     warm f:AES

  # carry-less multiplication
  PCLMULQDQ Vdq,Wdq,Ib   66.0F3A44/r   pclmulqdqVdq           warm f:PCLMULQDQ

  # SHA
  SHA1NEXTE Vdq,Wdq      NP.0F38C8/r   sha1nexteVdq           warm f:SHA
  SHA1MSG1  Vdq,Wdq      NP.0F38C9/r   sha1msg1Vdq            warm f:SHA
  SHA1MSG2  Vdq,Wdq      NP.0F38CA/r   sha1msg2Vdq            warm f:SHA
  SHA256RNDS2 Vdq,Wdq      NP.0F38CB/r   sha256rnds2Vdq         warm f:SHA
  SHA256MSG1 Vdq,Wdq      NP.0F38CC/r   sha256msg1Vdq          warm f:SHA
  SHA256MSG2 Vdq,Wdq      NP.0F38CD/r   sha256msg2Vdq          warm f:SHA
  SHA1RNDS4 Vdq,Wdq,Ib   NP.0F3ACC/r   sha1rnds4Vdq           warm f:SHA
  `,
);
