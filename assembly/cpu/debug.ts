/** Debug registers: instruction, data and I/O breakpoints (SDM "Debug Registers"). */
import { CR4, DR, PENDING_DEBUG, SLOW_MODE } from "../generated/state";
import { clearFront } from "../tlb/front";
import { CR4_DE } from "./control-bits";
import { SLOW_BREAKPOINTS, updateSlowMode } from "./mode";

export const DR6_BS: u32 = 0x4000;
export const DR6_BD: u32 = 0x2000;
export const DR6_BT: u32 = 0x8000;
export const DR7_GD: u64 = 0x2000;
/** Bits of DR6 that read as one. */
export const DR6_FIXED: u64 = 0xffff0ff0;
export const DR7_FIXED: u64 = 0x400;

const ON_EXECUTE: u32 = 0;
const ON_WRITE: u32 = 1;
const ON_IO: u32 = 2;
const ON_ACCESS: u32 = 3;

/** @inline */
function dr7(): u32 {
  return load<u32>(DR + 56);
}

/** @inline */
function isEnabled(index: u32): bool {
  return (dr7() & (3 << (index * 2))) != 0;
}

/** @inline */
function conditionOf(index: u32): u32 {
  return (dr7() >>> (16 + index * 4)) & 3;
}

/** Length in bytes of breakpoint `index`: 1, 2, 8, 4 for the codes 0 to 3. @inline */
function lengthOfBreakpoint(index: u32): u32 {
  const code = (dr7() >>> (18 + index * 4)) & 3;
  return code == 2 ? 8 : code + 1;
}

/** True while any breakpoint is enabled. @inline */
export function watchesData(): bool {
  return (load<u32>(SLOW_MODE) & SLOW_BREAKPOINTS) != 0;
}

/** True when breakpoint `index` covers a byte of the range. */
function covers(index: u32, address: u64, bytes: u32): bool {
  const length = lengthOfBreakpoint(index);
  const first = load<u64>(DR + (index << 3)) & ~((length - 1) as u64);
  return address < first + (length as u64) && first < address + (bytes as u64);
}

/** True when a data breakpoint lies in the range. */
export function isWatched(gla: u64, bytes: u32): bool {
  for (let i: u32 = 0; i < 4; i++) {
    const condition = conditionOf(i);
    if (!isEnabled(i) || condition == ON_EXECUTE || condition == ON_IO) continue;
    if (covers(i, gla, bytes)) return true;
  }
  return false;
}

/** Notes the data breakpoints that an access meets; they trap after the instruction. */
export function noteDataAccess(gla: u64, bytes: u32, write: bool): void {
  let hits: u32 = 0;
  for (let i: u32 = 0; i < 4; i++) {
    if (!isEnabled(i)) continue;
    const condition = conditionOf(i);
    if (condition != ON_ACCESS && !(write && condition == ON_WRITE)) continue;
    if (covers(i, gla, bytes)) hits |= 1 << i;
  }
  if (hits != 0) store<u32>(PENDING_DEBUG, load<u32>(PENDING_DEBUG) | hits);
}

/** Notes the I/O breakpoints that a port access meets. */
export function notePortAccess(port: u32, bytes: u32): void {
  if (!watchesData() || (load<u64>(CR4) & CR4_DE) == 0) return;
  let hits: u32 = 0;
  for (let i: u32 = 0; i < 4; i++) {
    if (isEnabled(i) && conditionOf(i) == ON_IO && covers(i, port as u64, bytes)) hits |= 1 << i;
  }
  if (hits != 0) store<u32>(PENDING_DEBUG, load<u32>(PENDING_DEBUG) | hits);
}

/** DR6 bits of the instruction breakpoints at linear address `gla`. */
export function instructionBreakpoints(gla: u64): u32 {
  let hits: u32 = 0;
  for (let i: u32 = 0; i < 4; i++) {
    if (!isEnabled(i) || conditionOf(i) != ON_EXECUTE) continue;
    if (load<u64>(DR + (i << 3)) == gla) hits |= 1 << i;
  }
  return hits;
}

/** To be called after a change of DR0-DR3 or DR7. */
export function breakpointsChanged(): void {
  // Pages that are watched must not stand in the front cache.
  clearFront();
  updateSlowMode();
}
