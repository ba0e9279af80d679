/** Operations that invalidate translations; written by "npm run generate". */

export const FLUSH_INVLPG: u32 = 0;
export const FLUSH_INVPCID_ADDRESS: u32 = 1;
export const FLUSH_INVPCID_CONTEXT: u32 = 2;
export const FLUSH_INVPCID_ALL_GLOBAL: u32 = 3;
export const FLUSH_INVPCID_ALL_NONGLOBAL: u32 = 4;
export const FLUSH_MOV_CR3: u32 = 5;
export const FLUSH_MOV_CR0: u32 = 6;
export const FLUSH_MOV_CR4: u32 = 7;
export const FLUSH_TASK_SWITCH: u32 = 8;
export const FLUSH_INVEPT_SINGLE: u32 = 9;
export const FLUSH_INVEPT_ALL: u32 = 10;
export const FLUSH_INVVPID_ADDRESS: u32 = 11;
export const FLUSH_INVVPID_SINGLE: u32 = 12;
export const FLUSH_INVVPID_ALL: u32 = 13;
export const FLUSH_INVVPID_RETAIN_GLOBALS: u32 = 14;
export const FLUSH_VM_ENTRY: u32 = 15;
export const FLUSH_VM_EXIT: u32 = 16;
export const FLUSH_EPTP_SWITCH: u32 = 17;
export const FLUSH_PAGE_FAULT: u32 = 18;
export const FLUSH_EPT_VIOLATION: u32 = 19;
export const FLUSH_RESET: u32 = 20;
export const FLUSH_HOST_STATE: u32 = 21;
export const FLUSH_CONFIGURE: u32 = 22;
export const FLUSH_OPERATIONS: u32 = 23;
