/**
 * Writes by the guest to tables of EPT12 that L0 shadows: emulated, so that EPT02 follows; or the frame
 * is let go, and the instruction is tried again (kvm_mmu_write_protect_fault).
 */
import { PAGE_BYTES } from "../frames.ts";
import { isInjecting } from "../inject.ts";
import { trackWrites, unprotectGfn } from "../nested/shadow-sync.ts";
import type { Task } from "../scheduler.ts";
import type { Vcpu } from "../vcpu.ts";
import { emulateUnless } from "./emulator.ts";

/** Instructions with which tables are written; what others write to is hardly a table. */
const TABLE_WRITES = new Set([
  "MOV",
  "MOVNTI",
  "AND",
  "OR",
  "XCHG",
  "BTS",
  "BTR",
  "CMPXCHG",
  "CMPXCHG8B",
  "CMPXCHG16B",
]);

export interface ProtectedWrite {
  /** Guest-physical address of the fault, and L1's for it. */
  readonly gpa: number;
  readonly l1Gpa: number;
  /** The processor wrote to a table of the guest's own on its way to a linear address. */
  readonly isTable: boolean;
  /** The tables in use shadow nothing. */
  readonly isDirect: boolean;
}

export function* emulateProtectedWrite(vcpu: Vcpu, write: ProtectedWrite): Task {
  const { retried } = vcpu;
  const { rip } = vcpu;
  const gfn = Math.floor(write.l1Gpa / PAGE_BYTES);
  // One that has been tried again in vain, as its own code or stack is shadowed, is emulated.
  const mayRetry = retried.rip !== rip || retried.gpa !== write.gpa;
  retried.rip = -1n;
  retried.gpa = -1;
  function* letGo(): Task<boolean> {
    if (!(yield* unprotectGfn(vcpu.vm, gfn))) return false;
    retried.rip = rip;
    retried.gpa = write.gpa;
    return true;
  }
  // Instructions are not what writes here: event delivery, or the processor's own walk.
  const noInstruction = isInjecting(vcpu) || (write.isDirect && write.isTable);
  if (mayRetry && noInstruction && (yield* letGo())) return;
  // What L2 writes to is no better without L0's protection: L1's tables are meant.
  const refuses = (mnemonic: string, isKnown: boolean) =>
    mayRetry && !vcpu.guestMode && !(isKnown && TABLE_WRITES.has(mnemonic));
  vcpu.userspace.syncClock();
  if (!emulateUnless(vcpu, refuses) && !(yield* letGo())) emulateUnless(vcpu, () => false);
  yield* trackWrites(vcpu);
}
