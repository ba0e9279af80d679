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
  /** decode mode, epoch and context that entries of the jump cache must carry; u64. */
  JUMP_CTX: 0x2b8,
  /** mask of linear addresses: 32 bits outside 64-bit mode; u64. */
  ADDR_MASK: 0x2c0,
  /** linear base of the code segment; 0 in 64-bit mode; u64. */
  CODE_BASE: 0x2c8,
  /** host-physical address of the page at PAGE_LINEAR; u64. */
  CODE_HPA: 0x2d0,
  /** decode mode in the upper bits, to be or-ed with a host-physical address; u64. */
  CODE_KEY: 0x2d8,
  /** 1 while PAGE_LINEAR and CODE_HPA may be used without a TLB look-up; u32. */
  FETCH_VALID: 0x2e0,
  /** events to look at before the next block; EVENT_* bits; u32. */
  EVENTS: 0x2e4,
  /** 1 while an exception waits for delivery; u32. */
  FAULT: 0x2e8,
  /** its vector; u32. */
  FAULT_VECTOR: 0x2ec,
  /** its error code; u32. */
  FAULT_ERROR: 0x2f0,
  /** FAULT_HAS_ERROR and the other FAULT_* bits; u32. */
  FAULT_KIND: 0x2f4,
  /** linear address for a page fault, DR6 bits for a debug exception; u64. */
  FAULT_CR2: 0x2f8,
  /** instruction length for software interrupts; u32. */
  FAULT_LENGTH: 0x300,
  /** bit 0 blocking by STI, bit 1 by MOV SS, bit 3 by NMI; u32. */
  INTERRUPTIBILITY: 0x304,
  /** 1 when the instruction just executed set a shadow; u32. */
  SHADOW_NEW: 0x308,
  /** DR6 bits of a debug trap to raise after the current instruction; u32. */
  PENDING_DEBUG: 0x30c,
  /** 1 when the TF loaded by this instruction decides over its own trap; u32. */
  TF_AT_END: 0x310,
  /** 0 active, 1 HLT, 2 shutdown, 3 wait-for-SIPI, 4 MWAIT; u32. */
  ACTIVITY: 0x314,
  /** vector of the start-up IPI that EVENT_SIPI announces; u32. */
  SIPI_VECTOR: 0x318,
  /** SLOW_* bits: reasons to execute one instruction at a time; u32. */
  SLOW_MODE: 0x31c,
  /** number of this logical processor, also its initial APIC id; u32. */
  CPU_INDEX: 0x320,
  /** current privilege level; u32. */
  CPL: 0x324,
  /** 0: 16-bit code, 1: 32-bit, 2: 64-bit; u32. */
  CODE_SIZE: 0x328,
  /** IA32_EFER.LMA as 0 or 1; u32. */
  LONG_MODE: 0x32c,
  /** 0 none, 1 32-bit, 2 PAE, 3 4-level, 4 5-level; u32. */
  PAGING_MODE: 0x330,
  /** mask of the stack pointer: 16, 32 or 64 bits; u64. */
  STACK_MASK: 0x338,
  /** selectors of ES CS SS DS FS GS LDTR TR; u32 x 8. */
  SEG_SELECTOR: 0x340,
  /** access rights in the VMX format (bit 16: unusable); u32 x 8. */
  SEG_ACCESS: 0x360,
  /** limits in bytes; u32 x 8. */
  SEG_LIMIT: 0x380,
  /** linear base of the GDT; u64. */
  GDTR_BASE: 0x3a0,
  /** linear base of the IDT; u64. */
  IDTR_BASE: 0x3a8,
  /** limit of the GDT; u32. */
  GDTR_LIMIT: 0x3b0,
  /** limit of the IDT; u32. */
  IDTR_LIMIT: 0x3b4,
  /** control register 0; u64. */
  CR0: 0x3b8,
  /** page-fault linear address; u64. */
  CR2: 0x3c0,
  /** control register 3; u64. */
  CR3: 0x3c8,
  /** control register 4; u64. */
  CR4: 0x3d0,
  /** IA32_EFER; u64. */
  EFER: 0x3d8,
  /** extended control register 0; u64. */
  XCR0: 0x3e0,
  /** IA32_XSS; u64. */
  XSS: 0x3e8,
  /** page-directory-pointer-table entries cached by PAE paging; u64 x 4. */
  PDPTE: 0x3f0,
  /** DR0-DR3, unused, unused, DR6, DR7; u64 x 8. */
  DR: 0x410,
  /** protection-key rights of user pages; u32. */
  PKRU: 0x450,
  /** interned tags {VPID, PCID, EP4TA} of this context; u32. */
  SPACE_ID: 0x454,
  /** value of spaceEpoch when SPACE_ID was interned; u32. */
  SPACE_EPOCH: 0x458,
  /** the same for global pages; u32. */
  SPACE_GLOBAL: 0x45c,
  /** the same for guest-physical translations; valid while EPTP is not 0; u32. */
  SPACE_PHYSICAL: 0x460,
  /** control bits that front-cache entries were judged by: root, non-root; u32 x 2. */
  FRONT_RIGHTS: 0x464,
  /** x87 control word; u32. */
  FCW: 0x46c,
  /** x87 status word without TOP; u32. */
  FSW: 0x470,
  /** x87 top of stack, 0-7; u32. */
  FTOP: 0x474,
  /** bit n set: physical x87 register n is not empty; u32. */
  FTW: 0x478,
  /** last x87 opcode; u32. */
  FOP: 0x47c,
  /** CR0.EM, CR0.TS folded: nonzero when an x87 or SSE instruction must check; u32. */
  FPU_TRAP: 0x480,
  /** nonzero when an SSE instruction must raise #UD or #NM; u32. */
  SSE_TRAP: 0x484,
  /** last x87 instruction pointer; u64. */
  FIP: 0x488,
  /** last x87 data pointer; u64. */
  FDP: 0x490,
  /** SSE control and status; u32. */
  MXCSR: 0x498,
  /** what SSE arithmetic may do inline: 0 nothing, 1 exact results, 2 any (cpu/mxcsr.ts); u32. */
  SSE_FAST: 0x49c,
  /** bit 0: FERR# asserted, as a waiting x87 instruction met a pending exception with CR0.NE clear; u32. */
  IGNNE: 0x4a0,
  /** added to virtual time to give the time-stamp counter; u64. */
  TSC_OFFSET: 0x4a8,
  /** IA32_TSC_AUX; u64. */
  TSC_AUX: 0x4b0,
  /** IA32_TSC_ADJUST; u64. */
  TSC_ADJUST: 0x4b8,
  /** IA32_STAR; u64. */
  STAR: 0x4c0,
  /** IA32_LSTAR; u64. */
  LSTAR: 0x4c8,
  /** IA32_CSTAR; u64. */
  CSTAR: 0x4d0,
  /** IA32_FMASK; u64. */
  SFMASK: 0x4d8,
  /** IA32_SYSENTER_CS; u64. */
  SYSENTER_CS: 0x4e0,
  /** IA32_SYSENTER_ESP; u64. */
  SYSENTER_ESP: 0x4e8,
  /** IA32_SYSENTER_EIP; u64. */
  SYSENTER_EIP: 0x4f0,
  /** IA32_PAT; u64. */
  PAT: 0x4f8,
  /** IA32_APIC_BASE; u64. */
  APIC_BASE: 0x500,
  /** IA32_FEATURE_CONTROL; u64. */
  FEATURE_CONTROL: 0x508,
  /** IA32_MISC_ENABLE; u64. */
  MISC_ENABLE: 0x510,
  /** IA32_DEBUGCTL; u64. */
  DEBUGCTL: 0x518,
  /** IA32_MTRR_DEF_TYPE; u64. */
  MTRR_DEF_TYPE: 0x520,
  /** IA32_MTRR_FIX64K_00000 to FIX4K_F8000; u64 x 11. */
  MTRR_FIXED: 0x528,
  /** IA32_MTRR_PHYSBASE0/PHYSMASK0 to 7; u64 x 16. */
  MTRR_VAR: 0x580,
  /** IA32_BIOS_SIGN_ID: the revision in bits 63:32; u64. */
  MICROCODE: 0x600,
  /** performance-counter MSRs of AMD models, storage only; u64 x 8. */
  K7_PMU: 0x608,
  /** IA32_MCG_STATUS; u64. */
  MCG_STATUS: 0x648,
  /** state of RDRAND and RDSEED, from the seed; u64 x 2. */
  RNG_STATE: 0x650,
  /** state of the seeded replacement; u64. */
  TLB_CLOCK: 0x660,
  /** ticks of virtual time spent on event delivery and REP chunks, not on retiring; u64. */
  TICKS_NOT_RETIRED: 0x668,
  /** 0 outside, 1 root, 2 non-root; u32. */
  VMX_OPERATION: 0x670,
  /** pointer to the data of the current VMCS, or 0; u32. */
  VMCS_PTR: 0x674,
  /** VM-entry checks that hold for it while its fields are not written; u32. */
  VMCS_CHECKED: 0x678,
  /** slot of an active VMCS to give up next; u32. */
  VMCS_NEXT_SLOT: 0x67c,
  /** VMXON pointer; u64. */
  VMXON_HPA: 0x680,
  /** current-VMCS pointer, all ones when there is none; u64. */
  VMCS_HPA: 0x688,
  /** controls in force in VMX non-root operation; 0 outside; u32. */
  CTL_PIN: 0x690,
  /** the same for the primary processor-based controls; u32. */
  CTL_PRIMARY: 0x694,
  /** the same for the secondary ones; 0 unless activated; u32. */
  CTL_SECONDARY: 0x698,
  /** the same for the tertiary ones; 0 unless activated; u32. */
  CTL_TERTIARY: 0x69c,
  /** VM-exit controls of the current guest; u32. */
  CTL_EXIT: 0x6a0,
  /** current virtual-processor identifier; 0 outside VMX non-root operation; u32. */
  VPID: 0x6a4,
  /** EPT pointer in force; 0 without EPT; u64. */
  EPTP: 0x6a8,
  /** APIC-access page, 1 when accesses are not virtualized; u64. */
  APIC_ACCESS_HPA: 0x6b0,
  /** APIC_ACCESS_HPA while this processor was last in a guest; u64. */
  APIC_ACCESS_LAST: 0x6b8,
  /** pointer to the virtual-APIC page, or 0; u32. */
  VAPIC_PTR: 0x6c0,
  /** requesting virtual interrupt; u32. */
  RVI: 0x6c4,
  /** servicing virtual interrupt; u32. */
  SVI: 0x6c8,
  /** what a boundary between instructions has to look at; VMX_EVENT_* bits; u32. */
  VMX_EVENTS: 0x6cc,
  /** due behind the operation: page offset plus 1 of a virtualized APIC write, an exit, or 0; u32. */
  APIC_WRITE: 0x6d0,
  /** virtual time at which the preemption timer expires; u64. */
  TIMER_DEADLINE: 0x6d8,
  /** time stamp at which the preemption timer was loaded; u64. */
  TIMER_START: 0x6e0,
  /** value that the preemption timer was loaded with; u32. */
  TIMER_VALUE: 0x6e8,
  /** TSC offset in force; 0 outside VMX non-root operation; u64. */
  GUEST_TSC_OFFSET: 0x6f0,
  /** TSC multiplier in force; 0 without scaling; u64. */
  GUEST_TSC_MULTIPLIER: 0x6f8,
  /** time of the first PAUSE of a loop; u64. */
  PLE_FIRST: 0x700,
  /** time of its latest PAUSE; u64. */
  PLE_LAST: 0x708,
  /** pending VM exit: basic reason; u32. */
  EXIT_REASON: 0x710,
  /** its instruction length; u32. */
  EXIT_LENGTH: 0x714,
  /** its instruction information; u32. */
  EXIT_INFO: 0x718,
  /** its interruption information; u32. */
  EXIT_INTR_INFO: 0x71c,
  /** its interruption error code; u32. */
  EXIT_INTR_ERROR: 0x720,
  /** its qualification; u64. */
  EXIT_QUALIFICATION: 0x728,
  /** its guest-linear address; u64. */
  EXIT_GLA: 0x730,
  /** its guest-physical address; u64. */
  EXIT_GPA: 0x738,
  /** 1 while an IRET that ended blocking by NMI may still fault; u32. */
  NMI_UNBLOCKED: 0x740,
  /** 1 while the event that VM entry injects is being delivered; u32. */
  INJECTING: 0x744,
  /** 1 when a walk ended in a VM exit or #VE, not in a page fault; u32. */
  WALK_EXIT: 0x748,
  /** 1 while an event is being delivered through the IDT; u32. */
  DELIVERING: 0x74c,
  /** 1 when the host of VM exits is the embedder: an exit ends the run loop; u32. */
  L0_HOST: 0x750,
  /** 1 while address bit 20 is forced to 0; u32. */
  A20_MASKED: 0x754,
} as const;

export const STATE_USED = 0x758;

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
  VMX: 64,
} as const;
