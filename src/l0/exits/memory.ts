/** EPT violations and misconfigurations (handle_ept_violation, handle_ept_misconfig). */
import { FIELD, REASON } from "../../generated/vmx.ts";
import { emulateMmio } from "../emulate/emulator.ts";
import { emulateProtectedWrite } from "../emulate/protected-write.ts";
import type { Task } from "../scheduler.ts";
import { mmioFault, PFERR, pageFault, RET_PF } from "../tdp/fault.ts";
import type { Vcpu } from "../vcpu.ts";

const QUALIFICATION = {
  read: 1,
  write: 2,
  fetch: 4,
  rights: 0x38,
  /** A linear address is valid; without bit 8 the access was to a table on the way to it. */
  gla: 0x180,
  glaOfTable: 0x80,
  unblockedNmi: 1 << 12,
} as const;
const BLOCKED_BY_NMI = 8;
const VALID = 0x80000000;

export function* handleEptViolation(vcpu: Vcpu): Task {
  const { hw } = vcpu;
  const isViolation = vcpu.exitReason === REASON.ept_violation;
  const qualification = isViolation ? hw.read(FIELD.exit_qualification) : 0;
  const gpa = hw.readAddress(FIELD.guest_physical_address);
  const idtInfo = hw.read(FIELD.idt_vectoring_info);
  if ((idtInfo & VALID) === 0 && (qualification & QUALIFICATION.unblockedNmi) !== 0) {
    hw.change(FIELD.guest_interruptibility, BLOCKED_BY_NMI);
  }
  let error = 0;
  if ((qualification & QUALIFICATION.read) !== 0) error |= PFERR.user;
  if ((qualification & QUALIFICATION.write) !== 0) error |= PFERR.write;
  if ((qualification & QUALIFICATION.fetch) !== 0) error |= PFERR.fetch;
  if ((qualification & QUALIFICATION.rights) !== 0) error |= PFERR.present;
  vcpu.vm.trace?.pageFault(vcpu.index, vcpu.rip, gpa, error);
  const result = yield* pageFault(vcpu, gpa, error);
  if (result === RET_PF.emulate) {
    vcpu.userspace.syncClock();
    emulateMmio(vcpu);
  }
  if (result === RET_PF.writeProtected) {
    const isTable = (qualification & QUALIFICATION.gla) === QUALIFICATION.glaOfTable;
    yield* emulateProtectedWrite(vcpu, { gpa, l1Gpa: gpa, isTable, isDirect: true });
  }
}

/** An MMIO entry: its access is emulated; others are faults for the thread. */
export function handleEptMisconfig(vcpu: Vcpu): boolean {
  const gpa = vcpu.hw.readAddress(FIELD.guest_physical_address);
  if (mmioFault(vcpu, gpa) !== RET_PF.emulate) return false;
  vcpu.userspace.syncClock();
  emulateMmio(vcpu);
  return true;
}
