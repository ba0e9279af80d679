/** MMX conversions between element sizes, interleaving, shuffling, single words. */
import { getReg, setReg } from "../cpu/registers";
import { FAULTED, imm32Of, isMemory, NEXT, r1Of, r2Of } from "../decode/record";
import { FPR } from "../generated/state";
import {
  destinationMmx,
  enterMmx,
  loadMmx,
  readyMmx,
  setMmx,
  setMmx64,
  sourceMmx,
  sourceMmx32,
} from "./mmx-state";
import { fetchOperand } from "./operand-at";

/** Destination in the low half, source in the high half. @inline */
function joinMmx(rec: u32, from: u32): v128 {
  return v128.load_lane<u64>(from, destinationMmx(rec), 1);
}

export function packsswbPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  const both = joinMmx(rec, from);
  return setMmx(rec, i8x16.narrow_i16x8_s(both, both));
}

export function packuswbPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  const both = joinMmx(rec, from);
  return setMmx(rec, i8x16.narrow_i16x8_u(both, both));
}

export function packssdwPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  const both = joinMmx(rec, from);
  return setMmx(rec, i16x8.narrow_i32x4_s(both, both));
}

/** The forms of the low halves read 32 bits of memory. */
export function punpcklbwPqQd(rec: u32): u32 {
  const from = sourceMmx32(rec);
  if (from == 0) return FAULTED;
  return setMmx(
    rec,
    v128.shuffle<u8>(
      destinationMmx(rec),
      loadMmx(from),
      0,
      16,
      1,
      17,
      2,
      18,
      3,
      19,
      0,
      16,
      1,
      17,
      2,
      18,
      3,
      19,
    ),
  );
}

export function punpcklwdPqQd(rec: u32): u32 {
  const from = sourceMmx32(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, v128.shuffle<u16>(destinationMmx(rec), loadMmx(from), 0, 8, 1, 9, 0, 8, 1, 9));
}

export function punpckldqPqQd(rec: u32): u32 {
  const from = sourceMmx32(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, v128.shuffle<u32>(destinationMmx(rec), loadMmx(from), 0, 4, 0, 4));
}

export function punpckhbwPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(
    rec,
    v128.shuffle<u8>(
      destinationMmx(rec),
      loadMmx(from),
      4,
      20,
      5,
      21,
      6,
      22,
      7,
      23,
      4,
      20,
      5,
      21,
      6,
      22,
      7,
      23,
    ),
  );
}

export function punpckhwdPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(
    rec,
    v128.shuffle<u16>(destinationMmx(rec), loadMmx(from), 2, 10, 3, 11, 2, 10, 3, 11),
  );
}

export function punpckhdqPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, v128.shuffle<u32>(destinationMmx(rec), loadMmx(from), 1, 5, 1, 5));
}

export function pshufwPqQqIb(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  const order = imm32Of(rec) as u32;
  let result: u64 = 0;
  for (let i: u32 = 0; i < 4; i++) {
    const word = load<u16>(from + (((order >>> (i * 2)) & 3) << 1)) as u64;
    result |= word << ((i * 16) as u64);
  }
  return setMmx64(rec, result);
}

/** PINSRW takes 16 bits of memory or of a general register. */
export function pinsrwPqEwIb(rec: u32): u32 {
  if (!readyMmx()) return FAULTED;
  let word: u32 = 0;
  if (isMemory(rec)) {
    const from = fetchOperand<u16>(rec);
    if (from == 0) return FAULTED;
    word = load<u16>(from);
  } else word = getReg<u16>(r2Of(rec));
  const shift = ((imm32Of(rec) & 3) << 4) as u64;
  const old = load<u64>(r1Of(rec), FPR);
  return setMmx64(rec, (old & ~((0xffff as u64) << shift)) | ((word as u64) << shift));
}

export function pextrwGdNqIb(rec: u32): u32 {
  if (!readyMmx()) return FAULTED;
  setReg<u32>(r1Of(rec), load<u16>(FPR + r2Of(rec) + ((imm32Of(rec) & 3) << 1)));
  enterMmx();
  return NEXT;
}

/** The sign bits of the eight bytes. */
export function pmovmskbGdNq(rec: u32): u32 {
  if (!readyMmx()) return FAULTED;
  setReg<u32>(r1Of(rec), i8x16.bitmask(loadMmx(FPR + r2Of(rec))));
  enterMmx();
  return NEXT;
}
