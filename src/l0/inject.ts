/**
 * Events for the guest: what is queued, what has been injected, and what an exit took back
 * (kvm_check_and_inject_events, __vmx_complete_interrupts).
 */
import { FIELD, PRIMARY, REASON } from "../generated/vmx.ts";
import { exitsOnInterrupt, exitsOnNmi } from "./nested/events.ts";
import { REQ } from "./requests.ts";
import type { Vcpu } from "./vcpu.ts";

export const VECTOR_DE = 0;
export const VECTOR_DB = 1;
const VECTOR_BP = 3;
const VECTOR_OF = 4;
export const VECTOR_UD = 6;
export const VECTOR_NM = 7;
const VECTOR_DF = 8;
export const VECTOR_TS = 10;
export const VECTOR_NP = 11;
export const VECTOR_SS = 12;
export const VECTOR_GP = 13;
export const VECTOR_PF = 14;

const VALID = 0x80000000;
const HAS_ERROR = 1 << 11;
const UNBLOCKED_BY_IRET = 1 << 12;
const TYPE = { external: 0, nmi: 2, hard: 3, soft: 4, privileged: 5, softException: 6 } as const;
const BLOCKED_BY_STI_OR_MOV_SS = 3;
const BLOCKED_BY_STI = 1;
const BLOCKED_BY_MOV_SS = 2;
const BLOCKED_BY_NMI = 8;
const FLAG_IF = 0x200;

interface QueuedException {
  vector: number;
  error: number | undefined;
  /** CR2 or the DR6 bits, which change when the exception is delivered. */
  payload: bigint | undefined;
  /** It was on its way already, and an exit took it back. */
  injected?: boolean;
  /** Software exceptions say their length. */
  length: number;
}

/** Events of one vCPU. */
export interface PendingEvents {
  /** Waits for injection, or was taken back by an exit. */
  exception: QueuedException | undefined;
  interrupt: { vector: number; soft: boolean; length: number } | undefined;
  nmiInjected: boolean;
  nmiPending: number;
  nmiQueued: number;
  /** #DB behind an instruction that L0 carried out. */
  queueDebug(vcpu: Vcpu, dr6: bigint): void;
}

export function noEvents(): PendingEvents {
  return {
    exception: undefined,
    interrupt: undefined,
    nmiInjected: false,
    nmiPending: 0,
    nmiQueued: 0,
    queueDebug: (vcpu, dr6) => queueException(vcpu, VECTOR_DB, undefined, dr6),
  };
}

function isContributory(vector: number): boolean {
  return vector === 0 || (vector >= VECTOR_TS && vector <= VECTOR_GP);
}

/**
 * Queues an exception of the guest (kvm_multiple_exception). Together with one that is being delivered
 * it may become a double fault, and a triple fault after that.
 */
export function queueException(vcpu: Vcpu, vector: number, error?: number, payload?: bigint): void {
  const { events } = vcpu;
  const first = events.exception;
  vcpu.makeRequest(REQ.event);
  if (first === undefined) {
    events.exception = { vector, error, payload, length: 0 };
    return;
  }
  if (first.vector === VECTOR_DF) {
    events.exception = undefined;
    vcpu.makeRequest(REQ.tripleFault);
    return;
  }
  const both =
    (isContributory(first.vector) && isContributory(vector)) ||
    (first.vector === VECTOR_PF && (vector === VECTOR_PF || isContributory(vector)));
  events.exception = both
    ? { vector: VECTOR_DF, error: 0, payload: undefined, length: 0 }
    : { vector, error, payload, length: 0 };
}

/** Whether something was injected at the last entry, or waits for the next one. */
export function isInjecting({ events }: Vcpu): boolean {
  return events.exception !== undefined || events.interrupt !== undefined || events.nmiInjected;
}

/** Takes back what the exit interrupted, for injection at the next entry. */
export function completeInterrupts(vcpu: Vcpu): void {
  const { hw, events } = vcpu;
  const info = hw.read(FIELD.idt_vectoring_info);
  events.exception = undefined;
  events.interrupt = undefined;
  events.nmiInjected = false;
  recoverNmiBlocking(vcpu, info);
  if ((info & VALID) === 0) return;
  const vector = info & 0xff;
  const type = (info >>> 8) & 7;
  const length = type >= TYPE.soft ? hw.read(FIELD.exit_instruction_length) : 0;
  vcpu.makeRequest(REQ.event);
  switch (type) {
    case TYPE.nmi:
      events.nmiInjected = true;
      // The entry blocks NMIs again.
      hw.change(FIELD.guest_interruptibility, 0, BLOCKED_BY_NMI);
      break;
    case TYPE.hard:
    case TYPE.privileged:
    case TYPE.softException: {
      const hasError = (info & HAS_ERROR) !== 0;
      const error = hasError ? hw.read(FIELD.idt_vectoring_error_code) : undefined;
      events.exception = { vector, error, payload: undefined, length, injected: true };
      break;
    }
    default:
      events.interrupt = { vector, soft: type === TYPE.soft, length };
  }
}

/** An IRET that ended blocking by NMI and then exited has not ended it (vmx_recover_nmi_blocking). */
function recoverNmiBlocking(vcpu: Vcpu, idtInfo: number): void {
  if ((idtInfo & VALID) !== 0 || vcpu.exitReason !== REASON.exception_or_nmi) return;
  const info = vcpu.hw.read(FIELD.exit_intr_info);
  if ((info & VALID) === 0 || (info & UNBLOCKED_BY_IRET) === 0 || (info & 0xff) === VECTOR_DF)
    return;
  vcpu.hw.change(FIELD.guest_interruptibility, BLOCKED_BY_NMI);
}

/** Forgets an injection that an entry given up did not make (vmx_cancel_injection). */
export function cancelInjection(vcpu: Vcpu): void {
  const { hw, events } = vcpu;
  const info = hw.read(FIELD.vmentry_intr_info);
  if ((info & VALID) === 0) return;
  const vector = info & 0xff;
  const type = (info >>> 8) & 7;
  const length = type >= TYPE.soft ? hw.read(FIELD.vmentry_instruction_length) : 0;
  if (type === TYPE.nmi) events.nmiInjected = true;
  else if (type === TYPE.external || type === TYPE.soft) {
    events.interrupt = { vector, soft: type === TYPE.soft, length };
  } else {
    const error =
      (info & HAS_ERROR) !== 0 ? hw.read(FIELD.vmentry_exception_error_code) : undefined;
    events.exception = { vector, error, payload: undefined, length, injected: true };
  }
  hw.write(FIELD.vmentry_intr_info, 0);
  vcpu.makeRequest(REQ.event);
}

/** Whether an external interrupt can be injected now (vmx_interrupt_allowed). */
export function interruptAllowed(vcpu: Vcpu): boolean {
  if ((vcpu.rflags & FLAG_IF) === 0) return false;
  return (vcpu.hw.read(FIELD.guest_interruptibility) & BLOCKED_BY_STI_OR_MOV_SS) === 0;
}

function nmiAllowed(vcpu: Vcpu): boolean {
  const blocking = vcpu.hw.read(FIELD.guest_interruptibility);
  return (blocking & (BLOCKED_BY_STI | BLOCKED_BY_MOV_SS | BLOCKED_BY_NMI)) === 0;
}

function injectException(vcpu: Vcpu, exception: QueuedException): void {
  const { hw } = vcpu;
  const { vector, payload, length } = exception;
  // Faults deliver what led to them now, not when they were queued.
  if (payload !== undefined && vector === VECTOR_PF) hw.cr2 = payload;
  if (payload !== undefined && vector === VECTOR_DB) {
    hw.setDebugRegister(6, (hw.debugRegister(6) & ~0xfn) | payload);
    hw.change(FIELD.guest_dr7, 0, 0x2000);
  }
  exception.payload = undefined;
  exception.injected = true;
  const soft = vector === VECTOR_BP || vector === VECTOR_OF;
  let info = (vector | ((soft ? TYPE.softException : TYPE.hard) << 8)) >>> 0;
  // Real-address mode knows no error codes.
  const error = vcpu.isProtectedMode ? exception.error : undefined;
  if (error !== undefined) {
    info |= HAS_ERROR;
    hw.write(FIELD.vmentry_exception_error_code, error);
  }
  if (soft) hw.write(FIELD.vmentry_instruction_length, length === 0 ? 1 : length);
  // A fault resumes at its instruction with RF set.
  if (!soft && vector !== VECTOR_DB) hw.change(FIELD.guest_rflags, 0x10000);
  hw.write(FIELD.vmentry_intr_info, (info | VALID) >>> 0);
  vcpu.vm.trace?.injectException(vector, error);
}

/** Injects what comes first, and asks for windows for the rest. */
export function injectEvents(vcpu: Vcpu): void {
  const { hw, events } = vcpu;
  hw.at("kvm_check_and_inject_events");
  let taken = true;
  if (events.exception !== undefined) {
    injectException(vcpu, events.exception);
  } else if (events.nmiInjected) {
    hw.write(FIELD.vmentry_intr_info, (2 | (TYPE.nmi << 8) | VALID) >>> 0);
  } else if (events.interrupt !== undefined) {
    const { vector, soft, length } = events.interrupt;
    const type = soft ? TYPE.soft : TYPE.external;
    if (soft) hw.write(FIELD.vmentry_instruction_length, length);
    hw.write(FIELD.vmentry_intr_info, (vector | (type << 8) | VALID) >>> 0);
  } else {
    // What L1 injects into L2 is in vmcs02 already.
    taken = vcpu.guestMode && (hw.read(FIELD.vmentry_intr_info) & VALID) !== 0;
  }
  if (events.nmiPending > 0 && !keepsNmis(vcpu)) {
    if (!taken && nmiAllowed(vcpu)) {
      events.nmiPending--;
      events.nmiInjected = true;
      hw.write(FIELD.vmentry_intr_info, (2 | (TYPE.nmi << 8) | VALID) >>> 0);
      taken = true;
    }
    if (events.nmiPending > 0) openNmiWindow(vcpu);
  }
  if (!vcpu.apic.hasInjectable() || keepsInterrupts(vcpu)) return;
  if (!taken && interruptAllowed(vcpu)) {
    const vector = vcpu.apic.acknowledge();
    if (vector >= 0) {
      events.interrupt = { vector, soft: false, length: 0 };
      hw.write(FIELD.vmentry_intr_info, (vector | VALID) >>> 0);
      vcpu.vm.trace?.injectVirq(vector);
    }
  }
  if (vcpu.apic.hasInjectable())
    hw.change(FIELD.primary_proc_controls, PRIMARY.interrupt_window_exiting);
}

/** While L2 is active, events that take it out to L1 are not injected. */
function keepsNmis({ guestMode, nested }: Vcpu): boolean {
  return guestMode && exitsOnNmi(nested!);
}

function keepsInterrupts({ guestMode, nested }: Vcpu): boolean {
  return guestMode && exitsOnInterrupt(nested!);
}

/** An NMI window only opens outside blocking by STI, which processors may extend to NMIs. */
function openNmiWindow(vcpu: Vcpu): void {
  const { hw } = vcpu;
  const shadowed = (hw.read(FIELD.guest_interruptibility) & BLOCKED_BY_STI) !== 0;
  const window = shadowed ? PRIMARY.interrupt_window_exiting : PRIMARY.nmi_window_exiting;
  hw.change(FIELD.primary_proc_controls, window);
}
