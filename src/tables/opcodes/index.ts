/** All rows of the opcode table, in the order in which dispatch cases are numbered. */
import { CRYPTO } from "./crypto.ts";
import { GENERAL } from "./general.ts";
import { MMX } from "./mmx.ts";
import type { OpcodeRow } from "./row.ts";
import { SSE } from "./sse.ts";
import { SSE2 } from "./sse2.ts";
import { SSE3 } from "./sse3.ts";
import { SSE4 } from "./sse4.ts";
import { SYSTEM } from "./system.ts";
import { VMX } from "./vmx.ts";
import { X87 } from "./x87.ts";

export type { OpcodeRow } from "./row.ts";

export const OPCODES: readonly OpcodeRow[] = [
  ...GENERAL,
  ...SYSTEM,
  ...X87,
  ...MMX,
  ...SSE,
  ...SSE2,
  ...SSE3,
  ...SSE4,
  ...CRYPTO,
  ...VMX,
];
