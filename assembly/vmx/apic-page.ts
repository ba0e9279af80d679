/**
 * The virtual-APIC page, and the APIC-access page whose accesses it answers (SDM "Virtualizing
 * Memory-Mapped APIC Accesses").
 *
 * A translation that leads to the APIC-access page never enters the front caches, so that every
 * access takes the slow path of memory/access.ts, which asks here.
 */
import { stopAfter } from "../cpu/run";
import {
  APIC_ACCESS_HPA,
  APIC_ACCESS_LAST,
  APIC_WRITE,
  CTL_PRIMARY,
  CTL_SECONDARY,
  CUR_REC,
  VAPIC_PTR,
} from "../generated/state";
import {
  PRIMARY_USE_TPR_SHADOW,
  SECONDARY_APIC_REGISTER_VIRTUALIZATION,
  SECONDARY_VIRTUAL_INTERRUPT_DELIVERY,
} from "../generated/vmx";
import { BOUNCE } from "../layout";
import { noteStore } from "../memory/code";
import { ramPointer } from "../memory/physical";
import { dropFrontPage } from "../tlb/front";
import { APIC_ACCESS_READ, APIC_ACCESS_WRITE, exitApicAccess, NO_APIC_ACCESS } from "./apic-exit";
import { announce } from "./events";

/** Offsets of registers in the virtual-APIC page. */
export const VAPIC_TPR: u32 = 0x80;
export const VAPIC_PPR: u32 = 0xa0;
export const VAPIC_EOI: u32 = 0xb0;
export const VAPIC_ISR: u32 = 0x100;
export const VAPIC_IRR: u32 = 0x200;
export const VAPIC_ICR_LOW: u32 = 0x300;
export const VAPIC_ICR_HIGH: u32 = 0x310;
export const VAPIC_SELF_IPI: u32 = 0x3f0;

// Sets of registers: bit n stands for page offset 16 * n.
const REGISTER_TPR: u64 = 0x100;
/** TPR, EOI and the lower half of ICR. */
const REGISTERS_OF_DELIVERY: u64 = 0x0001000000000900;
/** ID, version, TPR, EOI, LDR, DFR, SVR, ISR, TMR, IRR, ESR, ICR, LVT, initial count, divide. */
const REGISTERS_READ: u64 = 0x41ff01ffffffe90c;
/** ID, TPR, EOI, LDR, DFR, SVR, ESR, ICR, LVT, initial count, divide. */
const REGISTERS_WRITTEN: u64 = 0x41ff01000000e904;
const REGISTERS_END: u32 = 0x400;

/** Bytes of the virtualized write that APIC_WRITE stands for. */
let writeBytes: u32 = 0;

/** @inline */
export function usesTprShadow(): bool {
  return (load<u32>(CTL_PRIMARY) & PRIMARY_USE_TPR_SHADOW) != 0;
}

/** @inline */
export function deliversVirtualInterrupts(): bool {
  return (load<u32>(CTL_SECONDARY) & SECONDARY_VIRTUAL_INTERRUPT_DELIVERY) != 0;
}

/** @inline */
export function virtualizesApicRegisters(): bool {
  return (load<u32>(CTL_SECONDARY) & SECONDARY_APIC_REGISTER_VIRTUALIZATION) != 0;
}

// --- the virtual-APIC page; where no RAM is, reads give all ones and writes are lost ---

export function vapicRead32(offset: u32): u32 {
  const page = load<u32>(VAPIC_PTR);
  return page != 0 ? load<u32>(page + offset) : 0xffffffff;
}

export function vapicRead64(offset: u32): u64 {
  const page = load<u32>(VAPIC_PTR);
  return page != 0 ? load<u64>(page + offset) : 0xffffffffffffffff;
}

export function vapicWrite32(offset: u32, value: u32): void {
  const page = load<u32>(VAPIC_PTR);
  if (page == 0) return;
  store<u32>(page + offset, value);
  noteStore(page + offset, 4);
}

export function vapicWrite64(offset: u32, value: u64): void {
  const page = load<u32>(VAPIC_PTR);
  if (page == 0) return;
  store<u64>(page + offset, value);
  noteStore(page + offset, 8);
}

// --- the APIC-access page ---

/**
 * Puts the APIC-access page of a guest that is being entered into force: `hpa`, or NO_APIC_ACCESS.
 * Translations that the front caches hold from a time when the page was an ordinary one go.
 */
export function enterApicAccess(hpa: u64): void {
  store<u64>(APIC_ACCESS_HPA, hpa);
  if (hpa == load<u64>(APIC_ACCESS_LAST)) return;
  store<u64>(APIC_ACCESS_LAST, hpa);
  if (hpa != NO_APIC_ACCESS) dropFrontPage(ramPointer(hpa), hpa);
}

/** At a VM exit: no access is virtualized any more. */
export function leaveApicAccess(): void {
  store<u64>(APIC_ACCESS_HPA, NO_APIC_ACCESS);
}

/** True when `size` bytes at page offset `offset` lie within one of the registers of `set`. */
function isWithin(set: u64, offset: u32, size: u32): bool {
  if (offset >= REGISTERS_END || (offset & 15) + size > 4) return false;
  return ((set >> ((offset >>> 4) as u64)) & 1) != 0;
}

/** The registers of which `all`, or less without APIC-register virtualization, are virtualized. */
function virtualized(all: u64): u64 {
  if (!usesTprShadow()) return 0;
  if (virtualizesApicRegisters()) return all;
  return deliversVirtualInterrupts() ? REGISTERS_OF_DELIVERY : REGISTER_TPR;
}

/**
 * Reads `size` bytes of the page at linear address `gla` into the bounce buffer. Returns false with
 * exit 44 noted where the access is not virtualized.
 */
export function readApicPage(gla: u64, size: u32): bool {
  const offset = (gla as u32) & 0xfff;
  // Once the operation has written the page, it must not read it.
  if (load<u32>(APIC_WRITE) != 0 || !isWithin(virtualized(REGISTERS_READ), offset, size)) {
    exitApicAccess(gla, APIC_ACCESS_READ);
    return false;
  }
  fetchRegister(offset, size);
  return true;
}

function fetchRegister(offset: u32, size: u32): void {
  const page = load<u32>(VAPIC_PTR);
  if (page != 0) memory.copy(BOUNCE, page + offset, size);
  else memory.fill(BOUNCE, 0xff, size);
}

/**
 * Begins a write to the page at `gla`: false with exit 44 noted where it is not virtualized. With
 * `update` the bounce buffer gets what the register holds; whatever may be written may be read.
 */
export function beginApicWrite(gla: u64, size: u32, update: bool): bool {
  const offset = (gla as u32) & 0xfff;
  const earlier = load<u32>(APIC_WRITE);
  const differs = earlier != 0 && (earlier != offset + 1 || writeBytes != size || update);
  if (differs || !isWithin(virtualized(REGISTERS_WRITTEN), offset, size)) {
    exitApicAccess(gla, APIC_ACCESS_WRITE);
    return false;
  }
  if (update) fetchRegister(offset, size);
  return true;
}

/** Carries out such a write; its emulation is due when the operation is complete. */
export function finishApicWrite(offset: u32, size: u32): void {
  const page = load<u32>(VAPIC_PTR);
  if (page != 0) {
    memory.copy(page + offset, BOUNCE, size);
    noteStore(page + offset, size);
  }
  writeBytes = size;
  store<u32>(APIC_WRITE, offset + 1);
  announce(0);
  stopAfter(load<u32>(CUR_REC));
}
