/** How a run is bounded, and what an embedder can watch while it goes on. */
import type { AccessSize } from "../devices/device.ts";
import type { LogicalProcessor } from "./processor.ts";
import type { VmEntry, VmEntryFailure, VmExit, VmxAbort } from "./vmx-events.ts";

export interface RunOptions {
  /** Stop after this many retired instructions. */
  readonly maxInstructions?: number;
  /** Stop after this much wall time, in milliseconds. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** What an embedder can watch. Costs nothing while unset. */
export interface MachineHooks {
  /** Before each instruction; return true to stop the run in front of it. */
  onInstruction?: (cpu: LogicalProcessor) => boolean | undefined;
  /** Before an exception or interrupt is delivered. `kind` is the event type as VMX numbers it. */
  onException?: (cpu: LogicalProcessor, vector: number, kind: number, error: number) => void;
  /** VMCALL outside VMX operation; return true when it was answered, else it raises #UD. */
  onHypercall?: (cpu: LogicalProcessor) => boolean;
  /** An opcode was executed that is not implemented, not advertised, or undefined on purpose. */
  onUndefinedOpcode?: (cpu: LogicalProcessor, address: bigint) => void;
  /** A VM entry has succeeded; before the first instruction of the guest and an injected event. */
  onVmEntry?: (cpu: LogicalProcessor, entry: VmEntry) => void;
  /** A VM exit; the processor still holds the state of the guest. */
  onVmExit?: (cpu: LogicalProcessor, exit: VmExit) => void;
  /** A VM entry has failed a check. */
  onVmEntryFailure?: (cpu: LogicalProcessor, failure: VmEntryFailure) => void;
  /** A VM exit could not be carried out, and the processor has stopped. */
  onVmxAbort?: (cpu: LogicalProcessor, abort: VmxAbort) => void;
  /** After a read of an I/O port, before a write to one. */
  onPort?: (cpu: LogicalProcessor, access: BusAccess) => void;
  /** After a read of memory that is not RAM, before a write to it. */
  onMmio?: (cpu: LogicalProcessor, access: BusAccess) => void;
}

/** One access to a device, as the processor made it. */
export interface BusAccess {
  /** Port number or host-physical address. */
  readonly address: number;
  readonly size: AccessSize;
  readonly value: number;
  readonly write: boolean;
}
