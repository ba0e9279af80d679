/** From exit reasons to what L0 does about them (kvm_vmx_exit_handlers). */
import { FIELD, REASON } from "../../generated/vmx.ts";
import { handleNmiWindow, handlePendingInterrupt } from "../exits/interrupt.ts";
import type { Task } from "../scheduler.ts";
import { reasonName } from "../trace.ts";
import { InternalError } from "../userspace.ts";
import type { Vcpu } from "../vcpu.ts";
import {
  handleApicAccess,
  handleApicWrite,
  handleEoiInduced,
  handleTprBelowThreshold,
} from "./apic.ts";
import { handleCrAccess } from "./cr.ts";
import {
  handleCpuid,
  handleHlt,
  handleNop,
  handleRdpmc,
  handleUndefined,
  handleVmcall,
  handleXsetbv,
} from "./instructions.ts";
import { handleException, handleExternalInterrupt } from "./interrupt.ts";
import { handleIo } from "./io.ts";
import { handleEptMisconfig, handleEptViolation } from "./memory.ts";
import { handleRdmsr, handleWrmsr } from "./msr.ts";

/** Handles an exit that no other thread can notice; false leaves it to `handleExit`. */
export type FastHandler = (vcpu: Vcpu) => boolean;

/** Handlers by reason; what is not here needs the vCPU's thread. */
export const FAST_EXITS: (FastHandler | undefined)[] = [];

const fast: readonly (readonly [number, FastHandler])[] = [
  [REASON.exception_or_nmi, handleException],
  [REASON.external_interrupt, handleExternalInterrupt],
  [REASON.interrupt_window, handlePendingInterrupt],
  [REASON.nmi_window, handleNmiWindow],
  [REASON.cpuid, handleCpuid],
  [REASON.hlt, handleHlt],
  [REASON.invd, handleNop],
  [REASON.wbinvd, handleNop],
  [REASON.monitor, handleNop],
  [REASON.mwait, handleNop],
  [REASON.pause, handleNop],
  [REASON.rdpmc, handleRdpmc],
  [REASON.cr_access, handleCrAccess],
  [REASON.io_instruction, handleIo],
  [REASON.rdmsr, handleRdmsr],
  [REASON.wrmsr, handleWrmsr],
  [REASON.xsetbv, handleXsetbv],
  [REASON.vmcall, handleVmcall],
  [REASON.tpr_below_threshold, handleTprBelowThreshold],
  [REASON.apic_access, handleApicAccess],
  [REASON.apic_write, handleApicWrite],
  [REASON.virtualized_eoi, handleEoiInduced],
  [REASON.ept_misconfiguration, handleEptMisconfig],
];
for (const [reason, handler] of fast) FAST_EXITS[reason] = handler;
for (const reason of [
  REASON.vmclear,
  REASON.vmlaunch,
  REASON.vmptrld,
  REASON.vmptrst,
  REASON.vmread,
  REASON.vmresume,
  REASON.vmwrite,
  REASON.vmxoff,
  REASON.vmxon,
  REASON.invept,
  REASON.invvpid,
]) {
  FAST_EXITS[reason] = handleUndefined;
}

/** Handles the exits that other threads can notice, or that may have to wait. */
export function* handleExit(vcpu: Vcpu): Task {
  const reason = vcpu.exitReason;
  switch (reason) {
    case REASON.ept_violation:
      yield* handleEptViolation(vcpu);
      return;
    case REASON.ept_misconfiguration:
      // The entry was not, or no longer, one for MMIO.
      yield* handleEptViolation(vcpu);
      return;
    case REASON.triple_fault:
      vcpu.userspace.shutdown(vcpu.index);
      yield { why: "shutdown", ready: () => false };
      return;
    default:
      throw new InternalError(
        `vCPU ${vcpu.index}: VM exit ${reasonName(reason)} at RIP 0x${vcpu.rip.toString(16)}, ` +
          `qualification 0x${vcpu.hw.readWide(FIELD.exit_qualification).toString(16)}, is not handled`,
      );
  }
}
