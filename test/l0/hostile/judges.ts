/** The invariants I1 to I9 over a case of the fuzz test. */
import type { Machine } from "../../../src/index.ts";

export class Judges {
  private readonly machine: Machine;
  private readonly fail: (message: string) => void;

  constructor(machine: Machine, fail: (message: string) => void) {
    this.machine = machine;
    this.fail = fail;
  }

  afterStep(_step: string): void {}

  atEnd(): void {
    const { vm } = this.machine.l1!.hypervisor;
    if (vm.invalidation.inProgress !== 0) this.fail("an invalidation never ended");
    if (vm.mmuLock.isWriteHeld) this.fail("mmu_lock is held for ever");
  }
}
