/** Bits of VMX_EVENTS: what VMX operation wants looked at on a boundary between instructions. */
import { stopAfter } from "../cpu/run";
import { CUR_REC, EVENT_VMX, EVENTS, VMX_EVENTS } from "../generated/state";

/** A virtualized APIC write is to be emulated (APIC_WRITE) or an exit is due (APIC_TRAP). */
export const VMX_EVENT_APIC: u32 = 0x10000;
/** A virtual interrupt has been recognized. */
export const VMX_EVENT_VIRTUAL_INTERRUPT: u32 = 0x20000;

/** Asks for a look at `bits` of VMX_EVENTS behind the instruction being executed. */
export function requestVmxEvent(bits: u32): void {
  store<u32>(VMX_EVENTS, load<u32>(VMX_EVENTS) | bits);
  store<u32>(EVENTS, load<u32>(EVENTS) | EVENT_VMX);
  stopAfter(load<u32>(CUR_REC));
}

/** Takes bits of VMX_EVENTS back. */
export function cancelVmxEvent(bits: u32): void {
  const left = load<u32>(VMX_EVENTS) & ~bits;
  store<u32>(VMX_EVENTS, left);
  if (left == 0) store<u32>(EVENTS, load<u32>(EVENTS) & ~EVENT_VMX);
}
