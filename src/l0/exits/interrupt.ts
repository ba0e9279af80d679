/** Exits by interrupts, windows and exceptions. */
import { FIELD, PRIMARY } from "../../generated/vmx.ts";
import { emulateUndefined } from "../emulate/emulator.ts";
import { VECTOR_UD } from "../inject.ts";
import { REQ } from "../requests.ts";
import { InternalError } from "../userspace.ts";
import type { Vcpu } from "../vcpu.ts";

const TYPE_AND_VECTOR = 0x7ff;
const HARD = 3;

/** An interrupt of L0's own, acknowledged by the exit. */
export function handleExternalInterrupt(vcpu: Vcpu): boolean {
  vcpu.pcpu!.serveAcknowledged();
  return true;
}

/** handle_interrupt_window */
export function handlePendingInterrupt(vcpu: Vcpu): boolean {
  vcpu.hw.change(FIELD.primary_proc_controls, 0, PRIMARY.interrupt_window_exiting);
  vcpu.makeRequest(REQ.event);
  return true;
}

export function handleNmiWindow(vcpu: Vcpu): boolean {
  vcpu.hw.change(FIELD.primary_proc_controls, 0, PRIMARY.nmi_window_exiting);
  vcpu.makeRequest(REQ.event);
  return true;
}

/** No exception exits but some #UD, and machine checks, which the machine does not raise. */
export function handleException(vcpu: Vcpu): boolean {
  const info = vcpu.hw.read(FIELD.exit_intr_info);
  if ((info & TYPE_AND_VECTOR) === ((HARD << 8) | VECTOR_UD)) {
    emulateUndefined(vcpu);
    return true;
  }
  const message = `vCPU ${vcpu.index}: exit by event 0x${info.toString(16)}`;
  throw new InternalError("unexpected-exit", message);
}
