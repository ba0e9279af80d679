/** Fields of the current task-state segment: stacks of inner levels, I/O permission bitmap. */
import { readSystem } from "../memory/access";
import { raiseError, raiseGp, VECTOR_TS } from "./fault";
import { SEG_TR, segmentAccess, segmentBase, segmentLimit } from "./mode";
import { selectorOf } from "./segment";

/** Stack pointer and stack segment that `readStackOfLevel` found. */
export let tssSp: u64 = 0;
export let tssSs: u32 = 0;

/**
 * Reads the stack of privilege level `level` from the TSS; in IA-32e mode levels 4 to 10 are
 * IST1 to IST7. False with #TS raised when the TSS is too short.
 */
export function readStackOfLevel(level: u32, ext: u32, long: bool): bool {
  const base = segmentBase(SEG_TR);
  const limit = segmentLimit(SEG_TR);
  const wide = (segmentAccess(SEG_TR) & 8) != 0;
  const offset: u32 = long ? 4 + level * 8 : wide ? 4 + level * 8 : 2 + level * 4;
  const bytes: u32 = long ? 8 : wide ? 6 : 4;
  if (offset + bytes - 1 > limit) {
    raiseError(VECTOR_TS, (selectorOf(SEG_TR) & 0xfffc) | ext);
    return false;
  }
  const gla = base + (offset as u64);
  const host = readSystem(long ? gla : gla & 0xffffffff, bytes);
  if (host == 0) return false;
  if (long) {
    tssSp = load<u64>(host);
  } else if (wide) {
    tssSp = load<u32>(host) as u64;
    tssSs = load<u16>(host, 4) as u32;
  } else {
    tssSp = load<u16>(host) as u64;
    tssSs = load<u16>(host, 2) as u32;
  }
  return true;
}

/** Checks `bytes` I/O ports from `port` against the permission bitmap; false with #GP raised. */
export function portPermitted(port: u32, bytes: u32): bool {
  const access = segmentAccess(SEG_TR);
  const limit = segmentLimit(SEG_TR);
  // Only a 32-bit or 64-bit TSS has a bitmap.
  if ((access & 0xf) == 0xb && limit >= 103) {
    const base = segmentBase(SEG_TR);
    let host = readSystem(base + 102, 2);
    if (host == 0) return false;
    const map = load<u16>(host) as u32;
    const at = map + (port >>> 3);
    if (at + 1 <= limit) {
      host = readSystem(base + (at as u64), 2);
      if (host == 0) return false;
      const bits = (load<u16>(host) as u32) >>> (port & 7);
      if ((bits & ((1 << bytes) - 1)) == 0) return true;
    }
  }
  raiseGp(0);
  return false;
}
