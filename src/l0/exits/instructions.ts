/** Exits by instructions without operands in memory. */
import { emulateCpuid } from "../cpuid.ts";
import { queueException, VECTOR_GP, VECTOR_UD } from "../inject.ts";
import { MP_STATE, type Vcpu } from "../vcpu.ts";

const FLAG_IF = 0x200;

export function handleCpuid(vcpu: Vcpu): boolean {
  emulateCpuid(vcpu, vcpu.cpuid);
  vcpu.skip();
  return true;
}

/** HLT: the thread sleeps until an interrupt that may be delivered, an NMI or INIT. */
export function handleHlt(vcpu: Vcpu): boolean {
  vcpu.haltedWithInterrupts = (vcpu.rflags & FLAG_IF) !== 0;
  vcpu.skip();
  vcpu.mpState = MP_STATE.halted;
  return true;
}

/** INVD, WBINVD, MONITOR, MWAIT, PAUSE: nothing that a guest could notice. */
export function handleNop(vcpu: Vcpu): boolean {
  vcpu.skip();
  return true;
}

/** No performance counters: all of them read 0 where RDPMC is allowed at all. */
export function handleRdpmc(vcpu: Vcpu): boolean {
  queueException(vcpu, VECTOR_GP, 0);
  return true;
}

/** XSETBV; the processor has checked CPL and CR4.OSXSAVE (kvm_emulate_xsetbv). */
export function handleXsetbv(vcpu: Vcpu): boolean {
  const { regs, hw } = vcpu;
  if (regs[2] !== 0 || !hw.xsetbv(regs[0]!, regs[4]!)) {
    queueException(vcpu, VECTOR_GP, 0);
    return true;
  }
  vcpu.skip();
  return true;
}

/** VMCALL: no paravirtual interface is offered, so it is as undefined as outside VMX operation. */
export function handleVmcall(vcpu: Vcpu): boolean {
  queueException(vcpu, VECTOR_UD);
  return true;
}

/** Instructions of features that L1 is not offered. */
export function handleUndefined(vcpu: Vcpu): boolean {
  queueException(vcpu, VECTOR_UD);
  return true;
}
