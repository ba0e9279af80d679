/** Runs worlds in which L1 is a hypervisor, for tests of what L0 offers it. */

import type { StrategyHooks } from "../../src/l0/flush-strategy.ts";
import { VMCS12_BYTES, Vmcs12 } from "../../src/l0/nested/vmcs12.ts";
import type { Task } from "../../src/l0/scheduler.ts";
import type { KvmEvent } from "../../src/l0/trace.ts";
import { CoreLease } from "../../src/lab/core-lease.ts";
import { type HypervisorWorld, hypervisorWorld } from "../../src/lab/l2-world.ts";
import { World } from "../../src/lab/world.ts";

const STEPS_MAX = 5000;

export class NestedRun {
  readonly world: World;
  readonly events: KvmEvent[] = [];

  constructor(lease: CoreLease, options: HypervisorWorld, strategy?: StrategyHooks) {
    this.world = new World(lease, hypervisorWorld(options), {
      trace: (event) => this.events.push(event),
      ...(strategy && { strategy }),
    });
    // Each thread in its turn.
    this.world.l0.scheduler.choose = (runnable, last) =>
      runnable[(runnable.indexOf(last!) + 1) % runnable.length]!;
  }

  get vcpu() {
    return this.world.l0.vcpus[0]!;
  }

  get nested() {
    return this.vcpu.nested!;
  }

  /** Runs until L1 has halted, or, where that is given, until `until` holds. */
  run(until?: () => boolean): this {
    const { world, vcpu } = this;
    const ends = until ?? (() => world.isFinished(vcpu));
    for (let i = 0; i < STEPS_MAX; i++) {
      if (ends()) return this;
      if (!world.l0.scheduler.stepAny()) break;
    }
    throw new Error(`the run does not get there: ${world.l0.scheduler.describe()}`);
  }

  /** Has the vCPU's thread carry out `task`, and runs until it is done. */
  ioctl<T>(task: () => Task<T>): T {
    const { vcpu, world } = this;
    let result: { value: T } | undefined;
    world.spawn(
      "userspace",
      (function* () {
        result = { value: yield* vcpu.ioctl(task) };
      })(),
    );
    this.run(() => result !== undefined);
    return result!.value;
  }

  /** What L1 and its guest have told. */
  get told(): number[] {
    return this.world.readings.map(({ value }) => value);
  }

  /** VM exits to L0 for `reason`, by KVM's name. */
  exits(reason: string): number {
    return this.events.filter(
      ({ name, text }) => name === "kvm_exit" && text.includes(` ${reason} `),
    ).length;
  }

  /** A vmcs12 as it lies in L1's memory. */
  vmcs12(gpa: number): Vmcs12 {
    const vmcs12 = new Vmcs12();
    const bytes = new Uint8Array(VMCS12_BYTES);
    this.world.l0.vm.readGuest(gpa, bytes);
    vmcs12.bytes.set(bytes);
    return vmcs12;
  }

  word(gpa: number): number {
    const bytes = new Uint8Array(4);
    this.world.l0.vm.readGuest(gpa, bytes);
    return new DataView(bytes.buffer).getUint32(0, true);
  }
}

let lease: CoreLease | undefined;

/** Runs the world of `options` to its end. */
export async function runNested(options: HypervisorWorld): Promise<NestedRun> {
  return (await startNested(options)).run();
}

/** Only one world can be in use at a time: a new one takes the place of the one before. */
export async function startNested(
  options: HypervisorWorld,
  strategy?: StrategyHooks,
): Promise<NestedRun> {
  lease ??= await CoreLease.create();
  return new NestedRun(lease, options, strategy);
}
