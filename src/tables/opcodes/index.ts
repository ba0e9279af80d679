/** All rows of the opcode table, in the order in which dispatch cases are numbered. */
import { GENERAL } from "./general.ts";
import { MMX } from "./mmx.ts";
import type { OpcodeRow } from "./row.ts";
import { SYSTEM } from "./system.ts";
import { X87 } from "./x87.ts";

export type { OpcodeRow } from "./row.ts";

export const OPCODES: readonly OpcodeRow[] = [...GENERAL, ...SYSTEM, ...X87, ...MMX];
