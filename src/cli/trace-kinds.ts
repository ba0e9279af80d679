/** The kinds of events that can be traced, by the names that `--trace` takes. */

export const TRACE_KINDS = [
  "insn",
  "exc",
  "int",
  "irq",
  "io",
  "mmio",
  "undef",
  "vmx",
  "kvm",
] as const;
export type TraceKind = (typeof TRACE_KINDS)[number];
