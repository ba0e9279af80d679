/** Task switches (handle_task_switch). */
import { FIELD } from "../../generated/vmx.ts";
import { SOURCE, switchTask } from "../emulate/task.ts";
import type { Vcpu } from "../vcpu.ts";

const VALID = 0x80000000;
const HAS_ERROR = 1 << 11;
const BLOCKED_BY_NMI = 8;
const TYPE = { external: 0, nmi: 2, hard: 3 } as const;

export function handleTaskSwitch(vcpu: Vcpu): boolean {
  const { hw, events } = vcpu;
  const qualification = hw.read(FIELD.exit_qualification);
  const info = hw.read(FIELD.idt_vectoring_info);
  const source = qualification >>> 30;
  const type = (info >>> 8) & 7;
  const delivers = source === SOURCE.gate && (info & VALID) !== 0;
  const isOutside = type === TYPE.external || type === TYPE.nmi || type === TYPE.hard;
  // The switch delivers the event; it is not to be injected again.
  if (delivers) {
    events.exception = undefined;
    events.interrupt = undefined;
    if (events.nmiInjected) hw.change(FIELD.guest_interruptibility, BLOCKED_BY_NMI);
    events.nmiInjected = false;
  }
  const hasError = delivers && type === TYPE.hard && (info & HAS_ERROR) !== 0;
  // Instructions are over; what an event interrupts begins anew.
  const length = delivers && isOutside ? 0 : hw.read(FIELD.exit_instruction_length);
  switchTask(vcpu, {
    selector: qualification & 0xffff,
    source,
    error: hasError ? hw.read(FIELD.idt_vectoring_error_code) : undefined,
    ext: delivers && isOutside ? 1 : 0,
    rip: BigInt.asUintN(32, vcpu.rip + BigInt(length)),
  });
  return true;
}
