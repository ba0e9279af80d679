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
  readonly reason: string;
}

export const VMX_DIFFERENCES: readonly VmxDifference[] = [
  {
    id: "monitor",
    head: /^primary\.(monitor|mwait)_exiting: /,
    bochs: /exit (monitor \(39\)|mwait \(36\)), length 0x3, qualification 0x0: ok$/,
    kind: "feature",
    reason: "Bochs has MONITOR and MWAIT, so that the instructions exit; here they raise #UD",
  },
  {
    id: "pending-interrupt",
    head: /^pin\.external_interrupt_exiting: one that is pending at the entry, IF 0/,
    bochs: /exit vmcall \(18\), RIP past start 0x1: WRONG/,
    kind: "fault",
    reason:
      "with external-interrupt exiting the flag IF does not block interrupts, so that one that waits " +
      "causes its exit before the guest's first instruction; Bochs runs the guest",
  },
  {
    id: "monitor-trap-flag",
    head: /^primary\.monitor_trap_flag: /,
    bochs: /exit vmcall \(18\), .*: WRONG/,
    kind: "fault",
    reason:
      "with the monitor trap flag an exit is pending at the boundary behind the first instruction, or " +
      "behind the delivery of an injected event; Bochs 2.7 sets the control without an exit",
  },
  {
    id: "no-monitor-trap-flag",
    head: /^(primary\.monitor_trap_flag|event injection: other event 0)/,
    bochs: /not available(: no monitor trap flag)?$/,
    kind: "feature",
    reason: "Bochs's model of Haswell does not offer the monitor trap flag",
  },
  {
    id: "interrupt-window-in-hlt",
    head: /^primary\.interrupt_window_exiting: a guest that enters in HLT/,
    bochs: /exit preemption_timer \(52\): WRONG/,
    kind: "fault",
    reason:
      "an interrupt window opens in HLT as well, and wakes the guest for its exit; in Bochs the guest " +
      "sleeps until the preemption timer ends",
  },
  {
    id: "init",
    head: /^init: /,
    bochs: /exit vmcall \(18\)(, RIP past start 0x1)?: WRONG/,
    kind: "fault",
    reason:
      "INIT is blocked in root operation alone: in a guest it exits, and one that has come before the " +
      "entry waits and exits at once; Bochs keeps it blocked in the guest as well",
  },
  {
    id: "guest-table-write",
    head: /^secondary\.enable_ept: a guest page table in a page without the right to write/,
    bochs: /qualification 0x8a: WRONG/,
    kind: "fault",
    reason:
      "with accessed and dirty flags of EPT, accesses to guest paging structures count as writes, and " +
      "a violation reports both read and write (bits 0 and 1); Bochs reports the write alone",
  },
  {
    id: "pml-offset",
    head: /^(secondary\.enable_pml: stores to two pages|pml_full: )/,
    bochs: /(last entry|entry 0) 0x4000[01]040.*: WRONG/,
    kind: "fault",
    reason: "bits 11:0 of a logged guest-physical address are 0; Bochs logs the offset as well",
  },
  {
    id: "ve-eptp-index",
    head: /^secondary\.ept_violation_ve: load from a page that is not present/,
    bochs: /EPTP index 0x0; .*: WRONG \(expected EPTP index 0x7\)$/,
    kind: "fault",
    reason:
      "a virtualization exception stores the field eptp_index into its information area; Bochs stores " +
      "what its last VMFUNC has left",
  },
  {
    id: "ve-on-haswell",
    head: /^secondary\.ept_violation_ve: the same/,
    bochs: /: ok$/,
    kind: "feature",
    reason:
      "Bochs's model of Haswell offers virtualization exceptions; here they begin with Skylake",
  },
  {
    id: "no-mode-based-execute",
    head: /^secondary\.mode_based_execute_ept: /,
    bochs: /not available$/,
    kind: "feature",
    reason: "Bochs 2.7 has no mode-based execute control for EPT",
  },
  {
    id: "spp-misconfiguration",
    head: /^spp_event: an odd bit in the vector of sub-pages/,
    bochs: /exit ept_violation \(48\), qualification 0x0: WRONG/,
    kind: "fault",
    reason:
      "the odd bits of a vector of sub-pages are reserved: a set one is an SPPT misconfiguration, exit " +
      "66 with bit 11 clear; Bochs does not look at them, finds the store not permitted and exits by 48",
  },
  {
    id: "no-advanced-information",
    head: /^ept_violation: advanced information/,
    bochs: /not available: no advanced information$/,
    kind: "feature",
    reason: "Bochs 2.7 has no advanced information for EPT violations",
  },
  {
    id: "no-posted-interrupts",
    head: /^(pin\.process_posted_interrupts|external_interrupt): /,
    bochs: /not available$/,
    kind: "feature",
    reason: "Bochs 2.7 does not offer posted interrupts",
  },
  {
    id: "no-debugctl",
    head: /^(entry\.load_debug_controls: guest_ia32_debugctl|exit\.save_debug_controls: the guest sets DEBUGCTL)/,
    bochs: /not available: no IA32_DEBUGCTL$/,
    kind: "feature",
    reason: "Bochs 2.7 has no IA32_DEBUGCTL, reading it raises #GP",
  },
  {
    id: "shadow-launch",
    head: /^VM entry: VMLAUNCH of a shadow VMCS/,
    bochs: /VMfailInvalid 0x0: WRONG/,
    kind: "fault",
    reason:
      "a current VMCS that is a shadow VMCS makes VMLAUNCH fail as without a current VMCS, by CF; " +
      "Bochs fails by ZF with error 7",
  },
];
