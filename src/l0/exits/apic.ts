/** Exits by APIC virtualization (handle_apic_access, handle_apic_write, handle_apic_eoi_induced). */
import { APIC_REGISTER } from "../../devices/apic-registers.ts";
import { FIELD } from "../../generated/vmx.ts";
import { emulateMmio } from "../emulate/emulator.ts";
import { REQ } from "../requests.ts";
import type { Vcpu } from "../vcpu.ts";

const LINEAR_WRITE = 1;

/** An access that the processor does not virtualize: by instruction emulation but for a plain EOI. */
export function handleApicAccess(vcpu: Vcpu): boolean {
  const qualification = vcpu.hw.read(FIELD.exit_qualification);
  const offset = qualification & 0xfff;
  vcpu.userspace.syncClock();
  if (((qualification >>> 12) & 15) === LINEAR_WRITE && offset === APIC_REGISTER.eoi) {
    vcpu.vm.trace?.apic(true, offset, 0);
    vcpu.apic.endOfInterrupt();
    vcpu.skip();
    return true;
  }
  emulateMmio(vcpu);
  return true;
}

/** Trap-like: the register is written in the virtual-APIC page already. */
export function handleApicWrite(vcpu: Vcpu): boolean {
  const offset = vcpu.hw.read(FIELD.exit_qualification) & 0xfff;
  vcpu.userspace.syncClock();
  vcpu.apic.registerWritten(offset);
  return true;
}

export function handleEoiInduced(vcpu: Vcpu): boolean {
  vcpu.userspace.syncClock();
  vcpu.apic.virtualizedEoi(vcpu.hw.read(FIELD.exit_qualification) & 0xff);
  return true;
}

export function handleTprBelowThreshold(vcpu: Vcpu): boolean {
  vcpu.makeRequest(REQ.event);
  return true;
}
