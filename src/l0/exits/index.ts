/** From exit reasons to what L0 does about them (kvm_vmx_exit_handlers). */
import { FIELD, REASON } from "../../generated/vmx.ts";
import { handleNmiWindow, handlePendingInterrupt } from "../exits/interrupt.ts";
import { handleVmentry } from "../nested/entry.ts";
import { hardwareExit, nestedVmexit } from "../nested/exit.ts";
import { handleL2EptFault } from "../nested/fault.ts";
import {
  handleVmclear,
  handleVmptrld,
  handleVmptrst,
  handleVmread,
  handleVmwrite,
  handleVmxoff,
  handleVmxon,
} from "../nested/instructions.ts";
import { handleInvept, handleInvvpid } from "../nested/invalidate.ts";
import type { Nested } from "../nested/state.ts";
import { handleVmfunc } from "../nested/vmfunc.ts";
import { REQ } from "../requests.ts";
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
  handlePause,
  handleRdpmc,
  handleVmcall,
  handleWbinvd,
  handleXsetbv,
} from "./instructions.ts";
import { handleException, handleExternalInterrupt } from "./interrupt.ts";
import { handleIo } from "./io.ts";
import { handleEptMisconfig, handleEptViolation } from "./memory.ts";
import { handleRdmsr, handleWrmsr } from "./msr.ts";
import { handleTaskSwitch } from "./task.ts";

/** Handles an exit that no other thread can notice; false leaves it to `handleExit`. */
export type FastHandler = (vcpu: Vcpu) => boolean;

/** Handlers by reason; what is not here needs the vCPU's thread. */
export const FAST_EXITS: (FastHandler | undefined)[] = [];

const fast: readonly (readonly [number, FastHandler])[] = [
  [REASON.exception_or_nmi, handleException],
  [REASON.external_interrupt, handleExternalInterrupt],
  [REASON.interrupt_window, handlePendingInterrupt],
  [REASON.nmi_window, handleNmiWindow],
  [REASON.task_switch, handleTaskSwitch],
  [REASON.cpuid, handleCpuid],
  [REASON.hlt, handleHlt],
  [REASON.invd, handleNop],
  [REASON.wbinvd, handleWbinvd],
  [REASON.monitor, handleNop],
  [REASON.mwait, handleNop],
  [REASON.pause, handlePause],
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
  [REASON.vmclear, handleVmclear],
  [REASON.vmptrld, handleVmptrld],
  [REASON.vmptrst, handleVmptrst],
  [REASON.vmread, handleVmread],
  [REASON.vmwrite, handleVmwrite],
  [REASON.vmxoff, handleVmxoff],
  [REASON.vmxon, handleVmxon],
  [REASON.invept, handleInvept],
  [REASON.invvpid, handleInvvpid],
];
for (const [reason, handler] of fast) FAST_EXITS[reason] = handler;

/** Handles the exits that other threads can notice, or that may have to wait. */
export function* handleExit(vcpu: Vcpu): Task {
  const reason = vcpu.exitReason;
  if (vcpu.guestMode) {
    yield* handleL2Exit(vcpu, vcpu.nested!);
    return;
  }
  switch (reason) {
    case REASON.vmlaunch:
    case REASON.vmresume:
      yield* handleVmentry(vcpu);
      return;
    case REASON.ept_violation:
      yield* handleEptViolation(vcpu);
      return;
    case REASON.ept_misconfiguration:
      // The entry was not, or no longer, one for MMIO.
      yield* handleEptViolation(vcpu);
      return;
    case REASON.triple_fault:
      vcpu.makeRequest(REQ.tripleFault);
      return;
    default:
      throw new InternalError(
        "unexpected-exit",
        `vCPU ${vcpu.index}: VM exit ${reasonName(reason)} at RIP 0x${vcpu.rip.toString(16)}, ` +
          `qualification 0x${vcpu.hw.readWide(FIELD.exit_qualification).toString(16)}, is not handled`,
      );
  }
}

/** Exits of L2: EPT is L0's business, the rest that comes here is L1's. */
function* handleL2Exit(vcpu: Vcpu, nested: Nested): Task {
  const { exitReason } = vcpu;
  if (exitReason === REASON.ept_violation || exitReason === REASON.ept_misconfiguration) {
    yield* handleL2EptFault(vcpu, nested);
    return;
  }
  if (exitReason === REASON.vmfunc) {
    yield* handleVmfunc(vcpu, nested);
    return;
  }
  yield* nestedVmexit(vcpu, nested, hardwareExit(vcpu));
}
