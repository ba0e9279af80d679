/** What watches a machine: hooks, breakpoints, and the calls of the core that they answer. */
import type { Core, CoreImports } from "../core/core.ts";
import type { MachineHooks } from "./hooks.ts";
import type { PhysicalMemory } from "./memory.ts";
import type { LogicalProcessor } from "./processor.ts";
import type { StopReason } from "./stop-reason.ts";
import { type VmEntryFailure, VmxEvents } from "./vmx-events.ts";

/** HOOK_* bits of assembly/cpu/mode.ts. */
const HOOK = {
  INSTRUCTION: 1,
  EXCEPTION: 2,
  VM_ENTRY: 4,
  VM_EXIT: 8,
  VM_ENTRY_FAILURE: 16,
  VM_ABORT: 32,
} as const;

/** The machine, as far as it is watched. */
export interface Watched {
  readonly core: Core;
  /** Where VMCSs and their structures lie. */
  readonly hostMemory: PhysicalMemory;
  readonly currentCpu: LogicalProcessor;
  linearRip(cpu: LogicalProcessor): bigint;
}

type WatchImports = Pick<
  CoreImports,
  | "onException"
  | "onHypercall"
  | "onUndefinedOpcode"
  | "onVmEntry"
  | "onVmExit"
  | "onVmEntryFailure"
  | "onVmAbort"
>;

export class Watch {
  hooks: MachineHooks = {};
  /** The core does not know `bits` yet. */
  changed = true;
  /** Undefined opcodes by address, with how often each was executed. */
  readonly undefinedOpcodes = new Map<bigint, number>();
  lastEntryFailure: VmEntryFailure | undefined;
  private readonly machine: () => Watched;
  private readonly breakpoints = new Set<bigint>();
  /** Address at which the last run stopped: its breakpoint does not strike at once again. */
  private skipBreakpoint: bigint | undefined;
  private events: VmxEvents | undefined;

  /** `machine` may be asked for only when the core runs. */
  constructor(machine: () => Watched) {
    this.machine = machine;
  }

  /** Which calls the core is to make. Failed VM entries are rare and always noted. */
  get bits(): number {
    const { onInstruction, onException, onVmEntry, onVmExit, onVmxAbort } = this.hooks;
    return (
      (onInstruction || this.breakpoints.size > 0 ? HOOK.INSTRUCTION : 0) |
      (onException ? HOOK.EXCEPTION : 0) |
      (onVmEntry ? HOOK.VM_ENTRY : 0) |
      (onVmExit ? HOOK.VM_EXIT : 0) |
      HOOK.VM_ENTRY_FAILURE |
      (onVmxAbort ? HOOK.VM_ABORT : 0)
    );
  }

  setHooks(hooks: MachineHooks): void {
    this.hooks = hooks;
    this.changed = true;
  }

  addBreakpoint(gla: bigint): void {
    this.breakpoints.add(BigInt.asUintN(64, gla));
    this.changed = true;
  }

  /** Returns whether there was one. */
  removeBreakpoint(gla: bigint): boolean {
    this.changed = true;
    return this.breakpoints.delete(BigInt.asUintN(64, gla));
  }

  /** Why the run is to stop in front of the next instruction, if it is. */
  atInstruction(): StopReason | undefined {
    const machine = this.machine();
    const cpu = machine.currentCpu;
    if (this.breakpoints.size > 0) {
      const address = machine.linearRip(cpu);
      if (this.breakpoints.has(address) && this.skipBreakpoint !== address) {
        this.skipBreakpoint = address;
        return { kind: "breakpoint", cpu: cpu.index, address };
      }
      this.skipBreakpoint = undefined;
    }
    return this.hooks.onInstruction?.(cpu) === true ? { kind: "stopped" } : undefined;
  }

  /** Answers to the calls that change nothing in the machine. */
  readonly imports: WatchImports = {
    onException: (vector, kind, error) => this.hooks.onException?.(this.cpu, vector, kind, error),
    onHypercall: () => Number(this.hooks.onHypercall?.(this.cpu) ?? false),
    onUndefinedOpcode: () => this.noteUndefined(),
    onVmEntry: (launch) => this.hooks.onVmEntry?.(this.cpu, this.vmx.entry(launch !== 0)),
    onVmExit: () => this.hooks.onVmExit?.(this.cpu, this.vmx.exit()),
    onVmEntryFailure: (outcome, qualification) => {
      const failure = this.vmx.entryFailure(outcome, qualification);
      this.lastEntryFailure = failure;
      this.hooks.onVmEntryFailure?.(this.cpu, failure);
    },
    onVmAbort: (code) => this.hooks.onVmxAbort?.(this.cpu, this.vmx.abort(code)),
  };

  private get cpu(): LogicalProcessor {
    return this.machine().currentCpu;
  }

  private get vmx(): VmxEvents {
    const { core, hostMemory } = this.machine();
    this.events ??= new VmxEvents(core, hostMemory);
    return this.events;
  }

  private noteUndefined(): void {
    const address = BigInt.asUintN(64, this.machine().core.exports.currentRip());
    this.undefinedOpcodes.set(address, (this.undefinedOpcodes.get(address) ?? 0) + 1);
    this.hooks.onUndefinedOpcode?.(this.cpu, address);
  }
}
