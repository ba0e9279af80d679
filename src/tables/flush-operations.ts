/**
 * Operations that invalidate cached translations, in the order of their numbers in the core
 * (assembly/generated/flush-operations.ts). The names are those of reports and of JSON.
 */

export interface FlushOperation {
  readonly name: string;
  /** What it is, for people. */
  readonly title: string;
}

const row = <N extends string>(name: N, title: string) => ({ name, title });

export const FLUSH_OPERATIONS = [
  row("INVLPG", "INVLPG"),
  row("INVPCID_ADDRESS", "INVPCID, individual address"),
  row("INVPCID_CONTEXT", "INVPCID, single context"),
  row("INVPCID_ALL_GLOBAL", "INVPCID, all contexts with globals"),
  row("INVPCID_ALL_NONGLOBAL", "INVPCID, all contexts without globals"),
  row("MOV_CR3", "MOV to CR3"),
  row("MOV_CR0", "change of CR0.PG"),
  row("MOV_CR4", "change of CR4"),
  row("TASK_SWITCH", "task switch"),
  row("INVEPT_SINGLE", "INVEPT, single context"),
  row("INVEPT_ALL", "INVEPT, all contexts"),
  row("INVVPID_ADDRESS", "INVVPID, individual address"),
  row("INVVPID_SINGLE", "INVVPID, single context"),
  row("INVVPID_ALL", "INVVPID, all contexts"),
  row("INVVPID_RETAIN_GLOBALS", "INVVPID, single context retaining globals"),
  row("VM_ENTRY", "VM entry without VPID"),
  row("VM_EXIT", "VM exit without VPID"),
  row("EPTP_SWITCH", "EPTP switching without VPID"),
  row("PAGE_FAULT", "page fault"),
  row("EPT_VIOLATION", "EPT violation"),
  row("RESET", "INIT or RESET"),
  row("HOST_STATE", "registers written by the host"),
  row("CONFIGURE", "everything dropped by the host"),
] as const satisfies readonly FlushOperation[];

export type FlushOperationName = (typeof FLUSH_OPERATIONS)[number]["name"];

/** Number of each operation, as the core gives it. */
export const FLUSH_NUMBER = Object.fromEntries(
  FLUSH_OPERATIONS.map(({ name }, number) => [name, number]),
) as Readonly<Record<FlushOperationName, number>>;
