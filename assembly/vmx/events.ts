/**
 * Events in VMX non-root operation: what is looked at on the boundary between instructions, which
 * exceptions exit, and what VM entry injects (SDM "Event Injection", "Exceptions and Interrupts").
 */
import {
  KIND_EXCEPTION,
  KIND_EXTERNAL,
  KIND_HAS_ERROR,
  KIND_NMI,
  KIND_PRIVILEGED_SOFTWARE,
  KIND_SOFTWARE_INTERRUPT,
  KIND_TRAP,
  KIND_TYPE_MASK,
  raiseDb,
  VECTOR_DB,
  VECTOR_NMI,
  VECTOR_PF,
} from "../cpu/fault";
import { FLAG_IF, flagsRest } from "../cpu/flags";
import { raiseEvent, SHUTDOWN, WAIT_FOR_SIPI } from "../cpu/interrupt";
import { isProtectedMode } from "../cpu/mode";
import { STOP_REQUEST, STOP_RESCHEDULE, STOP_SLICE } from "../cpu/run";
import { virtualTime } from "../cpu/time";
import {
  ACTIVITY,
  APIC_WRITE,
  CTL_EXIT,
  CTL_PIN,
  CTL_PRIMARY,
  CTL_SECONDARY,
  EVENT_INIT,
  EVENT_INTR,
  EVENT_NMI,
  EVENT_RESCHEDULE,
  EVENT_SIPI,
  EVENT_STOP,
  EVENT_VMX,
  EVENTS,
  EXIT_INTR_ERROR,
  EXIT_INTR_INFO,
  EXIT_LENGTH,
  FAULT,
  FAULT_CR2,
  FAULT_ERROR,
  FAULT_KIND,
  FAULT_LENGTH,
  FAULT_VECTOR,
  INJECTING,
  INTERRUPTIBILITY,
  NMI_UNBLOCKED,
  PENDING_DEBUG,
  SIPI_VECTOR,
  TIMER_DEADLINE,
  VMX_EVENTS,
} from "../generated/state";
import {
  EXITING_ACKNOWLEDGE_INTERRUPT_ON_EXIT,
  PIN_ACTIVATE_PREEMPTION_TIMER,
  PIN_EXTERNAL_INTERRUPT_EXITING,
  PIN_NMI_EXITING,
  PIN_VIRTUAL_NMIS,
  PRIMARY_INTERRUPT_WINDOW_EXITING,
  PRIMARY_MONITOR_TRAP_FLAG,
  PRIMARY_NMI_WINDOW_EXITING,
  PRIMARY_USE_TPR_SHADOW,
  REASON_EXCEPTION_OR_NMI,
  REASON_EXTERNAL_INTERRUPT,
  REASON_INIT,
  REASON_INTERRUPT_WINDOW,
  REASON_MONITOR_TRAP_FLAG,
  REASON_NMI_WINDOW,
  REASON_PREEMPTION_TIMER,
  REASON_SIPI,
  REASON_TPR_BELOW_THRESHOLD,
  SECONDARY_VIRTUAL_INTERRUPT_DELIVERY,
  SECONDARY_VIRTUALIZE_APIC_ACCESSES,
  V_EXCEPTION_BITMAP,
  V_PF_ERROR_CODE_MASK,
  V_PF_ERROR_CODE_MATCH,
  V_TPR_THRESHOLD,
  V_VMENTRY_EXCEPTION_ERROR_CODE,
  V_VMENTRY_INSTRUCTION_LENGTH,
  V_VMENTRY_INTR_INFO,
} from "../generated/vmx";
import { acknowledgeInterrupt } from "../host";
import { processPostedInterrupts } from "./apic-ipi";
import {
  emulateApicWrite,
  isVirtualInterruptDeliverable,
  loadInterruptStatus,
  takeVirtualInterrupt,
  virtualTpr,
} from "./apic-virtual";
import { noteExit } from "./pending";
import { startTimer } from "./timer";
import { vmcsRead } from "./vmcs";

// Bits of VMX_EVENTS.
/** The event of the VM-entry interruption information is to be delivered. */
export const VMX_EVENT_INJECT: u32 = 1;
/** An exit by the monitor trap flag is due. */
export const VMX_EVENT_MTF: u32 = 2;
/** The TPR is below its threshold. */
export const VMX_EVENT_TPR: u32 = 4;
/** A virtual interrupt has been recognized. */
export const VMX_EVENT_INTERRUPT: u32 = 8;

const VALID: u32 = 0x80000000;
const INFO_ERROR: u32 = 1 << 11;
const INFO_NMI_UNBLOCKED: u32 = 1 << 12;
const TYPE_OTHER: u32 = 7;
const SHADOWS: u32 = 3;
const SHADOW_MOV_SS: u32 = 2;
const NMI_BLOCKED: u32 = 8;
/** What #DB reports in the exit qualification: B0 to B3, BD, BS. */
const DEBUG_QUALIFICATION: u64 = 0x600f;

/** Interruption information of an event. */
export function infoOf(vector: u32, kind: u32): u32 {
  const error = (kind & KIND_HAS_ERROR) != 0 && isProtectedMode();
  return vector | ((kind & KIND_TYPE_MASK) << 8) | (error ? INFO_ERROR : 0) | VALID;
}

/** Makes the run loop look at the events of VMX before it goes on. */
export function announce(events: u32): void {
  store<u32>(VMX_EVENTS, load<u32>(VMX_EVENTS) | events);
  store<u32>(EVENTS, load<u32>(EVENTS) | EVENT_VMX);
}

/** Starts the guest: timer, virtual interrupts, injection; and decides what a boundary looks at. */
export function startGuest(): void {
  startTimer();
  const primary = load<u32>(CTL_PRIMARY);
  const secondary = load<u32>(CTL_SECONDARY);
  if ((secondary & SECONDARY_VIRTUAL_INTERRUPT_DELIVERY) != 0) {
    loadInterruptStatus();
  } else if (
    (primary & PRIMARY_USE_TPR_SHADOW) != 0 &&
    (secondary & SECONDARY_VIRTUALIZE_APIC_ACCESSES) != 0 &&
    virtualTpr() >>> 4 < (vmcsRead<u32>(V_TPR_THRESHOLD) & 15)
  ) {
    announce(VMX_EVENT_TPR);
  }
  const info = vmcsRead<u32>(V_VMENTRY_INTR_INFO);
  if ((info & VALID) != 0) {
    const type = (info >>> 8) & 7;
    announce(type == TYPE_OTHER ? VMX_EVENT_MTF : VMX_EVENT_INJECT);
    // Debug exceptions survive only behind software interrupts and exceptions.
    if (type < KIND_SOFTWARE_INTERRUPT || type == KIND_PRIVILEGED_SOFTWARE) {
      store<u32>(PENDING_DEBUG, 0);
    }
  }
  const watched = PRIMARY_INTERRUPT_WINDOW_EXITING | PRIMARY_NMI_WINDOW_EXITING;
  const timer = (load<u32>(CTL_PIN) & PIN_ACTIVATE_PREEMPTION_TIMER) != 0;
  if ((primary & watched) != 0 || timer) announce(0);
}

/** Notes the injected event for delivery. */
function inject(): void {
  const info = vmcsRead<u32>(V_VMENTRY_INTR_INFO);
  const type = (info >>> 8) & 7;
  store<u32>(VMX_EVENTS, load<u32>(VMX_EVENTS) & ~VMX_EVENT_INJECT);
  store<u32>(FAULT, 1);
  store<u32>(FAULT_VECTOR, info & 0xff);
  let kind = type;
  if ((info & INFO_ERROR) != 0) kind |= KIND_HAS_ERROR;
  if (type >= KIND_SOFTWARE_INTERRUPT) kind |= KIND_TRAP;
  store<u32>(FAULT_KIND, kind);
  store<u32>(FAULT_ERROR, vmcsRead<u32>(V_VMENTRY_EXCEPTION_ERROR_CODE));
  store<u32>(FAULT_LENGTH, vmcsRead<u32>(V_VMENTRY_INSTRUCTION_LENGTH));
  store<u32>(INJECTING, 1);
}

/** True, with the exit noted, when the exception or NMI causes a VM exit. */
export function interceptEvent(vector: u32, kind: u32, error: u32): bool {
  const type = kind & KIND_TYPE_MASK;
  let qualification: u64 = 0;
  if (type == KIND_EXTERNAL || type == KIND_SOFTWARE_INTERRUPT) return false;
  if (type == KIND_NMI) {
    if ((load<u32>(CTL_PIN) & PIN_NMI_EXITING) == 0) return false;
  } else {
    let exits = ((vmcsRead<u32>(V_EXCEPTION_BITMAP) >>> vector) & 1) != 0;
    if (vector == VECTOR_PF && type == KIND_EXCEPTION) {
      const masked = error & vmcsRead<u32>(V_PF_ERROR_CODE_MASK);
      exits = exits == (masked == vmcsRead<u32>(V_PF_ERROR_CODE_MATCH));
      qualification = load<u64>(FAULT_CR2);
    } else if (vector == VECTOR_DB && type == KIND_EXCEPTION) {
      qualification = load<u64>(FAULT_CR2) & DEBUG_QUALIFICATION;
    }
    if (!exits) return false;
  }
  const length: u32 = type > KIND_SOFTWARE_INTERRUPT ? load<u32>(FAULT_LENGTH) : 0;
  noteExit(REASON_EXCEPTION_OR_NMI, qualification);
  store<u32>(EXIT_LENGTH, length);
  const unblocked = load<u32>(NMI_UNBLOCKED) != 0 && type == KIND_EXCEPTION;
  store<u32>(EXIT_INTR_INFO, infoOf(vector, kind) | (unblocked ? INFO_NMI_UNBLOCKED : 0));
  if ((kind & KIND_HAS_ERROR) != 0) store<u32>(EXIT_INTR_ERROR, error);
  return true;
}

/** To be called behind an instruction or the delivery of an event. @inline */
export function noteMonitorTrap(): void {
  if ((load<u32>(CTL_PRIMARY) & PRIMARY_MONITOR_TRAP_FLAG) != 0) announce(VMX_EVENT_MTF);
}

/**
 * External interrupt with external-interrupt exiting. True when it brought posted interrupts, so that
 * there may be a virtual one to deliver.
 */
function exitForInterrupt(): bool {
  if ((load<u32>(CTL_EXIT) & EXITING_ACKNOWLEDGE_INTERRUPT_ON_EXIT) == 0) {
    noteExit(REASON_EXTERNAL_INTERRUPT, 0);
    return false;
  }
  const vector = acknowledgeInterrupt();
  if (vector < 0) return false;
  if (processPostedInterrupts(vector)) return true;
  noteExit(REASON_EXTERNAL_INTERRUPT, 0);
  store<u32>(EXIT_INTR_INFO, infoOf(vector, KIND_EXTERNAL));
  return false;
}

/**
 * NMI window, NMI, interrupt window, virtual and external interrupts, in this order. True when they
 * are to be looked at again.
 */
function serveInterrupts(events: u32, activity: u32): bool {
  const blocking = load<u32>(INTERRUPTIBILITY);
  const primary = load<u32>(CTL_PRIMARY);
  const pin = load<u32>(CTL_PIN);
  const nmiOpen = (blocking & (NMI_BLOCKED | SHADOW_MOV_SS)) == 0;
  if ((primary & PRIMARY_NMI_WINDOW_EXITING) != 0 && nmiOpen) {
    noteExit(REASON_NMI_WINDOW, 0);
    return false;
  }
  if ((events & EVENT_NMI) != 0 && (blocking & SHADOWS) == 0) {
    // Under virtual NMIs the flag of the guest does not hold up physical ones.
    if ((blocking & NMI_BLOCKED) == 0 || (pin & PIN_VIRTUAL_NMIS) != 0) {
      store<u32>(EVENTS, load<u32>(EVENTS) & ~EVENT_NMI);
      raiseEvent(VECTOR_NMI, KIND_NMI);
      return false;
    }
  }
  if (activity == SHUTDOWN || (blocking & SHADOWS) != 0) return false;
  const open = (flagsRest() & FLAG_IF) != 0;
  if (open) {
    if ((primary & PRIMARY_INTERRUPT_WINDOW_EXITING) != 0) {
      noteExit(REASON_INTERRUPT_WINDOW, 0);
      return false;
    }
    if (isVirtualInterruptDeliverable()) {
      raiseEvent(takeVirtualInterrupt(), KIND_EXTERNAL);
      return false;
    }
  }
  if ((events & EVENT_INTR) == 0) return false;
  if ((pin & PIN_EXTERNAL_INTERRUPT_EXITING) != 0) {
    return exitForInterrupt();
  }
  if (open) {
    const vector = acknowledgeInterrupt();
    if (vector >= 0) raiseEvent(vector, KIND_EXTERNAL);
  }
  return false;
}

/** True, with what is due noted, for the events of ranks 2 to 5 and pending debug traps. */
function serveFirst(events: u32, activity: u32): bool {
  const asleep = activity == SHUTDOWN || activity == WAIT_FOR_SIPI;
  if (load<u32>(APIC_WRITE) != 0 && emulateApicWrite() != 0) return true;
  const due = load<u32>(VMX_EVENTS);
  if ((due & VMX_EVENT_TPR) != 0 && !asleep) {
    noteExit(REASON_TPR_BELOW_THRESHOLD, 0);
    return true;
  }
  if ((events & EVENT_INIT) != 0 && activity != WAIT_FOR_SIPI) {
    store<u32>(EVENTS, load<u32>(EVENTS) & ~EVENT_INIT);
    noteExit(REASON_INIT, 0);
    return true;
  }
  if ((events & EVENT_SIPI) != 0) {
    store<u32>(EVENTS, load<u32>(EVENTS) & ~EVENT_SIPI);
    if (activity == WAIT_FOR_SIPI) {
      noteExit(REASON_SIPI, load<u32>(SIPI_VECTOR) as u64);
      return true;
    }
  }
  if (asleep) return false;
  if ((due & VMX_EVENT_MTF) != 0) {
    noteExit(REASON_MONITOR_TRAP_FLAG, 0);
    return true;
  }
  const debug = load<u32>(PENDING_DEBUG);
  if (debug != 0 && (load<u32>(INTERRUPTIBILITY) & SHADOW_MOV_SS) == 0) {
    store<u32>(PENDING_DEBUG, 0);
    raiseDb(debug as u64, false);
    return true;
  }
  return false;
}

/** Serves what is due in non-root operation, in order of priority. Returns a reason to stop. */
export function serveGuestEvents(): u32 {
  const events = load<u32>(EVENTS);
  if ((events | load<u32>(PENDING_DEBUG) | load<u32>(APIC_WRITE)) == 0) return STOP_SLICE;
  if ((events & EVENT_STOP) != 0) {
    store<u32>(EVENTS, events & ~EVENT_STOP);
    return STOP_REQUEST;
  }
  if ((events & EVENT_RESCHEDULE) != 0) {
    store<u32>(EVENTS, events & ~EVENT_RESCHEDULE);
    return STOP_RESCHEDULE;
  }
  if ((load<u32>(VMX_EVENTS) & VMX_EVENT_INJECT) != 0) {
    inject();
    return STOP_SLICE;
  }
  const activity = load<u32>(ACTIVITY);
  if (serveFirst(events, activity) || activity == WAIT_FOR_SIPI) return STOP_SLICE;
  if (virtualTime() >= load<u64>(TIMER_DEADLINE)) {
    noteExit(REASON_PREEMPTION_TIMER, 0);
    return STOP_SLICE;
  }
  while (serveInterrupts(load<u32>(EVENTS), activity)) {}
  return STOP_SLICE;
}
