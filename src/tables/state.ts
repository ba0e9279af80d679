/**
 * The state of one logical processor as it lies in linear memory.
 *
 * Each row is one field; `npm run generate` lays them out and writes the same offsets for the core
 * (assembly/generated/state.ts) and for the host (src/generated/state.ts).
 * The current logical processor's state stands at a fixed address; the others are parked in CPU_SAVE.
 */

export type StateType = "u8" | "u16" | "u32" | "u64";

export interface StateRow {
  readonly name: string;
  readonly type: StateType;
  /** Number of elements; 1 unless the field is an array. */
  readonly count: number;
  readonly note: string;
}

function field(name: string, type: StateType, note: string, count = 1): StateRow {
  return { name, type, count, note };
}

/** Slot numbers of the 8-byte register file that effective-address arithmetic reads. */
export const SLOTS = [
  ..."RAX RCX RDX RBX RSP RBP RSI RDI R8 R9 R10 R11 R12 R13 R14 R15".split(" "),
  "ZERO",
  "EA_TEMP",
  "PAGE_LINEAR",
  ..."ES_BASE CS_BASE SS_BASE DS_BASE FS_BASE GS_BASE LDTR_BASE TR_BASE".split(" "),
  "KERNEL_GS_BASE",
  "SLOT_SPARE0",
  "SLOT_SPARE1",
  "SLOT_SPARE2",
  "SLOT_SPARE3",
] as const;

export const STATE_ROWS: readonly StateRow[] = [
  field("GPR", "u64", "32 slots: general registers, ZERO, EA_TEMP, PAGE_LINEAR, segment bases", 32),
  field("XMM", "u64", "XMM0-XMM15, 16 bytes each", 32),
  field("FPR", "u64", "physical x87 registers 0-7: 64-bit significand, then sign and exponent", 16),

  field("LF_RES", "u64", "sign-extended result that ZF, SF and PF derive from"),
  field(
    "LF_AUX",
    "u32",
    "bit 31 CF, bit 30 CF xor OF, bit 3 AF, bits 15:8 parity delta, bit 0 SF delta",
  ),
  field("FLAGS_REST", "u32", "RFLAGS without OF, SF, ZF, AF, PF, CF"),
  field("RIP", "u64", "instruction pointer; valid between blocks, not inside one"),

  field("REMAINING", "u32", "instructions left in this slice, charged a block at a time; i32"),
  field("CUR_REC", "u32", "record of the instruction that called out of the dispatch loop"),
  field("SLICE_END", "u64", "virtual time at which REMAINING reaches 0"),
  field(
    "FRONT_CTX",
    "u64",
    "low bits of front-cache tags that match now (space id and access mode)",
  ),
  field("FRONT_CTX_CODE", "u64", "the same for writes to pages that hold decoded code"),
  field(
    "JUMP_CTX",
    "u64",
    "decode mode, epoch and context that entries of the jump cache must carry",
  ),
  field("ADDR_MASK", "u64", "mask of linear addresses: 32 bits outside 64-bit mode"),
  field("CODE_BASE", "u64", "linear base of the code segment; 0 in 64-bit mode"),
  field("CODE_HPA", "u64", "host-physical address of the page at PAGE_LINEAR"),
  field(
    "CODE_KEY",
    "u64",
    "decode mode in the upper bits, to be or-ed with a host-physical address",
  ),
  field("FETCH_VALID", "u32", "1 while PAGE_LINEAR and CODE_HPA may be used without a TLB look-up"),
  field("EVENTS", "u32", "events to look at before the next block; EVENT_* bits"),

  field("FAULT", "u32", "1 while an exception waits for delivery"),
  field("FAULT_VECTOR", "u32", "its vector"),
  field("FAULT_ERROR", "u32", "its error code"),
  field("FAULT_KIND", "u32", "FAULT_HAS_ERROR and the other FAULT_* bits"),
  field("FAULT_CR2", "u64", "linear address for a page fault, DR6 bits for a debug exception"),
  field("FAULT_LENGTH", "u32", "instruction length for software interrupts"),
  field("INTERRUPTIBILITY", "u32", "bit 0 blocking by STI, bit 1 by MOV SS, bit 3 by NMI"),
  field("SHADOW_NEW", "u32", "1 when the instruction just executed set a shadow"),
  field("PENDING_DEBUG", "u32", "DR6 bits of a debug trap to raise after the current instruction"),
  field("TF_AT_END", "u32", "1 when the TF loaded by this instruction decides over its own trap"),
  field("ACTIVITY", "u32", "0 active, 1 HLT, 2 shutdown, 3 wait-for-SIPI, 4 MWAIT"),
  field("SIPI_VECTOR", "u32", "vector of the start-up IPI that EVENT_SIPI announces"),
  field("SLOW_MODE", "u32", "SLOW_* bits: reasons to execute one instruction at a time"),
  field("CPU_INDEX", "u32", "number of this logical processor, also its initial APIC id"),

  field("CPL", "u32", "current privilege level"),
  field("CODE_SIZE", "u32", "0: 16-bit code, 1: 32-bit, 2: 64-bit"),
  field("LONG_MODE", "u32", "IA32_EFER.LMA as 0 or 1"),
  field("PAGING_MODE", "u32", "0 none, 1 32-bit, 2 PAE, 3 4-level, 4 5-level"),
  field("STACK_MASK", "u64", "mask of the stack pointer: 16, 32 or 64 bits"),
  field("SEG_SELECTOR", "u32", "selectors of ES CS SS DS FS GS LDTR TR", 8),
  field("SEG_ACCESS", "u32", "access rights in the VMX format (bit 16: unusable)", 8),
  field("SEG_LIMIT", "u32", "limits in bytes", 8),
  field("GDTR_BASE", "u64", "linear base of the GDT"),
  field("IDTR_BASE", "u64", "linear base of the IDT"),
  field("GDTR_LIMIT", "u32", "limit of the GDT"),
  field("IDTR_LIMIT", "u32", "limit of the IDT"),

  field("CR0", "u64", "control register 0"),
  field("CR2", "u64", "page-fault linear address"),
  field("CR3", "u64", "control register 3"),
  field("CR4", "u64", "control register 4"),
  field("EFER", "u64", "IA32_EFER"),
  field("XCR0", "u64", "extended control register 0"),
  field("XSS", "u64", "IA32_XSS"),
  field("PDPTE", "u64", "page-directory-pointer-table entries cached by PAE paging", 4),
  field("DR", "u64", "DR0-DR3, unused, unused, DR6, DR7", 8),
  field("PKRU", "u32", "protection-key rights of user pages"),
  field("SPACE_ID", "u32", "interned tags {VPID, PCID, EP4TA} of this context"),
  field("SPACE_EPOCH", "u32", "value of spaceEpoch when SPACE_ID was interned"),
  field("SPACE_GLOBAL", "u32", "the same for global pages"),
  field(
    "SPACE_PHYSICAL",
    "u32",
    "the same for guest-physical translations; valid while EPTP is not 0",
  ),
  field(
    "FRONT_RIGHTS",
    "u32",
    "control bits that front-cache entries were judged by: root, non-root",
    2,
  ),

  field("FCW", "u32", "x87 control word"),
  field("FSW", "u32", "x87 status word without TOP"),
  field("FTOP", "u32", "x87 top of stack, 0-7"),
  field("FTW", "u32", "bit n set: physical x87 register n is not empty"),
  field("FOP", "u32", "last x87 opcode"),
  field(
    "FPU_TRAP",
    "u32",
    "CR0.EM, CR0.TS folded: nonzero when an x87 or SSE instruction must check",
  ),
  field("SSE_TRAP", "u32", "nonzero when an SSE instruction must raise #UD or #NM"),
  field("FIP", "u64", "last x87 instruction pointer"),
  field("FDP", "u64", "last x87 data pointer"),
  field("MXCSR", "u32", "SSE control and status"),
  field(
    "SSE_FAST",
    "u32",
    "what SSE arithmetic may do inline: 0 nothing, 1 exact results, 2 any (cpu/mxcsr.ts)",
  ),
  field(
    "IGNNE",
    "u32",
    "bit 0: FERR# asserted, as a waiting x87 instruction met a pending exception with CR0.NE clear",
  ),

  field("TSC_OFFSET", "u64", "added to virtual time to give the time-stamp counter"),
  field("TSC_AUX", "u64", "IA32_TSC_AUX"),
  field("TSC_ADJUST", "u64", "IA32_TSC_ADJUST"),
  field("STAR", "u64", "IA32_STAR"),
  field("LSTAR", "u64", "IA32_LSTAR"),
  field("CSTAR", "u64", "IA32_CSTAR"),
  field("SFMASK", "u64", "IA32_FMASK"),
  field("SYSENTER_CS", "u64", "IA32_SYSENTER_CS"),
  field("SYSENTER_ESP", "u64", "IA32_SYSENTER_ESP"),
  field("SYSENTER_EIP", "u64", "IA32_SYSENTER_EIP"),
  field("PAT", "u64", "IA32_PAT"),
  field("APIC_BASE", "u64", "IA32_APIC_BASE"),
  field("FEATURE_CONTROL", "u64", "IA32_FEATURE_CONTROL"),
  field("MISC_ENABLE", "u64", "IA32_MISC_ENABLE"),
  field("DEBUGCTL", "u64", "IA32_DEBUGCTL"),
  field("MTRR_DEF_TYPE", "u64", "IA32_MTRR_DEF_TYPE"),
  field("MTRR_FIXED", "u64", "IA32_MTRR_FIX64K_00000 to FIX4K_F8000", 11),
  field("MTRR_VAR", "u64", "IA32_MTRR_PHYSBASE0/PHYSMASK0 to 7", 16),
  field("MICROCODE", "u64", "IA32_BIOS_SIGN_ID: the revision in bits 63:32"),
  field("K7_PMU", "u64", "performance-counter MSRs of AMD models, storage only", 8),
  field("MCG_STATUS", "u64", "IA32_MCG_STATUS"),
  field("RNG_STATE", "u64", "state of RDRAND and RDSEED, from the seed", 2),

  field("TLB_CLOCK", "u64", "state of the seeded replacement"),
  field(
    "TICKS_NOT_RETIRED",
    "u64",
    "ticks of virtual time spent on event delivery and REP chunks, not on retiring",
  ),
  field("VMX_OPERATION", "u32", "0 outside, 1 root, 2 non-root"),
  field("VMCS_PTR", "u32", "pointer to the data of the current VMCS, or 0"),
  field("VMCS_CHECKED", "u32", "VM-entry checks that hold for it while its fields are not written"),
  field("VMCS_NEXT_SLOT", "u32", "slot of an active VMCS to give up next"),
  field("VMXON_HPA", "u64", "VMXON pointer"),
  field("VMCS_HPA", "u64", "current-VMCS pointer, all ones when there is none"),
  field("CTL_PIN", "u32", "controls in force in VMX non-root operation; 0 outside"),
  field("CTL_PRIMARY", "u32", "the same for the primary processor-based controls"),
  field("CTL_SECONDARY", "u32", "the same for the secondary ones; 0 unless activated"),
  field("CTL_TERTIARY", "u32", "the same for the tertiary ones; 0 unless activated"),
  field("CTL_EXIT", "u32", "VM-exit controls of the current guest"),
  field("VPID", "u32", "current virtual-processor identifier; 0 outside VMX non-root operation"),
  field("EPTP", "u64", "EPT pointer in force; 0 without EPT"),
  field("APIC_ACCESS_HPA", "u64", "APIC-access page, 1 when accesses are not virtualized"),
  field("APIC_ACCESS_LAST", "u64", "APIC_ACCESS_HPA while this processor was last in a guest"),
  field("VAPIC_PTR", "u32", "pointer to the virtual-APIC page, or 0"),
  field("RVI", "u32", "requesting virtual interrupt"),
  field("SVI", "u32", "servicing virtual interrupt"),
  field(
    "VMX_EVENTS",
    "u32",
    "what a boundary between instructions has to look at; VMX_EVENT_* bits",
  ),
  field(
    "APIC_WRITE",
    "u32",
    "due behind the operation: page offset plus 1 of a virtualized APIC write, an exit, or 0",
  ),
  field("TIMER_DEADLINE", "u64", "virtual time at which the preemption timer expires"),
  field("TIMER_START", "u64", "time stamp at which the preemption timer was loaded"),
  field("TIMER_VALUE", "u32", "value that the preemption timer was loaded with"),
  field("GUEST_TSC_OFFSET", "u64", "TSC offset in force; 0 outside VMX non-root operation"),
  field("GUEST_TSC_MULTIPLIER", "u64", "TSC multiplier in force; 0 without scaling"),
  field("PLE_FIRST", "u64", "time of the first PAUSE of a loop"),
  field("PLE_LAST", "u64", "time of its latest PAUSE"),
  field("EXIT_REASON", "u32", "pending VM exit: basic reason"),
  field("EXIT_LENGTH", "u32", "its instruction length"),
  field("EXIT_INFO", "u32", "its instruction information"),
  field("EXIT_INTR_INFO", "u32", "its interruption information"),
  field("EXIT_INTR_ERROR", "u32", "its interruption error code"),
  field("EXIT_QUALIFICATION", "u64", "its qualification"),
  field("EXIT_GLA", "u64", "its guest-linear address"),
  field("EXIT_GPA", "u64", "its guest-physical address"),
  field("NMI_UNBLOCKED", "u32", "1 while an IRET that ended blocking by NMI may still fault"),
  field("INJECTING", "u32", "1 while the event that VM entry injects is being delivered"),
  field("WALK_EXIT", "u32", "1 when a walk ended in a VM exit or #VE, not in a page fault"),
  field("DELIVERING", "u32", "1 while an event is being delivered through the IDT"),
  field("L0_HOST", "u32", "1 when the host of VM exits is the embedder: an exit ends the run loop"),
  field("A20_MASKED", "u32", "1 while address bit 20 is forced to 0"),
];

/** Event bits of the EVENTS word. */
export const EVENT_BITS = {
  INTR: 1 << 0,
  NMI: 1 << 1,
  INIT: 1 << 2,
  SIPI: 1 << 3,
  STOP: 1 << 4,
  RESCHEDULE: 1 << 5,
  VMX: 1 << 6,
} as const;
