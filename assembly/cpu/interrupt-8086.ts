/**
 * Software interrupts of virtual-8086 mode with CR4.VME (SDM "Interrupt and Exception Handling in
 * Virtual-8086 Mode"): the TSS tells which go through the interrupt table of the 8086 program.
 */
import { SIZE_16 } from "../decode/record";
import { RIP } from "../generated/state";
import { readSystem } from "../memory/access";
import { raiseGp } from "./fault";
import { FLAG_IF, FLAG_IOPL, FLAG_RF, FLAG_TF, FLAG_VIF, flagsRest, getFlags } from "./flags";
import { SEG_CS, SEG_TR, segmentBase, segmentLimit, writeFlags } from "./mode";
import { setStackPointer } from "./registers";
import { loadRealSegment, selectorOf } from "./segment";
import { newSp, pushNew, useCurrentStack } from "./stack";

/** 1 when the TSS's bitmap sends a vector to the 8086 program; -1 after a fault. */
export function redirectedByBitmap(vector: u32): i32 {
  const base = segmentBase(SEG_TR);
  const limit = segmentLimit(SEG_TR);
  if (limit < 103) {
    raiseGp(0);
    return -1;
  }
  let host = readSystem((base + 102) & 0xffffffff, 2);
  if (host == 0) return -1;
  const map = load<u16>(host) as u32;
  // The redirection bitmap lies just below the I/O bitmap.
  const at = map - 32 + (vector >>> 3);
  if (map < 32 || at > limit) {
    raiseGp(0);
    return -1;
  }
  host = readSystem((base + (at as u64)) & 0xffffffff, 1);
  if (host == 0) return -1;
  return (load<u8>(host) >>> (vector & 7)) & 1 ? 0 : 1;
}

/** A software interrupt through the table of the 8086 program; false after a fault. */
export function deliver8086(vector: u32, returnRip: u64): bool {
  const iopl = (flagsRest() >>> 12) & 3;
  const host = readSystem((vector * 4) as u64, 4);
  if (host == 0) return false;
  const entry = load<u32>(host);
  let flags = getFlags();
  if (iopl < 3) {
    flags |= FLAG_IOPL;
    flags = (flags & ~FLAG_IF) | ((flags & FLAG_VIF) != 0 ? FLAG_IF : 0);
  }
  useCurrentStack(0);
  if (!pushNew(flags as u64, SIZE_16)) return false;
  if (!pushNew(selectorOf(SEG_CS) as u64, SIZE_16)) return false;
  if (!pushNew(returnRip, SIZE_16)) return false;
  setStackPointer(newSp);
  writeFlags(0, FLAG_TF | FLAG_RF | (iopl < 3 ? FLAG_VIF : FLAG_IF));
  loadRealSegment(SEG_CS, entry >>> 16);
  store<u64>(RIP, (entry & 0xffff) as u64);
  return true;
}
