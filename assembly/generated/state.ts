/** Addresses of the current processor's state; written by "npm run generate". */

/** 32 slots: general registers, ZERO, EA_TEMP, PAGE_LINEAR, segment bases. */
export const GPR: u32 = 0x1000;
/** XMM0-XMM15, 16 bytes each. */
export const XMM: u32 = 0x1100;
/** physical x87 registers 0-7: 64-bit significand, then sign and exponent. */
export const FPR: u32 = 0x1200;
/** sign-extended result that ZF, SF and PF derive from. */
export const LF_RES: u32 = 0x1280;
/** bit 31 CF, bit 30 CF xor OF, bit 3 AF, bits 15:8 parity delta, bit 0 SF delta. */
export const LF_AUX: u32 = 0x1288;
/** RFLAGS without OF, SF, ZF, AF, PF, CF. */
export const FLAGS_REST: u32 = 0x128c;
/** instruction pointer; valid between blocks, not inside one. */
export const RIP: u32 = 0x1290;
/** instructions left in this slice, charged a block at a time; i32. */
export const REMAINING: u32 = 0x1298;
/** record of the instruction that called out of the dispatch loop. */
export const CUR_REC: u32 = 0x129c;
/** virtual time at which REMAINING reaches 0. */
export const SLICE_END: u32 = 0x12a0;
/** low bits of front-cache tags that match now (space id and access mode). */
export const FRONT_CTX: u32 = 0x12a8;
/** the same for writes to pages that hold decoded code. */
export const FRONT_CTX_CODE: u32 = 0x12b0;
/** decode mode, epoch and context that entries of the jump cache must carry. */
export const JUMP_CTX: u32 = 0x12b8;
/** mask of linear addresses: 32 bits outside 64-bit mode. */
export const ADDR_MASK: u32 = 0x12c0;
/** linear base of the code segment; 0 in 64-bit mode. */
export const CODE_BASE: u32 = 0x12c8;
/** host-physical address of the page at PAGE_LINEAR. */
export const CODE_HPA: u32 = 0x12d0;
/** decode mode in the upper bits, to be or-ed with a host-physical address. */
export const CODE_KEY: u32 = 0x12d8;
/** 1 while PAGE_LINEAR and CODE_HPA may be used without a TLB look-up. */
export const FETCH_VALID: u32 = 0x12e0;
/** events to look at before the next block; EVENT_* bits. */
export const EVENTS: u32 = 0x12e4;
/** 1 while an exception waits for delivery. */
export const FAULT: u32 = 0x12e8;
/** its vector. */
export const FAULT_VECTOR: u32 = 0x12ec;
/** its error code. */
export const FAULT_ERROR: u32 = 0x12f0;
/** FAULT_HAS_ERROR and the other FAULT_* bits. */
export const FAULT_KIND: u32 = 0x12f4;
/** linear address for a page fault, DR6 bits for a debug exception. */
export const FAULT_CR2: u32 = 0x12f8;
/** instruction length for software interrupts. */
export const FAULT_LENGTH: u32 = 0x1300;
/** bit 0 blocking by STI, bit 1 by MOV SS, bit 3 by NMI. */
export const INTERRUPTIBILITY: u32 = 0x1304;
/** 1 when the instruction just executed set a shadow. */
export const SHADOW_NEW: u32 = 0x1308;
/** DR6 bits of a debug trap to raise after the current instruction. */
export const PENDING_DEBUG: u32 = 0x130c;
/** 1 when the TF loaded by this instruction decides over its own trap. */
export const TF_AT_END: u32 = 0x1310;
/** 0 active, 1 HLT, 2 shutdown, 3 wait-for-SIPI, 4 MWAIT. */
export const ACTIVITY: u32 = 0x1314;
/** vector of the start-up IPI that EVENT_SIPI announces. */
export const SIPI_VECTOR: u32 = 0x1318;
/** SLOW_* bits: reasons to execute one instruction at a time. */
export const SLOW_MODE: u32 = 0x131c;
/** number of this logical processor, also its initial APIC id. */
export const CPU_INDEX: u32 = 0x1320;
/** current privilege level. */
export const CPL: u32 = 0x1324;
/** 0: 16-bit code, 1: 32-bit, 2: 64-bit. */
export const CODE_SIZE: u32 = 0x1328;
/** IA32_EFER.LMA as 0 or 1. */
export const LONG_MODE: u32 = 0x132c;
/** 0 none, 1 32-bit, 2 PAE, 3 4-level, 4 5-level. */
export const PAGING_MODE: u32 = 0x1330;
/** mask of the stack pointer: 16, 32 or 64 bits. */
export const STACK_MASK: u32 = 0x1338;
/** selectors of ES CS SS DS FS GS LDTR TR. */
export const SEG_SELECTOR: u32 = 0x1340;
/** access rights in the VMX format (bit 16: unusable). */
export const SEG_ACCESS: u32 = 0x1360;
/** limits in bytes. */
export const SEG_LIMIT: u32 = 0x1380;
/** linear base of the GDT. */
export const GDTR_BASE: u32 = 0x13a0;
/** linear base of the IDT. */
export const IDTR_BASE: u32 = 0x13a8;
/** limit of the GDT. */
export const GDTR_LIMIT: u32 = 0x13b0;
/** limit of the IDT. */
export const IDTR_LIMIT: u32 = 0x13b4;
/** control register 0. */
export const CR0: u32 = 0x13b8;
/** page-fault linear address. */
export const CR2: u32 = 0x13c0;
/** control register 3. */
export const CR3: u32 = 0x13c8;
/** control register 4. */
export const CR4: u32 = 0x13d0;
/** IA32_EFER. */
export const EFER: u32 = 0x13d8;
/** extended control register 0. */
export const XCR0: u32 = 0x13e0;
/** IA32_XSS. */
export const XSS: u32 = 0x13e8;
/** page-directory-pointer-table entries cached by PAE paging. */
export const PDPTE: u32 = 0x13f0;
/** DR0-DR3, unused, unused, DR6, DR7. */
export const DR: u32 = 0x1410;
/** protection-key rights of user pages. */
export const PKRU: u32 = 0x1450;
/** interned tags {VPID, PCID, EP4TA} of this context. */
export const SPACE_ID: u32 = 0x1454;
/** value of spaceEpoch when SPACE_ID was interned. */
export const SPACE_EPOCH: u32 = 0x1458;
/** the same for global pages. */
export const SPACE_GLOBAL: u32 = 0x145c;
/** the same for guest-physical translations; valid while EPTP is not 0. */
export const SPACE_PHYSICAL: u32 = 0x1460;
/** control bits that front-cache entries were judged by: root, non-root. */
export const FRONT_RIGHTS: u32 = 0x1464;
/** x87 control word. */
export const FCW: u32 = 0x146c;
/** x87 status word without TOP. */
export const FSW: u32 = 0x1470;
/** x87 top of stack, 0-7. */
export const FTOP: u32 = 0x1474;
/** bit n set: physical x87 register n is not empty. */
export const FTW: u32 = 0x1478;
/** last x87 opcode. */
export const FOP: u32 = 0x147c;
/** CR0.EM, CR0.TS folded: nonzero when an x87 or SSE instruction must check. */
export const FPU_TRAP: u32 = 0x1480;
/** nonzero when an SSE instruction must raise #UD or #NM. */
export const SSE_TRAP: u32 = 0x1484;
/** last x87 instruction pointer. */
export const FIP: u32 = 0x1488;
/** last x87 data pointer. */
export const FDP: u32 = 0x1490;
/** SSE control and status. */
export const MXCSR: u32 = 0x1498;
/** what SSE arithmetic may do inline: 0 nothing, 1 exact results, 2 any (cpu/mxcsr.ts). */
export const SSE_FAST: u32 = 0x149c;
/** bit 0: FERR# asserted, as a waiting x87 instruction met a pending exception with CR0.NE clear. */
export const IGNNE: u32 = 0x14a0;
/** added to virtual time to give the time-stamp counter. */
export const TSC_OFFSET: u32 = 0x14a8;
/** IA32_TSC_AUX. */
export const TSC_AUX: u32 = 0x14b0;
/** IA32_TSC_ADJUST. */
export const TSC_ADJUST: u32 = 0x14b8;
/** IA32_STAR. */
export const STAR: u32 = 0x14c0;
/** IA32_LSTAR. */
export const LSTAR: u32 = 0x14c8;
/** IA32_CSTAR. */
export const CSTAR: u32 = 0x14d0;
/** IA32_FMASK. */
export const SFMASK: u32 = 0x14d8;
/** IA32_SYSENTER_CS. */
export const SYSENTER_CS: u32 = 0x14e0;
/** IA32_SYSENTER_ESP. */
export const SYSENTER_ESP: u32 = 0x14e8;
/** IA32_SYSENTER_EIP. */
export const SYSENTER_EIP: u32 = 0x14f0;
/** IA32_PAT. */
export const PAT: u32 = 0x14f8;
/** IA32_APIC_BASE. */
export const APIC_BASE: u32 = 0x1500;
/** IA32_FEATURE_CONTROL. */
export const FEATURE_CONTROL: u32 = 0x1508;
/** IA32_MISC_ENABLE. */
export const MISC_ENABLE: u32 = 0x1510;
/** IA32_DEBUGCTL. */
export const DEBUGCTL: u32 = 0x1518;
/** IA32_MTRR_DEF_TYPE. */
export const MTRR_DEF_TYPE: u32 = 0x1520;
/** IA32_MTRR_FIX64K_00000 to FIX4K_F8000. */
export const MTRR_FIXED: u32 = 0x1528;
/** IA32_MTRR_PHYSBASE0/PHYSMASK0 to 7. */
export const MTRR_VAR: u32 = 0x1580;
/** IA32_BIOS_SIGN_ID: the revision in bits 63:32. */
export const MICROCODE: u32 = 0x1600;
/** performance-counter MSRs of AMD models, storage only. */
export const K7_PMU: u32 = 0x1608;
/** IA32_MCG_STATUS. */
export const MCG_STATUS: u32 = 0x1648;
/** state of RDRAND and RDSEED, from the seed. */
export const RNG_STATE: u32 = 0x1650;
/** state of the seeded replacement. */
export const TLB_CLOCK: u32 = 0x1660;
/** ticks of virtual time spent on event delivery and REP chunks, not on retiring. */
export const TICKS_NOT_RETIRED: u32 = 0x1668;
/** 0 outside, 1 root, 2 non-root. */
export const VMX_OPERATION: u32 = 0x1670;
/** pointer to the data of the current VMCS, or 0. */
export const VMCS_PTR: u32 = 0x1674;
/** VM-entry checks that hold for it while its fields are not written. */
export const VMCS_CHECKED: u32 = 0x1678;
/** slot of an active VMCS to give up next. */
export const VMCS_NEXT_SLOT: u32 = 0x167c;
/** VMXON pointer. */
export const VMXON_HPA: u32 = 0x1680;
/** current-VMCS pointer, all ones when there is none. */
export const VMCS_HPA: u32 = 0x1688;
/** controls in force in VMX non-root operation; 0 outside. */
export const CTL_PIN: u32 = 0x1690;
/** the same for the primary processor-based controls. */
export const CTL_PRIMARY: u32 = 0x1694;
/** the same for the secondary ones; 0 unless activated. */
export const CTL_SECONDARY: u32 = 0x1698;
/** the same for the tertiary ones; 0 unless activated. */
export const CTL_TERTIARY: u32 = 0x169c;
/** VM-exit controls of the current guest. */
export const CTL_EXIT: u32 = 0x16a0;
/** current virtual-processor identifier; 0 outside VMX non-root operation. */
export const VPID: u32 = 0x16a4;
/** EPT pointer in force; 0 without EPT. */
export const EPTP: u32 = 0x16a8;
/** APIC-access page, 1 when accesses are not virtualized. */
export const APIC_ACCESS_HPA: u32 = 0x16b0;
/** APIC_ACCESS_HPA while this processor was last in a guest. */
export const APIC_ACCESS_LAST: u32 = 0x16b8;
/** pointer to the virtual-APIC page, or 0. */
export const VAPIC_PTR: u32 = 0x16c0;
/** requesting virtual interrupt. */
export const RVI: u32 = 0x16c4;
/** servicing virtual interrupt. */
export const SVI: u32 = 0x16c8;
/** what a boundary between instructions has to look at; VMX_EVENT_* bits. */
export const VMX_EVENTS: u32 = 0x16cc;
/** due behind the operation: page offset plus 1 of a virtualized APIC write, an exit, or 0. */
export const APIC_WRITE: u32 = 0x16d0;
/** virtual time at which the preemption timer expires. */
export const TIMER_DEADLINE: u32 = 0x16d8;
/** time stamp at which the preemption timer was loaded. */
export const TIMER_START: u32 = 0x16e0;
/** value that the preemption timer was loaded with. */
export const TIMER_VALUE: u32 = 0x16e8;
/** TSC offset in force; 0 outside VMX non-root operation. */
export const GUEST_TSC_OFFSET: u32 = 0x16f0;
/** TSC multiplier in force; 0 without scaling. */
export const GUEST_TSC_MULTIPLIER: u32 = 0x16f8;
/** time of the first PAUSE of a loop. */
export const PLE_FIRST: u32 = 0x1700;
/** time of its latest PAUSE. */
export const PLE_LAST: u32 = 0x1708;
/** pending VM exit: basic reason. */
export const EXIT_REASON: u32 = 0x1710;
/** its instruction length. */
export const EXIT_LENGTH: u32 = 0x1714;
/** its instruction information. */
export const EXIT_INFO: u32 = 0x1718;
/** its interruption information. */
export const EXIT_INTR_INFO: u32 = 0x171c;
/** its interruption error code. */
export const EXIT_INTR_ERROR: u32 = 0x1720;
/** its qualification. */
export const EXIT_QUALIFICATION: u32 = 0x1728;
/** its guest-linear address. */
export const EXIT_GLA: u32 = 0x1730;
/** its guest-physical address. */
export const EXIT_GPA: u32 = 0x1738;
/** 1 while an IRET that ended blocking by NMI may still fault. */
export const NMI_UNBLOCKED: u32 = 0x1740;
/** 1 while the event that VM entry injects is being delivered. */
export const INJECTING: u32 = 0x1744;
/** 1 when a walk ended in a VM exit or #VE, not in a page fault. */
export const WALK_EXIT: u32 = 0x1748;
/** 1 while an event is being delivered through the IDT. */
export const DELIVERING: u32 = 0x174c;
/** 1 when the host of VM exits is the embedder: an exit ends the run loop. */
export const L0_HOST: u32 = 0x1750;
/** 1 while address bit 20 is forced to 0. */
export const A20_MASKED: u32 = 0x1754;

/** Bytes of the state in use. */
export const STATE_USED: u32 = 0x758;

// Slots of GPR, as byte offsets.
export const SLOT_RAX: u32 = 0;
export const SLOT_RCX: u32 = 8;
export const SLOT_RDX: u32 = 16;
export const SLOT_RBX: u32 = 24;
export const SLOT_RSP: u32 = 32;
export const SLOT_RBP: u32 = 40;
export const SLOT_RSI: u32 = 48;
export const SLOT_RDI: u32 = 56;
export const SLOT_R8: u32 = 64;
export const SLOT_R9: u32 = 72;
export const SLOT_R10: u32 = 80;
export const SLOT_R11: u32 = 88;
export const SLOT_R12: u32 = 96;
export const SLOT_R13: u32 = 104;
export const SLOT_R14: u32 = 112;
export const SLOT_R15: u32 = 120;
export const SLOT_ZERO: u32 = 128;
export const SLOT_EA_TEMP: u32 = 136;
export const SLOT_PAGE_LINEAR: u32 = 144;
export const SLOT_ES_BASE: u32 = 152;
export const SLOT_CS_BASE: u32 = 160;
export const SLOT_SS_BASE: u32 = 168;
export const SLOT_DS_BASE: u32 = 176;
export const SLOT_FS_BASE: u32 = 184;
export const SLOT_GS_BASE: u32 = 192;
export const SLOT_LDTR_BASE: u32 = 200;
export const SLOT_TR_BASE: u32 = 208;
export const SLOT_KERNEL_GS_BASE: u32 = 216;
export const SLOT_SPARE0: u32 = 224;
export const SLOT_SPARE1: u32 = 232;
export const SLOT_SPARE2: u32 = 240;
export const SLOT_SPARE3: u32 = 248;

// Bits of EVENTS.
export const EVENT_INTR: u32 = 1;
export const EVENT_NMI: u32 = 2;
export const EVENT_INIT: u32 = 4;
export const EVENT_SIPI: u32 = 8;
export const EVENT_STOP: u32 = 16;
export const EVENT_RESCHEDULE: u32 = 32;
export const EVENT_VMX: u32 = 64;
