/**
 * Nested state as userspace saves and restores it (KVM_GET_NESTED_STATE, KVM_SET_NESTED_STATE), and the
 * forced way out of L2 and of VMX operation that this and a reset take (vmx_leave_nested). To be called
 * on the vCPU's thread: see `Vcpu.ioctl`.
 */
import { FIELD } from "../../generated/vmx.ts";
import type { PendingEvents } from "../inject.ts";
import { REQ } from "../requests.ts";
import type { Task } from "../scheduler.ts";
import type { Vcpu } from "../vcpu.ts";
import { failingControl, failingGuest, failingHost } from "./checks.ts";
import { type OwnState, ownState, restoreNonRoot } from "./entry.ts";
import { forceExit, saveActivity } from "./exit.ts";
import { isPageAddress } from "./instructions.ts";
import type { Nested } from "./state.ts";
import { hasTimer, startTimer, timerNow } from "./timer.ts";
import { syncGuest } from "./vmcs02.ts";
import { SHADOW_VMCS, VMCS12_BYTES, VMCS12_REVISION, Vmcs12 } from "./vmcs12.ts";

/** An address that stands for none (INVALID_GPA). */
export const INVALID_GPA = -1;

/**
 * What of L2 has no place in vmcs12 where the controls of L1 do not ask for it, and events on their way:
 * userspace has it by KVM_GET_SREGS, KVM_GET_DEBUGREGS, KVM_GET_MSRS and KVM_GET_VCPU_EVENTS.
 */
export interface L2Registers extends OwnState {
  readonly exception: PendingEvents["exception"];
  readonly interrupt: PendingEvents["interrupt"];
  readonly nmiInjected: boolean;
}

/** struct kvm_nested_state with the data behind it. */
export interface NestedState {
  /** VMXON region; INVALID_GPA outside VMX operation. */
  readonly vmxonPa: number;
  /** The current vmcs12, or INVALID_GPA. */
  readonly vmcs12Pa: number;
  /** L2 is active. */
  readonly guestMode: boolean;
  /** It has been entered by L1, but not yet by the processor. */
  readonly runPending: boolean;
  readonly mtfPending: boolean;
  /** When the preemption timer expires, in its units of virtual time. */
  readonly preemptionTimerDeadline?: number;
  /** The cached vmcs12; absent without a current one. */
  readonly vmcs12?: Uint8Array;
  /** The one that L2 reads and writes. */
  readonly shadowVmcs12?: Uint8Array;
  /** Of an active L2. */
  readonly l2?: L2Registers;
}

/** Why a state is refused (EINVAL). */
export type Refusal = string;

/** vmx_get_nested_state. Nothing of the vCPU's state changes. */
export function getNestedState(vcpu: Vcpu): NestedState {
  const { nested } = vcpu;
  const off = { guestMode: false, runPending: false, mtfPending: false };
  if (nested?.vmxon !== true) {
    return { vmxonPa: INVALID_GPA, vmcs12Pa: INVALID_GPA, ...off };
  }
  const { vmcs12, current } = nested;
  const base = { vmxonPa: nested.vmxonRegion, vmcs12Pa: current, ...off };
  if (!nested.hasCurrent) return base;
  if (!vcpu.guestMode) {
    nested.shadow?.copyTo(vmcs12);
    return { ...base, vmcs12: vmcs12.bytes.slice() };
  }
  const saved = new Vmcs12();
  const before = vmcs12.bytes.slice();
  if (!nested.runPending) {
    // What counts is in vmcs02; vmcs12 itself changes only when L2 exits.
    syncGuest(nested);
    saveActivity(nested);
  }
  saved.bytes.set(vmcs12.bytes);
  vmcs12.bytes.set(before);
  return {
    ...base,
    guestMode: true,
    runPending: nested.runPending,
    mtfPending: nested.mtfPending,
    vmcs12: saved.bytes,
    ...(hasTimer(nested) && {
      preemptionTimerDeadline: nested.timerExpired ? timerNow(nested) : nested.timerEnd,
    }),
    l2: l2Registers(vcpu),
    ...(nested.hasShadow12 && { shadowVmcs12: nested.shadow12.bytes.slice() }),
  };
}

function l2Registers(vcpu: Vcpu): L2Registers {
  const { exception, interrupt, nmiInjected } = vcpu.events;
  return {
    ...ownState(vcpu.hw),
    exception: exception && { ...exception },
    interrupt: interrupt && { ...interrupt },
    nmiInjected,
  };
}

/** What can be said of a state before the present one is left. */
function refusal(vcpu: Vcpu, state: NestedState): Refusal | undefined {
  const { vmxonPa, vmcs12Pa, guestMode, runPending, mtfPending, vmcs12 } = state;
  const active = guestMode || runPending || mtfPending;
  if (vmxonPa === INVALID_GPA) {
    if (vmcs12Pa !== INVALID_GPA) return "a vmcs12 outside VMX operation";
    return active ? "flags of L2 outside VMX operation" : undefined;
  }
  if (vcpu.nested === undefined) return "the vCPU has no VMX";
  if (!isPageAddress(vcpu, BigInt(vmxonPa))) return "the address of the VMXON region";
  if (vmcs12 === undefined) {
    if (guestMode) return "L2 without a vmcs12";
    return vmcs12Pa === INVALID_GPA ? undefined : "a current vmcs12 without its content";
  }
  if (vmcs12Pa === INVALID_GPA) return "a vmcs12 that is not current";
  if (vmcs12Pa === vmxonPa) return "vmcs12 in the VMXON region";
  return isPageAddress(vcpu, BigInt(vmcs12Pa)) ? undefined : "the address of vmcs12";
}

/**
 * vmx_set_nested_state: the present nested state is left, and `state` taken over. Returns why it was
 * refused; then the vCPU is where it was, or in VMX operation outside L2.
 */
export function* setNestedState(vcpu: Vcpu, state: NestedState): Task<Refusal | undefined> {
  const bad = refusal(vcpu, state);
  if (bad !== undefined) return bad;
  yield* leaveNested(vcpu);
  const { nested } = vcpu;
  if (nested === undefined || state.vmxonPa === INVALID_GPA) return undefined;
  nested.enterOperation(state.vmxonPa);
  if (state.vmcs12 === undefined) return undefined;
  nested.vmcs12.bytes.set(state.vmcs12.subarray(0, VMCS12_BYTES));
  nested.setCurrent(state.vmcs12Pa);
  if ((nested.vmcs12.revision & ~SHADOW_VMCS) !== VMCS12_REVISION) return "the revision of vmcs12";
  return state.guestMode ? yield* restoreL2(vcpu, nested, state) : undefined;
}

function* restoreL2(vcpu: Vcpu, nested: Nested, state: NestedState): Task<Refusal | undefined> {
  if (nested.hasShadow12) {
    if (state.shadowVmcs12 === undefined) return "no content of the vmcs12 that L2 reads";
    nested.shadow12.bytes.set(state.shadowVmcs12.subarray(0, VMCS12_BYTES));
    const { revision, isShadow } = nested.shadow12;
    if (!isShadow || (revision & ~SHADOW_VMCS) !== VMCS12_REVISION) {
      return "the revision of the vmcs12 that L2 reads";
    }
  }
  const failing = failingControl(nested) ?? failingHost(nested, true) ?? failingGuest(nested)?.id;
  if (failing !== undefined) return failing;
  nested.runPending = state.runPending;
  const { l2 } = state;
  yield* restoreNonRoot(vcpu, nested, l2);
  vcpu.events.exception = l2?.exception && { ...l2.exception };
  vcpu.events.interrupt = l2?.interrupt && { ...l2.interrupt };
  vcpu.events.nmiInjected = l2?.nmiInjected ?? false;
  nested.mtfPending ||= state.mtfPending;
  const value = nested.vmcs12.lo(FIELD.vmx_preemption_timer_value);
  startTimer(nested, state.preemptionTimerDeadline ?? timerNow(nested) + value);
  return undefined;
}

/**
 * vmx_leave_nested: out of L2, whose state is lost, and out of VMX operation. L1's memory keeps the
 * vmcs12 that it has; L1 goes on with the host state of the one that was current.
 */
export function* leaveNested(vcpu: Vcpu): Task {
  const { nested } = vcpu;
  if (nested === undefined) return;
  if (vcpu.guestMode) {
    // The pages were never needed.
    vcpu.checkRequest(REQ.getNestedStatePages);
    yield* forceExit(vcpu, nested);
  }
  nested.leaveOperation();
}
