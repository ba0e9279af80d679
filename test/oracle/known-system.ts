/**
 * Where other emulators do otherwise than the SDM says, so that the system-mode oracle expects it.
 * A rule names lines as our machine prints them, under the headings that they stand under.
 */
export interface SystemDifference {
  readonly emulator: "QEMU" | "Bochs";
  readonly section: RegExp;
  readonly lines: RegExp;
  readonly reason: string;
}

export const SYSTEM_DIFFERENCES: readonly SystemDifference[] = [
  {
    emulator: "QEMU",
    section: /^limits and types/,
    lines: /^(null segment|beyond|far beyond|wrapping|below|above|store to|stack beyond)/,
    reason: "segment limits, null segments and segment types are not checked at each access",
  },
  {
    emulator: "QEMU",
    section: /^canonical addresses/,
    lines: /^(load|JMP|CALL|RET|IRETQ|WRMSR|LTR)/,
    reason:
      "addresses that are not canonical: no #SS, branches fault at their target, bases are accepted",
  },
  {
    emulator: "QEMU",
    section: /^segments and far transfers/,
    lines: /^SS, null with RPL 3 in ring 0/,
    reason: "a null SS must have RPL = CPL",
  },
  {
    emulator: "QEMU",
    section: /^segments and far transfers/,
    lines: /^JMP far, L and D/,
    reason: "a code segment with L and D both set must raise #GP",
  },
  {
    emulator: "QEMU",
    section: /^segments and far transfers/,
    lines: /^INT, gate of level 0, from ring 3/,
    reason: "error codes that name a gate count 16 bytes each in IA-32e mode",
  },
  {
    emulator: "QEMU",
    section: /^segments and far transfers/,
    lines: /^(SYSENTER|XSETBV)/,
    reason: "SYSENTER does not exist in 64-bit mode; XSETBV looks at CPL before CR4.OSXSAVE",
  },
  {
    emulator: "QEMU",
    section: /^control registers/,
    lines: /^(MOV CR0|MOV CR8|EFER|PAT)/,
    reason: "reserved bits of CR0, CR8, IA32_EFER and IA32_PAT are accepted",
  },
  {
    emulator: "QEMU",
    section: /^4-level paging/,
    lines: /^ {3}locked/,
    reason: "a locked access faults as a read",
  },
  {
    emulator: "QEMU",
    section: /^upper levels/,
    lines: /#14 error 00[01][9bdf]/,
    reason: "P is clear in the error code of a reserved bit",
  },
  {
    emulator: "QEMU",
    section: /^compatibility mode/,
    lines: /^(load beyond|null segment)/,
    reason: "segments are not checked in compatibility mode either",
  },
  {
    emulator: "QEMU",
    section: /^virtual-8086/,
    lines: /^word at offset FFFF/,
    reason: "segment limits are not checked",
  },
  {
    emulator: "QEMU",
    section: /^loads/,
    lines: /^LTR, null/,
    reason: "LTR of a null selector must raise #GP(0)",
  },
  {
    emulator: "QEMU",
    section: /^(far transfers|interrupt gates)/,
    lines: /^(IRET|INT), beyond the limit/,
    reason: "the new EIP is checked when it is fetched from, not by the transfer",
  },
  {
    emulator: "QEMU",
    section: /^interrupt gates/,
    lines: /^#UD, gate not present/,
    reason: "the error code must have EXT set, as the event was no software interrupt",
  },
  {
    emulator: "QEMU",
    section: /^exceptions of instructions/,
    lines: /^(MOV CR0, NW|RDMSR, no such)/,
    reason: "bad combinations of CR0 and unknown MSRs are accepted",
  },
  {
    emulator: "QEMU",
    section: /^(ring 3|debug)/,
    lines: /^INT1/,
    reason: "INT1 is not known as an instruction",
  },
  {
    emulator: "QEMU",
    section: /^ring 3/,
    lines: /^misaligned/,
    reason: "there are no alignment checks",
  },
  {
    emulator: "QEMU",
    section: /^task switches/,
    lines: /^CALL, /,
    reason: "a bad new task faults with the old EIP, a stack segment not present with #NP",
  },
  {
    emulator: "QEMU",
    section: /^debug/,
    lines: /^MOV DR with GD/,
    reason: "DR7.GD does nothing",
  },
  {
    emulator: "QEMU",
    section: /paging$/,
    lines: /#14 error 00[01][9bdf]/,
    reason: "P is clear in the error code of a reserved bit",
  },
  {
    emulator: "QEMU",
    section: /^PAE paging/,
    lines: /^MOV CR3, reserved bit/,
    reason: "reserved bits of page-directory-pointer-table entries are not checked",
  },
  {
    emulator: "Bochs",
    section: /^debug/,
    lines: /^MOV DR with GD/,
    reason:
      "RF must be 1 in the image of EFLAGS: general detect is a fault, and no instruction breakpoint",
  },
];
