/** A row of OPCODE_ROWS: its fields and their values, as tools/generate/decode-tables.ts writes them. */

export const ROW_G: u32 = 0;
export const ROW_E: u32 = 1;
export const ROW_IMMEDIATE: u32 = 2;
export const ROW_SIZE: u32 = 3;
export const ROW_FLAGS: u32 = 4;
export const ROW_E_SIZE: u32 = 5;
export const ROW_G_SIZE: u32 = 6;
export const ROW_MEMORY_BYTES: u32 = 7;
export const ROW_ACCESS: u32 = 8;
export const ROW_FEATURE: u32 = 9;
export const ROW_JUMP: u32 = 10;
export const ROW_CONDITION: u32 = 11;
export const ROW_CASES: u32 = 12;

export const ROW_LOCK: u32 = 1;
export const ROW_END: u32 = 2;
export const ROW_MODRM: u32 = 4;
export const ROW_COLD: u32 = 8;
export const ROW_VVVV: u32 = 16;

/** In ROW_ACCESS: the address is computed but not accessed. */
export const ACCESS_NONE: u32 = 3;

// Columns of a row's cases.
export const FORM_REGISTER: u32 = 0;
export const FORM_MEMORY: u32 = 1;
export const FORM_MEMORY_BD: u32 = 2;

export const JUMP_NONE: u32 = 0;
export const JUMP_JCC: u32 = 1;
export const JUMP_JMP: u32 = 2;
export const JUMP_CALL: u32 = 3;
export const JUMP_INDIRECT: u32 = 4;
export const JUMP_LOOP: u32 = 5;
