/**
 * One case of the fuzz test: a machine with L0, a hostile L1 on one or two vCPUs, userspace that changes
 * memory, slots and processors under it. A seed chooses who makes the next step.
 */
import { Machine, type MachineOptions } from "../../../src/index.ts";
import type { Hypervisor } from "../../../src/l0/hypervisor.ts";
import type { PolicyStep } from "../../../src/l0/policy.ts";
import type { Actor, Task } from "../../../src/l0/scheduler.ts";
import type { StartState } from "../../../src/loaders/loader.ts";
import type { Action } from "./actions.ts";
import { perform } from "./host-actions.ts";
import { Judges } from "./judges.ts";
import { actionAddress, l1Image, playground } from "./l1.ts";
import {
  ENTRY,
  EXTRA_GPA,
  EXTRA_PAGES,
  EXTRA_SLOT,
  NEXT_PORT,
  PAGE,
  PLAYGROUND,
  PLAYGROUND_PAGES,
  page,
  RAM_BYTES,
} from "./memory-map.ts";
import { Random } from "./random.ts";
import type { Seen } from "./vmcs-template.ts";

/** Steps without a new action behind which a guest is taken to be in a loop of its own. */
const STUCK_STEPS = 150;
/** Resets in a row without a new action behind which L0 is taken to hang. */
const RESETS_MAX = 6;
/** Steps of L0 in a row without a stay in a guest. */
const BUSY_STEPS_MAX = 20_000;
/** Errors that a guest or userspace causes, by KVM's kinds. */
const GUEST_CAUSED = new Set(["emulation", "memory", "delivery"]);
const HOST_THREADS_MAX = 2;
const CODE_BYTES_MAX = 0x1400;

export interface CaseOptions {
  readonly seed: number;
  readonly sanitize?: boolean;
  readonly leftOut?: readonly PolicyStep[];
}

export interface CaseResult {
  /** What went wrong; undefined when nothing did. */
  readonly failure: string | undefined;
  /** Actions that were taken. */
  readonly taken: number;
  /** Entries to L2 that succeeded, resets of a vCPU, ends by an error that L0 tells of. */
  readonly l2Entries: number;
  readonly resets: number;
  readonly reported: ReadonlyMap<string, number>;
}

/** Configuration of a case, by its seed. */
function machineOptions({ seed, sanitize = false, leftOut = [] }: CaseOptions): MachineOptions {
  const random = new Random(seed ^ 0x5eed);
  return {
    mode: "l1",
    memory: RAM_BYTES,
    ...random.pick([{ cpus: 1 }, { cpus: 2 }, { cpus: 2, pcpus: 1 }, { cpus: 3, pcpus: 2 }]),
    l0Apic: random.pick(["apicv", "apicv", "flexpriority", "emulated"] as const),
    l0HugePages: random.oneIn(2),
    l0Break: leftOut,
    sanitizer: sanitize,
    tlb: "adversarial",
    seed: 1,
  };
}

export class HostileCase {
  readonly machine: Machine;
  readonly l0: Hypervisor;
  private readonly random: Random;
  private readonly start: StartState;
  private readonly judges: Judges;
  private readonly actorOf: readonly Actor[];
  private readonly hostThreads = new Set<Actor>();
  private readonly slotChanges = new Set<Actor>();
  private readonly waiting: Action[] = [];
  private readonly quiet: number[] = [];
  private readonly resetsInARow: number[] = [];
  private readonly reported = new Map<string, number>();
  private actions: readonly Action[] = [];
  private taken = 0;
  private resets = 0;
  private busy = 0;
  private failure: string | undefined;

  private constructor(machine: Machine, options: CaseOptions) {
    this.machine = machine;
    this.l0 = machine.l1!.hypervisor;
    this.random = new Random(options.seed ^ 0x0bad);
    const { l0 } = this;
    machine.addPorts({
      first: NEXT_PORT,
      last: NEXT_PORT + 3,
      widest: 4,
      name: "actions",
      readPort: () => this.nextAction(),
      writePort: () => {},
    });
    this.start = this.writeL1();
    l0.scheduler.choose = (runnable) => runnable[this.random.below(runnable.length)]!;
    this.actorOf = l0.vcpus.map((_, i) => l0.scheduler.actors[i]!);
    for (const pcpu of l0.pcpus) pcpu.isSlow = this.random.oneIn(2);
    for (const thread of l0.threads) thread.beforeStay = () => this.beginSlice();
    for (const vcpu of l0.vcpus) {
      vcpu.start = this.start;
      vcpu.mpState = 0;
      this.quiet.push(0);
      this.resetsInARow.push(0);
    }
    this.addExtraSlot();
    this.judges = new Judges(machine, (message) => this.fail(message));
    const { userspace } = l0.vcpus[0]!;
    userspace.internalError = (_vcpu, error) => this.report(error);
    userspace.shutdown = () => {};
  }

  static async create(options: CaseOptions): Promise<HostileCase> {
    return new HostileCase(await Machine.create(machineOptions(options)), options);
  }

  /** What templates need to know. */
  get seen(): Seen {
    const { nested } = this.l0.vcpus[0]!;
    const { cr3, cr0, cr4, efer } = this.start;
    return {
      caps: nested!.caps,
      cr3,
      cr0: BigInt(cr0) | 0x20n,
      cr4: BigInt(cr4) | 0x2000n,
      efer: BigInt(efer) | 0x400n,
    };
  }

  /** Runs until all actions are taken and userspace is done, or something is wrong. */
  run(actions: readonly Action[]): CaseResult {
    this.actions = actions;
    const { l0 } = this;
    try {
      while (this.failure === undefined && !this.isOver()) this.step();
      // A vCPU may be in the middle of a fault.
      for (let i = 0; i < BUSY_STEPS_MAX && l0.vm.mmuLock.isHeld; i++) this.step();
      if (this.failure === undefined) this.judges.atEnd();
    } catch (error) {
      this.fail(error instanceof Error ? `throws: ${error.stack}` : String(error));
    }
    const { failure, taken, resets, reported } = this;
    const { l2Entries } = this.judges;
    l0.vm.observer = undefined;
    return { failure, taken, resets, reported, l2Entries };
  }

  private isOver(): boolean {
    return (
      this.taken >= this.actions.length && this.waiting.length === 0 && this.hostThreads.size === 0
    );
  }

  private step(): void {
    const { scheduler } = this.l0;
    this.startHostThreads();
    const runnable = scheduler.runnable();
    if (runnable.length === 0) {
      this.letTimePass();
      return;
    }
    const actor = scheduler.choose(runnable, undefined);
    const inGuest = typeof actor.at === "object" && "run" in actor.at;
    const name = typeof actor.at === "string" ? actor.at : actor.at.why;
    scheduler.step(actor);
    if (inGuest) {
      this.busy = 0;
      const { clock, core } = this.machine;
      clock.advanceTo(Math.max(clock.now(), core.exports.virtualTimeNumber()));
    } else if (++this.busy > BUSY_STEPS_MAX) {
      this.fail(`L0 is busy for ever: ${scheduler.describe()}`);
    }
    if (actor.done) {
      this.hostThreads.delete(actor);
      this.slotChanges.delete(actor);
    }
    this.judges.afterStep(name);
    const vcpu = this.actorOf.indexOf(actor);
    const limit = STUCK_STEPS * (1 + this.hostThreads.size);
    if (vcpu >= 0 && ++this.quiet[vcpu]! > limit) this.restart(vcpu);
  }

  /** Nobody can go on before a timer is due; a vCPU that no timer wakes is reset. */
  private letTimePass(): void {
    const { clock, l1 } = this.machine;
    const next = Math.min(clock.nextDeadline(), l1!.nextDeadline);
    if (Number.isFinite(next) && !this.random.oneIn(20)) {
      clock.advanceTo(Math.max(next, clock.now() + 1));
      return;
    }
    if (this.hostThreads.size > 0) {
      this.fail(`deadlock: ${this.l0.scheduler.describe()}`);
      return;
    }
    this.actorOf.forEach((_, vcpu) => void this.restart(vcpu));
  }

  /** Userspace gives a vCPU up that goes nowhere: L1's code and tables anew, RESET, registers. */
  private restart(index: number): void {
    this.quiet[index] = 0;
    this.resets++;
    if (++this.resetsInARow[index]! > RESETS_MAX) {
      this.fail(
        `vCPU ${index} does nothing behind ${RESETS_MAX} resets: ${this.l0.scheduler.describe()}`,
      );
      return;
    }
    this.hostThreads.add(this.l0.scheduler.spawn("reset", this.beginAnew(index)));
  }

  private *beginAnew(index: number): Task {
    const vcpu = this.l0.vcpus[index]!;
    yield* this.l0.vm.makeWritable(0, PLAYGROUND + PLAYGROUND_PAGES * PAGE);
    this.writeL1();
    vcpu.apic.lapic?.reset();
    vcpu.start = this.start;
    vcpu.requestReset(undefined);
  }

  private writeL1(): StartState {
    const boot = this.l0.vcpus[0]!;
    const before = boot.start;
    const { start } = this.machine.load(l1Image(), { flat: { address: ENTRY, mode: "long64" } });
    this.write(page(0), playground());
    // Only vCPUs that are restarted get other registers.
    boot.start = before;
    return start;
  }

  /** The port that L1 reads: address of the next action's code. */
  private nextAction(): number {
    const vcpu = this.l0.pcpus[this.l0.hw.pcpu]!.vcpu!;
    this.quiet[vcpu.index] = 0;
    this.resetsInARow[vcpu.index] = 0;
    for (;;) {
      const action = this.actions[this.taken];
      if (action === undefined) return actionAddress(vcpu.index);
      this.taken++;
      if ("code" in action) {
        this.write(actionAddress(vcpu.index), action.code.subarray(0, CODE_BYTES_MAX));
        return actionAddress(vcpu.index);
      }
      this.waiting.push(action);
    }
  }

  private write(gpa: number, bytes: Uint8Array): void {
    this.l0.vm.writeGuest(gpa, bytes);
  }

  private startHostThreads(): void {
    while (this.waiting.length > 0 && this.hostThreads.size < HOST_THREADS_MAX) {
      const action = this.waiting[0]!;
      if (!("host" in action)) return;
      if (action.host.kind === "slot" && this.slotChanges.size > 0) return;
      this.waiting.shift();
      const actor = this.l0.scheduler.spawn(action.host.kind, perform(this.l0, action.host));
      this.hostThreads.add(actor);
      if (action.host.kind === "slot") this.slotChanges.add(actor);
    }
  }

  private beginSlice(): void {
    const { core, clock } = this.machine;
    core.exports.beginSlice(clock.now(), 200 + this.random.below(3000));
  }

  private addExtraSlot(): void {
    const { vm, scheduler } = this.l0;
    const hva = vm.mm.map(EXTRA_PAGES * PAGE, false);
    const slot = {
      id: EXTRA_SLOT,
      baseGfn: EXTRA_GPA / PAGE,
      pages: EXTRA_PAGES,
      hva,
      readOnly: false,
    };
    const task: Task = vm.addSlot(slot);
    scheduler.complete("userspace", task);
  }

  /** An error that L0 tells of; what a guest cannot have caused is a failure. */
  private report(error: Error): void {
    const kind = "suberror" in error ? String(error.suberror) : error.constructor.name;
    this.reported.set(kind, (this.reported.get(kind) ?? 0) + 1);
    if (!GUEST_CAUSED.has(kind)) this.fail(`L0 gives up: ${error.message}`);
  }

  private fail(message: string): void {
    this.failure ??= message;
  }
}
