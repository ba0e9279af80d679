/** MOVD, MOVQ, MOVNTQ, MASKMOVQ, MOVDQ2Q, MOVQ2DQ, EMMS. */
import { raiseSseTrap } from "../cpu/fault";
import { getReg, setReg } from "../cpu/registers";
import { linear, linearize } from "../cpu/segment";
import {
  addressSizeOf,
  FAULTED,
  isMemory,
  NEXT,
  r1Of,
  r2Of,
  SIZE_64,
  segmentOf,
  sizeOf,
} from "../decode/record";
import { ADDR_MASK, FPR, FTOP, FTW, SLOT_RDI, SSE_TRAP, XMM } from "../generated/state";
import { writeSlow } from "../memory/access";
import { addressSizeMask } from "./address";
import { enterMmx, readyMmx, setMmx64, sourceMmx, writeMmx } from "./mmx-state";
import { finishStore } from "./operand";
import { fetchOperand, placeOperand } from "./operand-at";
import { raisePending } from "./x87-state";

/** MOVD, and MOVQ of a general register with REX.W. */
export function movdPqEy(rec: u32): u32 {
  if (!readyMmx()) return FAULTED;
  const wide = sizeOf(rec) == SIZE_64;
  if (!isMemory(rec)) {
    const slot = r2Of(rec);
    return setMmx64(rec, wide ? getReg<u64>(slot) : (getReg<u32>(slot) as u64));
  }
  const from = wide ? fetchOperand<u64>(rec) : fetchOperand<u32>(rec);
  if (from == 0) return FAULTED;
  return setMmx64(rec, wide ? load<u64>(from) : (load<u32>(from) as u64));
}

export function movdEyPq(rec: u32): u32 {
  if (!readyMmx()) return FAULTED;
  const value = load<u64>(r1Of(rec), FPR);
  const wide = sizeOf(rec) == SIZE_64;
  if (!isMemory(rec)) {
    if (wide) setReg<u64>(r2Of(rec), value);
    else setReg<u32>(r2Of(rec), value as u32);
  } else {
    const to = wide ? placeOperand<u64>(rec) : placeOperand<u32>(rec);
    if (wide) store<u64>(to, value);
    else store<u32>(to, value as u32);
    if (finishStore(to) != NEXT) return FAULTED;
  }
  enterMmx();
  return NEXT;
}

export function movqPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  return from == 0 ? FAULTED : setMmx64(rec, load<u64>(from));
}

/** MOVQ to a register or memory. */
export function movqQqPq(rec: u32): u32 {
  if (isMemory(rec)) return movntqMqPq(rec);
  if (!readyMmx()) return FAULTED;
  writeMmx(r2Of(rec), load<u64>(r1Of(rec), FPR));
  enterMmx();
  return NEXT;
}

/** A store; the hint has no meaning here. */
export function movntqMqPq(rec: u32): u32 {
  if (!readyMmx()) return FAULTED;
  const to = placeOperand<u64>(rec);
  store<u64>(to, load<u64>(r1Of(rec), FPR));
  if (finishStore(to) != NEXT) return FAULTED;
  enterMmx();
  return NEXT;
}

/**
 * MASKMOVQ stores the bytes of P whose mask byte in N has bit 7 set to DS:[rDI]. All eight must be
 * writable, also those that stay.
 */
export function maskmovqPqNq(rec: u32): u32 {
  if (!readyMmx()) return FAULTED;
  const offset = getReg<u64>(SLOT_RDI) & addressSizeMask(addressSizeOf(rec));
  if (!linearize(segmentOf(rec), offset, 8, true)) return FAULTED;
  const gla = linear;
  if (writeSlow(gla, 8, rec, false) == 0) return FAULTED;
  const bytes = FPR + r1Of(rec);
  const mask = FPR + r2Of(rec);
  for (let i: u32 = 0; i < 8; i++) {
    if (load<i8>(mask + i) >= 0) continue;
    const to = writeSlow((gla + (i as u64)) & load<u64>(ADDR_MASK), 1, rec, false);
    store<u8>(to, load<u8>(bytes + i));
    if (finishStore(to) != NEXT) return FAULTED;
  }
  enterMmx();
  return NEXT;
}

/** EMMS: all registers empty, TOP 0. */
export function emms(rec: u32): u32 {
  if (!readyMmx()) return FAULTED;
  store<u32>(FTOP, 0);
  store<u32>(FTW, 0);
  return NEXT;
}

/** Checks of instructions on an MMX and an XMM register: false with #UD, #NM or #MF raised. */
export function readyMmxSse(): bool {
  if (load<u32>(SSE_TRAP) != 0) {
    raiseSseTrap();
    return false;
  }
  return !raisePending();
}

export function movdq2qPqUdq(rec: u32): u32 {
  if (!readyMmxSse()) return FAULTED;
  return setMmx64(rec, load<u64>(r2Of(rec), XMM));
}

export function movq2dqVdqNq(rec: u32): u32 {
  if (!readyMmxSse()) return FAULTED;
  const to = XMM + r1Of(rec);
  store<u64>(to, load<u64>(r2Of(rec), FPR));
  store<u64>(to, 0, 8);
  enterMmx();
  return NEXT;
}
