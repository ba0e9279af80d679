/**
 * Virtualization of TPR, PPR and EOI, virtual interrupts, and the emulation of APIC writes (SDM
 * "APIC Virtualization and Virtual Interrupts").
 *
 * What ends in a trap-like VM exit is noted in APIC_WRITE, as a write to be emulated is;
 * `emulateApicWrite` takes the exit on the boundary behind the instruction.
 */

import { FLAG_IF } from "../cpu/flags";
import { ACTIVE, HALTED, MWAITING } from "../cpu/interrupt";
import { NEXT } from "../decode/record";
import {
  ACTIVITY,
  APIC_WRITE,
  CTL_PRIMARY,
  CTL_TERTIARY,
  FLAGS_REST,
  INTERRUPTIBILITY,
  RVI,
  SVI,
  VAPIC_PTR,
  VMX_EVENTS,
} from "../generated/state";
import {
  PRIMARY_INTERRUPT_WINDOW_EXITING,
  REASON_APIC_WRITE,
  REASON_TPR_BELOW_THRESHOLD,
  REASON_VIRTUALIZED_EOI,
  TERTIARY_IPI_VIRTUALIZATION,
  V_EOI_EXIT_BITMAP0,
  V_GUEST_INTERRUPT_STATUS,
  V_TPR_THRESHOLD,
} from "../generated/vmx";
import { virtualizeIpi } from "./apic-ipi";
import {
  deliversVirtualInterrupts,
  VAPIC_EOI,
  VAPIC_ICR_HIGH,
  VAPIC_ICR_LOW,
  VAPIC_IRR,
  VAPIC_ISR,
  VAPIC_PPR,
  VAPIC_SELF_IPI,
  VAPIC_TPR,
  vapicRead32,
  vapicWrite32,
} from "./apic-page";
import { announce, VMX_EVENT_INTERRUPT } from "./events";
import { noteExit } from "./pending";
import { vmcsRead } from "./vmcs";

const SHADOWS: u32 = 3;
/** Lowest vector that an interrupt may have. */
const VECTOR_MIN: u32 = 16;
/** Words of VISR and VIRR lie 16 bytes apart. */
const SET_WORDS: u32 = 8;

// Fields of the lower half of ICR.
const ICR_SHORTHAND: u32 = 0xc0000;
const ICR_SHORTHAND_SELF: u32 = 0x40000;
/** What must be 0 for an IPI to oneself: reserved bits, delivery status, trigger, delivery mode. */
const ICR_NOT_PLAIN: u32 = 0xfff3b700;

/** In APIC_WRITE: not a write but an exit, whose reason stands in bits 30:16 over a qualification. */
const TRAP: u32 = 0x80000000;

/** Notes a VM exit that is due behind the instruction, or on the boundary, at hand. */
function noteApicTrap(reason: u32, qualification: u32): void {
  store<u32>(APIC_WRITE, TRAP | (reason << 16) | qualification);
  announce(0);
}

/** Ceases to recognize a virtual interrupt. */
function withdrawInterrupt(): void {
  store<u32>(VMX_EVENTS, load<u32>(VMX_EVENTS) & ~VMX_EVENT_INTERRUPT);
}

// --- sets of vectors ---

/** @inline */
function wordOf(set: u32, vector: u32): u32 {
  return set + ((vector & 0xe0) >>> 1);
}

/** Adds a vector to VISR or VIRR. */
export function addVirtualVector(set: u32, vector: u32): void {
  const word = wordOf(set, vector);
  vapicWrite32(word, vapicRead32(word) | (1 << (vector & 31)));
}

function removeVirtualVector(set: u32, vector: u32): void {
  const word = wordOf(set, vector);
  vapicWrite32(word, vapicRead32(word) & ~(1 << (vector & 31)));
}

/** The highest vector of VISR or VIRR; 0 when there is none. */
function highestVector(set: u32): u32 {
  if (load<u32>(VAPIC_PTR) == 0) return 0;
  for (let i: u32 = SET_WORDS; i > 0; i--) {
    const word = vapicRead32(set + ((i - 1) << 4));
    if (word != 0) return ((i - 1) << 5) + (31 - clz<u32>(word));
  }
  return 0;
}

// --- virtual interrupts ---

/** SDM "Evaluation of Pending Virtual Interrupts": recognizes one, or ceases to. */
export function evaluateVirtualInterrupt(): void {
  const windows = (load<u32>(CTL_PRIMARY) & PRIMARY_INTERRUPT_WINDOW_EXITING) != 0;
  if (!windows && load<u32>(RVI) >>> 4 > (vapicRead32(VAPIC_PPR) & 0xff) >>> 4) {
    announce(VMX_EVENT_INTERRUPT);
  } else {
    withdrawInterrupt();
  }
}

/** True when a recognized virtual interrupt can be delivered at this boundary. */
export function isVirtualInterruptDeliverable(): bool {
  if ((load<u32>(VMX_EVENTS) & VMX_EVENT_INTERRUPT) == 0) return false;
  const activity = load<u32>(ACTIVITY);
  if (activity != ACTIVE && activity != HALTED && activity != MWAITING) return false;
  if ((load<u32>(INTERRUPTIBILITY) & SHADOWS) != 0) return false;
  return (load<u32>(FLAGS_REST) & FLAG_IF) != 0;
}

/**
 * SDM "Virtual-Interrupt Delivery": puts the recognized interrupt into service and returns its
 * vector, to be delivered through the IDT as an external interrupt.
 */
export function takeVirtualInterrupt(): u32 {
  const vector = load<u32>(RVI);
  addVirtualVector(VAPIC_ISR, vector);
  store<u32>(SVI, vector);
  vapicWrite32(VAPIC_PPR, vector & 0xf0);
  removeVirtualVector(VAPIC_IRR, vector);
  store<u32>(RVI, highestVector(VAPIC_IRR));
  withdrawInterrupt();
  return vector;
}

/** Requests virtual interrupt `vector`: an IPI to oneself. */
function requestVirtualInterrupt(vector: u32): void {
  addVirtualVector(VAPIC_IRR, vector);
  if (vector > load<u32>(RVI)) store<u32>(RVI, vector);
  evaluateVirtualInterrupt();
}

/**
 * At a VM entry with virtual-interrupt delivery, with controls and virtual-APIC page in force: RVI and
 * SVI from the VMCS.
 */
export function loadInterruptStatus(): void {
  const status = vmcsRead<u16>(V_GUEST_INTERRUPT_STATUS) as u32;
  store<u32>(RVI, status & 0xff);
  store<u32>(SVI, status >>> 8);
  virtualizePpr();
  evaluateVirtualInterrupt();
}

// --- TPR, PPR, EOI ---

/** SDM "PPR Virtualization". */
function virtualizePpr(): void {
  const tpr = virtualTpr();
  const service = load<u32>(SVI);
  vapicWrite32(VAPIC_PPR, tpr >>> 4 >= service >>> 4 ? tpr : service & 0xf0);
}

/** VTPR: the virtual task priority. */
export function virtualTpr(): u32 {
  return vapicRead32(VAPIC_TPR) & 0xff;
}

/** @inline */
function isTprBelowThreshold(): bool {
  return virtualTpr() >>> 4 < (vmcsRead<u32>(V_TPR_THRESHOLD) & 15);
}

/** SDM "TPR Virtualization"; after VTPR has been written. */
export function virtualizeTpr(): void {
  if (!deliversVirtualInterrupts()) {
    if (isTprBelowThreshold()) noteApicTrap(REASON_TPR_BELOW_THRESHOLD, 0);
    return;
  }
  virtualizePpr();
  evaluateVirtualInterrupt();
}

/** SDM "EOI Virtualization"; after VEOI has been written. */
export function virtualizeEoi(): void {
  const vector = load<u32>(SVI);
  removeVirtualVector(VAPIC_ISR, vector);
  store<u32>(SVI, highestVector(VAPIC_ISR));
  virtualizePpr();
  const bitmap = vmcsRead<u64>(V_EOI_EXIT_BITMAP0 + ((vector >>> 6) << 3));
  if (((bitmap >> ((vector & 63) as u64)) & 1) != 0) {
    // Recognition of a virtual interrupt is as it was: only an EOI without an exit evaluates anew.
    noteApicTrap(REASON_VIRTUALIZED_EOI, vector);
    return;
  }
  evaluateVirtualInterrupt();
}

/** After a write to the self-IPI register of x2APIC mode. */
export function virtualizeSelfIpi(vector: u32): void {
  if (vector < VECTOR_MIN) noteApicTrap(REASON_APIC_WRITE, VAPIC_SELF_IPI);
  else requestVirtualInterrupt(vector);
}

/**
 * After a write to ICR at page offset `offset`: `low` is its lower half, `destination` the APIC ID
 * that it names.
 */
export function virtualizeIcr(low: u32, destination: u32, offset: u32): void {
  const vector = low & 0xff;
  if (
    deliversVirtualInterrupts() &&
    (low & (ICR_NOT_PLAIN | ICR_SHORTHAND)) == ICR_SHORTHAND_SELF &&
    vector >= VECTOR_MIN
  ) {
    requestVirtualInterrupt(vector);
    return;
  }
  const virtual = (load<u32>(CTL_TERTIARY) & TERTIARY_IPI_VIRTUALIZATION) != 0;
  if (virtual && virtualizeIpi(low, destination)) return;
  noteApicTrap(REASON_APIC_WRITE, offset);
}

// --- APIC-write emulation ---

/**
 * What is due first on a boundary between instructions: the emulation of a virtualized write to the
 * APIC-access page, and the exits that it, MOV to CR8 and WRMSR lead to. Returns FAULTED with the
 * exit noted, or NEXT.
 */
export function emulateApicWrite(): u32 {
  let due = load<u32>(APIC_WRITE);
  store<u32>(APIC_WRITE, 0);
  if (due != 0 && (due & TRAP) == 0) {
    emulateWriteAt(due - 1);
    due = load<u32>(APIC_WRITE);
    store<u32>(APIC_WRITE, 0);
  }
  if (due == 0) return NEXT;
  return noteExit((due & ~TRAP) >>> 16, (due & 0xffff) as u64);
}

/** SDM "APIC-Write Emulation": bytes of a register were written at page offset `offset`. */
function emulateWriteAt(offset: u32): void {
  switch (offset & ~3) {
    case VAPIC_TPR:
      vapicWrite32(VAPIC_TPR, vapicRead32(VAPIC_TPR) & 0xff);
      virtualizeTpr();
      break;
    case VAPIC_EOI:
      if (!deliversVirtualInterrupts()) {
        noteApicTrap(REASON_APIC_WRITE, offset);
        break;
      }
      vapicWrite32(VAPIC_EOI, 0);
      virtualizeEoi();
      break;
    case VAPIC_ICR_LOW:
      virtualizeIcr(vapicRead32(VAPIC_ICR_LOW), vapicRead32(VAPIC_ICR_HIGH) >>> 24, offset);
      break;
    case VAPIC_ICR_HIGH:
      vapicWrite32(VAPIC_ICR_HIGH, vapicRead32(VAPIC_ICR_HIGH) & 0xff000000);
      break;
    default:
      noteApicTrap(REASON_APIC_WRITE, offset);
      break;
  }
}
