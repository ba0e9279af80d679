/**
 * The x87, MMX and SSE state as instructions save and load it. The processor deprecates the FPU CS
 * and DS (CPUID.(EAX=07H,ECX=0):EBX[13]): images hold 0 for them, and what they hold is not loaded.
 */
import { FCW, FDP, FIP, FOP, FPR, FSW, FTOP, FTW, IGNNE, MXCSR, XMM } from "../generated/state";
import { CR0_EM, CR0_TS } from "./control-bits";
import { MXCSR_DEFINED, updateSseMode } from "./mxcsr";

// Bits of the status word; the exception flags and C0, C2, C3 stand in fpu/status.ts.
export const FSW_SF: u32 = 0x40;
export const FSW_ES: u32 = 0x80;
export const FSW_C1: u32 = 0x200;
export const FSW_TOP: u32 = 0x3800;
export const FSW_B: u32 = 0x8000;
/** The six exceptions, as flags in the status word and as masks in the control word. */
export const FPU_EXCEPTIONS: u32 = 0x3f;

/** Control word bits that exist; bit 6 reads as 1. */
const FCW_DEFINED: u32 = 0x1f3f;
const FCW_FIXED: u32 = 0x40;

/** In IGNNE: FERR# is asserted. */
export const FERR: u32 = 1;

/** CR0 bits in FPU_TRAP. */
export const TRAP_EM: u32 = CR0_EM as u32;
export const TRAP_TS: u32 = CR0_TS as u32;

/** Status word with TOP at its place. */
export function statusWord(): u32 {
  return (load<u32>(FSW) & ~FSW_TOP) | (load<u32>(FTOP) << 11);
}

export function setStatusWord(value: u32): void {
  store<u32>(FSW, value & ~FSW_TOP & 0xffff);
  store<u32>(FTOP, (value >>> 11) & 7);
}

/** Sets the control word; `refreshErrorSummary` must follow. */
export function setControlWord(value: u32): void {
  store<u32>(FCW, (value & FCW_DEFINED) | FCW_FIXED);
}

/** FNINIT. */
export function initFpu(): void {
  store<u32>(FCW, 0x37f);
  store<u32>(FSW, 0);
  store<u32>(FTOP, 0);
  store<u32>(FTW, 0);
  store<u32>(FOP, 0);
  store<u64>(FIP, 0);
  store<u64>(FDP, 0);
  store<u32>(IGNNE, load<u32>(IGNNE) & ~FERR);
}

/** True when the x87 state is what FNINIT leaves, with empty registers of 0. */
export function isFpuInitial(): bool {
  if (load<u32>(FCW) != 0x37f || statusWord() != 0 || load<u32>(FTW) != 0) return false;
  if (load<u32>(FOP) != 0 || load<u64>(FIP) != 0 || load<u64>(FDP) != 0) return false;
  for (let i: u32 = 0; i < 8; i++) {
    if (load<u64>(FPR + (i << 4)) != 0 || load<u16>(FPR + (i << 4), 8) != 0) return false;
  }
  return true;
}

/** True when all XMM registers are 0. */
export function isSseInitial(): bool {
  for (let i: u32 = 0; i < 32; i++) {
    if (load<u64>(XMM + (i << 3)) != 0) return false;
  }
  return true;
}

/** Writes the x87 part of an FXSAVE image (bytes 0-23 and 32-159) to `to`. */
export function storeFpuImage(to: u32, wide: bool): void {
  store<u16>(to, load<u32>(FCW) as u16);
  store<u16>(to, statusWord() as u16, 2);
  store<u16>(to, load<u32>(FTW) as u16, 4);
  store<u16>(to, load<u32>(FOP) as u16, 6);
  if (wide) {
    store<u64>(to, load<u64>(FIP), 8);
    store<u64>(to, load<u64>(FDP), 16);
  } else {
    store<u32>(to, load<u64>(FIP) as u32, 8);
    store<u32>(to, 0, 12);
    store<u32>(to, load<u64>(FDP) as u32, 16);
    store<u32>(to, 0, 20);
  }
  const top = load<u32>(FTOP);
  for (let i: u32 = 0; i < 8; i++) {
    const from = FPR + (((top + i) & 7) << 4);
    const at = to + 32 + (i << 4);
    store<u64>(at, load<u64>(from));
    store<u64>(at, load<u16>(from, 8) as u64, 8);
  }
}

/** Loads the x87 part of an FXSAVE image. */
export function loadFpuImage(from: u32, wide: bool): void {
  setControlWord(load<u16>(from));
  setStatusWord(load<u16>(from, 2) as u32);
  store<u32>(FTW, load<u8>(from, 4) as u32);
  store<u32>(FOP, load<u16>(from, 6) as u32 & 0x7ff);
  if (wide) {
    store<u64>(FIP, load<u64>(from, 8));
    store<u64>(FDP, load<u64>(from, 16));
  } else {
    store<u64>(FIP, load<u32>(from, 8) as u64);
    store<u64>(FDP, load<u32>(from, 16) as u64);
  }
  const top = load<u32>(FTOP);
  for (let i: u32 = 0; i < 8; i++) {
    const to = FPR + (((top + i) & 7) << 4);
    const at = from + 32 + (i << 4);
    store<u64>(to, load<u64>(at));
    store<u64>(to, load<u16>(at, 8) as u64, 8);
  }
  refreshErrorSummary();
}

/** Sets ES and B from the exception flags and masks. */
export function refreshErrorSummary(): void {
  const fsw = load<u32>(FSW);
  const pending = fsw & ~load<u32>(FCW) & FPU_EXCEPTIONS;
  store<u32>(FSW, pending != 0 ? fsw | (FSW_ES | FSW_B) : fsw & ~(FSW_ES | FSW_B));
}

/** Sets MXCSR, whose reserved bits must be clear. */
export function setMxcsr(value: u32): void {
  store<u32>(MXCSR, value & MXCSR_DEFINED);
  updateSseMode();
}
