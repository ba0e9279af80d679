/** Offsets of the processor state; written by "npm run generate". */

export const STATE = {
  /** 32 slots: general registers, ZERO, EA_TEMP, PAGE_LINEAR, segment bases; u64 x 32. */
  GPR: 0x0,
  /** XMM0-XMM15, 16 bytes each; u64 x 32. */
  XMM: 0x100,
  /** physical x87 registers 0-7: 64-bit significand, then sign and exponent; u64 x 16. */
  FPR: 0x200,
  /** sign-extended result that ZF, SF and PF derive from; u64. */
  LF_RES: 0x280,
  /** bit 31 CF, bit 30 CF xor OF, bit 3 AF, bits 15:8 parity delta, bit 0 SF delta; u32. */
  LF_AUX: 0x288,
  /** RFLAGS without OF, SF, ZF, AF, PF, CF; u32. */
  FLAGS_REST: 0x28c,
  /** instruction pointer; valid between blocks, not inside one; u64. */
  RIP: 0x290,
  /** instructions left in this slice, charged a block at a time; i32; u32. */
  REMAINING: 0x298,
  /** record of the instruction that called out of the dispatch loop; u32. */
  CUR_REC: 0x29c,
  /** virtual time at which REMAINING reaches 0; u64. */
  SLICE_END: 0x2a0,
  /** low bits of front-cache tags that match now (space id and access mode); u64. */
  FRONT_CTX: 0x2a8,
  /** the same for writes to pages that hold decoded code; u64. */
  FRONT_CTX_CODE: 0x2b0,
  /** mask of linear addresses: 32 bits outside 64-bit mode; u64. */
  ADDR_MASK: 0x2b8,
  /** linear base of the code segment; 0 in 64-bit mode; u64. */
  CODE_BASE: 0x2c0,
  /** host-physical address of the page at PAGE_LINEAR; u64. */
  CODE_HPA: 0x2c8,
  /** decode mode in the upper bits, to be or-ed with a host-physical address; u64. */
  CODE_KEY: 0x2d0,
  /** 1 while PAGE_LINEAR and CODE_HPA may be used without a TLB look-up; u32. */
  FETCH_VALID: 0x2d8,
  /** events to look at before the next block; EVENT_* bits; u32. */
  EVENTS: 0x2dc,
  /** 1 while an exception waits for delivery; u32. */
  FAULT: 0x2e0,
  /** its vector; u32. */
  FAULT_VECTOR: 0x2e4,
  /** its error code; u32. */
  FAULT_ERROR: 0x2e8,
  /** FAULT_HAS_ERROR and the other FAULT_* bits; u32. */
  FAULT_KIND: 0x2ec,
  /** linear address for a page fault, DR6 bits for a debug exception; u64. */
  FAULT_CR2: 0x2f0,
  /** instruction length for software interrupts; u32. */
  FAULT_LENGTH: 0x2f8,
  /** bit 0 blocking by STI, bit 1 by MOV SS, bit 3 by NMI; u32. */
  INTERRUPTIBILITY: 0x2fc,
  /** 1 when the instruction just executed set a shadow; u32. */
  SHADOW_NEW: 0x300,
  /** DR6 bits of a debug trap to raise after the current instruction; u32. */
  PENDING_DEBUG: 0x304,
  /** 1 when the TF loaded by this instruction decides over its own trap; u32. */
  TF_AT_END: 0x308,
  /** 0 active, 1 HLT, 2 shutdown, 3 wait-for-SIPI, 4 MWAIT; u32. */
  ACTIVITY: 0x30c,
  /** vector of the start-up IPI that EVENT_SIPI announces; u32. */
  SIPI_VECTOR: 0x310,
  /** SLOW_* bits: reasons to execute one instruction at a time; u32. */
  SLOW_MODE: 0x314,
  /** number of this logical processor, also its initial APIC id; u32. */
  CPU_INDEX: 0x318,
  /** current privilege level; u32. */
  CPL: 0x31c,
  /** 0: 16-bit code, 1: 32-bit, 2: 64-bit; u32. */
  CODE_SIZE: 0x320,
  /** IA32_EFER.LMA as 0 or 1; u32. */
  LONG_MODE: 0x324,
  /** 0 none, 1 32-bit, 2 PAE, 3 4-level, 4 5-level; u32. */
  PAGING_MODE: 0x328,
  /** mask of the stack pointer: 16, 32 or 64 bits; u64. */
  STACK_MASK: 0x330,
  /** selectors of ES CS SS DS FS GS LDTR TR; u32 x 8. */
  SEG_SELECTOR: 0x338,
  /** access rights in the VMX format (bit 16: unusable); u32 x 8. */
  SEG_ACCESS: 0x358,
  /** limits in bytes; u32 x 8. */
  SEG_LIMIT: 0x378,
  /** linear base of the GDT; u64. */
  GDTR_BASE: 0x398,
  /** linear base of the IDT; u64. */
  IDTR_BASE: 0x3a0,
  /** limit of the GDT; u32. */
  GDTR_LIMIT: 0x3a8,
  /** limit of the IDT; u32. */
  IDTR_LIMIT: 0x3ac,
  /** control register 0; u64. */
  CR0: 0x3b0,
  /** page-fault linear address; u64. */
  CR2: 0x3b8,
  /** control register 3; u64. */
  CR3: 0x3c0,
  /** control register 4; u64. */
  CR4: 0x3c8,
  /** IA32_EFER; u64. */
  EFER: 0x3d0,
  /** extended control register 0; u64. */
  XCR0: 0x3d8,
  /** IA32_XSS; u64. */
  XSS: 0x3e0,
  /** page-directory-pointer-table entries cached by PAE paging; u64 x 4. */
  PDPTE: 0x3e8,
  /** DR0-DR3, unused, unused, DR6, DR7; u64 x 8. */
  DR: 0x408,
  /** protection-key rights of user pages; u32. */
  PKRU: 0x448,
  /** interned tags {VPID, PCID, EP4TA} of this context; u32. */
  SPACE_ID: 0x44c,
  /** value of spaceEpoch when SPACE_ID was interned; u32. */
  SPACE_EPOCH: 0x450,
  /** the same for global pages; u32. */
  SPACE_GLOBAL: 0x454,
  /** x87 control word; u32. */
  FCW: 0x458,
  /** x87 status word without TOP; u32. */
  FSW: 0x45c,
  /** x87 top of stack, 0-7; u32. */
  FTOP: 0x460,
  /** bit n set: physical x87 register n is not empty; u32. */
  FTW: 0x464,
  /** last x87 opcode; u32. */
  FOP: 0x468,
  /** CR0.EM, CR0.TS folded: nonzero when an x87 or SSE instruction must check; u32. */
  FPU_TRAP: 0x46c,
  /** nonzero when an SSE instruction must raise #UD or #NM; u32. */
  SSE_TRAP: 0x470,
  /** last x87 instruction pointer; u64. */
  FIP: 0x478,
  /** last x87 data pointer; u64. */
  FDP: 0x480,
  /** SSE control and status; u32. */
  MXCSR: 0x488,
  /** 1 when MXCSR permits the fast path: all masked, nearest, no DAZ/FTZ, PE set; u32. */
  SSE_FAST: 0x48c,
  /** bit 0: FERR# asserted, as a waiting x87 instruction met a pending exception with CR0.NE clear; u32. */
  IGNNE: 0x490,
  /** added to virtual time to give the time-stamp counter; u64. */
  TSC_OFFSET: 0x498,
  /** IA32_TSC_AUX; u64. */
  TSC_AUX: 0x4a0,
  /** IA32_TSC_ADJUST; u64. */
  TSC_ADJUST: 0x4a8,
  /** IA32_STAR; u64. */
  STAR: 0x4b0,
  /** IA32_LSTAR; u64. */
  LSTAR: 0x4b8,
  /** IA32_CSTAR; u64. */
  CSTAR: 0x4c0,
  /** IA32_FMASK; u64. */
  SFMASK: 0x4c8,
  /** IA32_SYSENTER_CS; u64. */
  SYSENTER_CS: 0x4d0,
  /** IA32_SYSENTER_ESP; u64. */
  SYSENTER_ESP: 0x4d8,
  /** IA32_SYSENTER_EIP; u64. */
  SYSENTER_EIP: 0x4e0,
  /** IA32_PAT; u64. */
  PAT: 0x4e8,
  /** IA32_APIC_BASE; u64. */
  APIC_BASE: 0x4f0,
  /** IA32_FEATURE_CONTROL; u64. */
  FEATURE_CONTROL: 0x4f8,
  /** IA32_MISC_ENABLE; u64. */
  MISC_ENABLE: 0x500,
  /** IA32_DEBUGCTL; u64. */
  DEBUGCTL: 0x508,
  /** IA32_SPEC_CTRL; u64. */
  SPEC_CTRL: 0x510,
  /** IA32_MTRR_DEF_TYPE; u64. */
  MTRR_DEF_TYPE: 0x518,
  /** IA32_MTRR_FIX64K_00000 to FIX4K_F8000; u64 x 11. */
  MTRR_FIXED: 0x520,
  /** IA32_MTRR_PHYSBASE0/PHYSMASK0 to 7; u64 x 16. */
  MTRR_VAR: 0x578,
  /** IA32_BIOS_SIGN_ID: the revision in bits 63:32; u64. */
  MICROCODE: 0x5f8,
  /** performance-counter MSRs of AMD models, storage only; u64 x 8. */
  K7_PMU: 0x600,
  /** IA32_MCG_STATUS; u64. */
  MCG_STATUS: 0x640,
  /** line armed by MONITOR; bit 0 set while armed; u64. */
  MONITOR_HPA: 0x648,
  /** state of RDRAND and RDSEED, from the seed; u64 x 2. */
  RNG_STATE: 0x650,
  /** state of the seeded replacement; u64. */
  TLB_CLOCK: 0x660,
  /** ticks of virtual time spent on event delivery and REP chunks, not on retiring; u64. */
  TICKS_NOT_RETIRED: 0x668,
  /** 0 outside, 1 root, 2 non-root; u32. */
  VMX_OPERATION: 0x670,
  /** 1 while address bit 20 is forced to 0; u32. */
  A20_MASKED: 0x674,
} as const;

export const STATE_USED = 0x678;

/** Slots of GPR, as indices. */
export const SLOT = {
  RAX: 0,
  RCX: 1,
  RDX: 2,
  RBX: 3,
  RSP: 4,
  RBP: 5,
  RSI: 6,
  RDI: 7,
  R8: 8,
  R9: 9,
  R10: 10,
  R11: 11,
  R12: 12,
  R13: 13,
  R14: 14,
  R15: 15,
  ZERO: 16,
  EA_TEMP: 17,
  PAGE_LINEAR: 18,
  ES_BASE: 19,
  CS_BASE: 20,
  SS_BASE: 21,
  DS_BASE: 22,
  FS_BASE: 23,
  GS_BASE: 24,
  LDTR_BASE: 25,
  TR_BASE: 26,
  KERNEL_GS_BASE: 27,
  SLOT_SPARE0: 28,
  SLOT_SPARE1: 29,
  SLOT_SPARE2: 30,
  SLOT_SPARE3: 31,
} as const;

/** Bits of EVENTS. */
export const EVENT = {
  INTR: 1,
  NMI: 2,
  INIT: 4,
  SIPI: 8,
  STOP: 16,
  RESCHEDULE: 32,
} as const;
