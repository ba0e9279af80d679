/**
 * Where Bochs prints another line than our machine in a VMX guest, and why. docs/vmx-guests.md lists
 * these rows with their reasons.
 */
export interface VmxDifference {
  readonly id: string;
  /** The beginning of the line, which both print. */
  readonly head: RegExp;
  /** What follows in Bochs. */
  readonly bochs: RegExp;
  /** "fault": against the SDM. "feature": one of the two lacks something that the SDM lets it lack. */
  readonly kind: "fault" | "feature";
  /** For the documentation: the step, and what our machine and Bochs print of it. */
  readonly step: string;
  readonly ours: string;
  readonly theirs: string;
  readonly reason: string;
}

/** Bochs has ended within the line or before it. */
const CUT_OFF = /^(?!.*: (ok|WRONG))/;

export const VMX_DIFFERENCES: readonly VmxDifference[] = [
  {
    id: "monitor",
    head: /^primary\.(monitor|mwait)_exiting: /,
    bochs: /exit (monitor \(39\)|mwait \(36\)), length 0x3, qualification 0x0: ok$/,
    kind: "feature",
    step: "MONITOR, MWAIT",
    ours: "exit 0, #UD",
    theirs: "exits 39, 36",
    reason: "Bochs has MONITOR and MWAIT, so that the instructions exit; here they raise #UD",
  },
  {
    id: "pending-interrupt",
    head: /^pin\.external_interrupt_exiting: one that is pending at the entry, IF 0/,
    bochs: /exit vmcall \(18\), RIP past start 0x1: WRONG/,
    kind: "fault",
    step: "an interrupt pending at the entry, IF 0",
    ours: "exit 1 at once",
    theirs: "the guest runs",
    reason:
      "with external-interrupt exiting the flag IF does not block interrupts, so that one that waits " +
      "causes its exit before the guest's first instruction; Bochs runs the guest",
  },
  {
    id: "monitor-trap-flag",
    head: /^primary\.monitor_trap_flag: /,
    bochs: /exit vmcall \(18\), .*: WRONG/,
    kind: "fault",
    step: "monitor trap flag",
    ours: "exit 37",
    theirs: "the guest runs",
    reason:
      "with the monitor trap flag an exit is pending at the boundary behind the first instruction, or " +
      "behind the delivery of an injected event; Bochs 2.7 sets the control without an exit",
  },
  {
    id: "no-monitor-trap-flag",
    head: /^(primary\.monitor_trap_flag|event injection: other event 0)/,
    bochs: /not available(: no monitor trap flag)?$/,
    kind: "feature",
    step: "monitor trap flag, on Haswell",
    ours: "exit 37",
    theirs: "not available",
    reason: "Bochs's model of Haswell does not offer the monitor trap flag",
  },
  {
    id: "interrupt-window-in-hlt",
    head: /^primary\.interrupt_window_exiting: a guest that enters in HLT/,
    bochs: /exit preemption_timer \(52\): WRONG/,
    kind: "fault",
    step: "interrupt window in HLT",
    ours: "exit 7",
    theirs: "exit 52",
    reason:
      "an interrupt window opens in HLT as well, and wakes the guest for its exit; in Bochs the guest " +
      "sleeps until the preemption timer ends",
  },
  {
    id: "init",
    head: /^init: /,
    bochs: /exit vmcall \(18\)(, RIP past start 0x1)?: WRONG/,
    kind: "fault",
    step: "INIT",
    ours: "exit 3",
    theirs: "the guest runs",
    reason:
      "INIT is blocked in root operation alone: in a guest it exits, and one that has come before the " +
      "entry waits and exits at once; Bochs does not take it in the guest either",
  },
  {
    id: "guest-table-write",
    head: /^secondary\.enable_ept: a guest page table in a page without the right to write/,
    bochs: /qualification 0x8a: WRONG/,
    kind: "fault",
    step: "a guest page table without the right to write",
    ours: "qualification 0x8b",
    theirs: "qualification 0x8a",
    reason:
      "with accessed and dirty flags of EPT, accesses to guest paging structures count as writes, and " +
      "a violation reports both read and write (bits 0 and 1); Bochs reports the write alone",
  },
  {
    id: "pml-offset",
    head: /^(secondary\.enable_pml: stores to two pages|pml_full: )/,
    bochs: /(last entry|entry 0) 0x4000[01]040.*: WRONG/,
    kind: "fault",
    step: "page-modification log",
    ours: "0x40000000",
    theirs: "0x40000040",
    reason: "bits 11:0 of a logged guest-physical address are 0; Bochs logs the offset as well",
  },
  {
    id: "ve-eptp-index",
    head: /^secondary\.ept_violation_ve: load from a page that is not present/,
    bochs: /EPTP index 0x0; .*: WRONG \(expected EPTP index 0x7\)$/,
    kind: "fault",
    step: "EPTP index of #VE",
    ours: "7",
    theirs: "0",
    reason:
      "a virtualization exception stores the field eptp_index into its information area; Bochs stores " +
      "what its last VMFUNC has left",
  },
  {
    id: "ve-on-haswell",
    head: /^secondary\.ept_violation_ve: the same/,
    bochs: /: ok$/,
    kind: "feature",
    step: "#VE, on Haswell",
    ours: "not available",
    theirs: "as on Skylake",
    reason:
      "Bochs's model of Haswell offers virtualization exceptions; here they begin with Skylake",
  },
  {
    id: "no-mode-based-execute",
    head: /^secondary\.mode_based_execute_ept: /,
    bochs: /not available$/,
    kind: "feature",
    step: "execute rights by mode",
    ours: "as the SDM says",
    theirs: "not available",
    reason: "Bochs 2.7 has no mode-based execute control for EPT",
  },
  {
    id: "spp-misconfiguration",
    head: /^spp_event: an odd bit in the vector of sub-pages/,
    bochs: /exit ept_violation \(48\), qualification 0x0: WRONG/,
    kind: "fault",
    step: "an odd bit in a vector of sub-pages",
    ours: "exit 66",
    theirs: "exit 48",
    reason:
      "the odd bits of a vector of sub-pages are reserved: a set one is an SPPT misconfiguration, exit " +
      "66 with bit 11 clear; Bochs does not look at them, finds the store not permitted and exits by 48",
  },
  {
    id: "no-advanced-information",
    head: /^ept_violation: advanced information/,
    bochs: /not available: no advanced information$/,
    kind: "feature",
    step: "bits 11:9 of an EPT violation",
    ours: "0x600",
    theirs: "not available",
    reason: "Bochs 2.7 has no advanced information for EPT violations",
  },
  {
    id: "no-posted-interrupts",
    head: /^(pin\.process_posted_interrupts|external_interrupt): /,
    bochs: /not available$/,
    kind: "feature",
    step: "posted interrupts",
    ours: "as the SDM says",
    theirs: "not available",
    reason: "Bochs 2.7 does not offer posted interrupts",
  },
  {
    id: "no-debugctl",
    head: /^(entry\.load_debug_controls: guest_ia32_debugctl|exit\.save_debug_controls: the guest sets DEBUGCTL)/,
    bochs: /not available: no IA32_DEBUGCTL$/,
    kind: "feature",
    step: "IA32_DEBUGCTL in entries and exits",
    ours: "as the SDM says",
    theirs: "not available",
    reason: "Bochs 2.7 has no IA32_DEBUGCTL, reading it raises #GP",
  },
  {
    id: "root-vmcall",
    head: /^VMX root: VMCALL/,
    bochs: CUT_OFF,
    kind: "fault",
    step: "VMCALL in root operation",
    ours: "VM-instruction error 1",
    theirs: "ends",
    reason:
      "without the dual-monitor treatment of SMIs VMCALL in root operation fails by ZF; Bochs panics",
  },
  {
    id: "apic-page-fetch",
    head: /^apic_access: jump into the page/,
    bochs: CUT_OFF,
    kind: "fault",
    step: "a jump into the APIC-access page",
    ours: "exit 44, type 2",
    theirs: "ends",
    reason: "a fetch from the APIC-access page exits as an APIC access of type 2; Bochs panics",
  },
  {
    id: "shadow-launch",
    head: /^VM entry: VMLAUNCH of a shadow VMCS/,
    bochs: /VMfailInvalid 0x0: WRONG/,
    kind: "fault",
    step: "VMLAUNCH of a shadow VMCS",
    ours: "CF",
    theirs: "ZF, error 7",
    reason:
      "a current VMCS that is a shadow VMCS makes VMLAUNCH fail as without a current VMCS, by CF; " +
      "Bochs fails by ZF with error 7",
  },
];
