/** Moves of whole XMM registers and of scalars; those that compilers use all the time are inlined. */
import { raiseSseTrap } from "../cpu/fault";
import { getReg, setReg } from "../cpu/registers";
import { addressSizeOf, FAULTED, NEXT, r1Of, r2Of } from "../decode/record";
import { GPR, SLOT_RDI, XMM } from "../generated/state";
import {
  frontPointer,
  isFrontReadable,
  isFrontWritable,
  readPointer,
  writePointer,
} from "../memory/access";
import { addressSizeMask, effectiveAddress } from "./address";
import { finishStore, writeMemoryAt } from "./operand";
import {
  dest,
  isSseTrapped,
  misaligned16,
  put,
  register2,
  source,
  sourceOf,
  storeOperand,
} from "./sse-access";

// --- the slow ways to memory ---

/** Loads sizeof<T>() bytes into the register of ModRM.reg and clears the others. */
function loadSlow<T>(rec: u32, gla: u64): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  const host = readPointer<T>(gla, rec);
  if (host == 0) return FAULTED;
  if (sizeof<T>() == 16) return put(rec, v128.load(host));
  return put(rec, sizeof<T>() == 8 ? v128.load64_zero(host) : v128.load32_zero(host));
}

/** Stores the low sizeof<T>() bytes of the register of ModRM.reg. */
function storeSlow<T>(rec: u32, gla: u64): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  const host = writePointer<T>(gla, rec);
  if (sizeof<T>() == 16) v128.store(host, dest(rec));
  else store<T>(host, load<T>(r1Of(rec), XMM));
  return finishStore(host);
}

function loadAlignedSlow(rec: u32, gla: u64): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  return misaligned16(gla) ? FAULTED : loadSlow<v128>(rec, gla);
}

function storeAlignedSlow(rec: u32, gla: u64): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  return misaligned16(gla) ? FAULTED : storeSlow<v128>(rec, gla);
}

// --- 16 bytes ---

/** MOVUPS, MOVUPD, MOVDQU; the register form is that of the aligned moves as well. @inline */
export function movupsVxWxR(rec: u32): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  return put(rec, register2(rec));
}

/** @inline */
export function movupsVxWxM(rec: u32, gla: u64): u32 {
  if (isFrontReadable<v128>(gla)) {
    if (!isSseTrapped()) return put(rec, v128.load(frontPointer(gla)));
  }
  return loadSlow<v128>(rec, gla);
}

/** @inline */
export function movupsWxVxR(rec: u32): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  v128.store(r2Of(rec), dest(rec), XMM);
  return NEXT;
}

/** @inline */
export function movupsWxVxM(rec: u32, gla: u64): u32 {
  if (isFrontWritable<v128>(gla)) {
    if (!isSseTrapped()) {
      v128.store(frontPointer(gla), dest(rec));
      return NEXT;
    }
  }
  return storeSlow<v128>(rec, gla);
}

/** MOVAPS, MOVAPD, MOVDQA. @inline */
export function movapsVxWxR(rec: u32): u32 {
  return movupsVxWxR(rec);
}

/** @inline */
export function movapsVxWxM(rec: u32, gla: u64): u32 {
  if ((gla & 15) == 0) {
    if (isFrontReadable<v128>(gla)) {
      if (!isSseTrapped()) return put(rec, v128.load(frontPointer(gla)));
    }
  }
  return loadAlignedSlow(rec, gla);
}

/** @inline */
export function movapsWxVxR(rec: u32): u32 {
  return movupsWxVxR(rec);
}

/** @inline */
export function movapsWxVxM(rec: u32, gla: u64): u32 {
  if ((gla & 15) == 0) {
    if (isFrontWritable<v128>(gla)) {
      if (!isSseTrapped()) {
        v128.store(frontPointer(gla), dest(rec));
        return NEXT;
      }
    }
  }
  return storeAlignedSlow(rec, gla);
}

/** LDDQU. */
export function lddquVx(rec: u32): u32 {
  return loadSlow<v128>(rec, effectiveAddress(rec));
}

/** MOVNTPS, MOVNTPD, MOVNTDQ: the hint has no meaning here, the alignment has. */
export function storeAlignedVx(rec: u32): u32 {
  return storeAlignedSlow(rec, effectiveAddress(rec));
}

/** MOVNTDQA. */
export function loadAlignedVx(rec: u32): u32 {
  return loadAlignedSlow(rec, effectiveAddress(rec));
}

// --- scalars ---

/** MOVSS: between registers the upper bits stay, from memory they become 0. @inline */
export function movssVssWssR(rec: u32): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  return put(rec, i32x4.shuffle(register2(rec), dest(rec), 0, 5, 6, 7));
}

/** @inline */
export function movssVssWssM(rec: u32, gla: u64): u32 {
  if (isFrontReadable<u32>(gla)) {
    if (!isSseTrapped()) return put(rec, v128.load32_zero(frontPointer(gla)));
  }
  return loadSlow<u32>(rec, gla);
}

/** @inline */
export function movssWssVssR(rec: u32): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  v128.store(r2Of(rec), i32x4.shuffle(dest(rec), register2(rec), 0, 5, 6, 7), XMM);
  return NEXT;
}

/** @inline */
export function movssWssVssM(rec: u32, gla: u64): u32 {
  if (isFrontWritable<u32>(gla)) {
    if (!isSseTrapped()) {
      store<u32>(frontPointer(gla), load<u32>(r1Of(rec), XMM));
      return NEXT;
    }
  }
  return storeSlow<u32>(rec, gla);
}

/** MOVSD. @inline */
export function movsdVsdWsdR(rec: u32): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  return put(rec, i64x2.shuffle(register2(rec), dest(rec), 0, 3));
}

/** Loads 8 bytes and clears the upper half: MOVSD, MOVQ. @inline */
export function movsdVsdWsdM(rec: u32, gla: u64): u32 {
  if (isFrontReadable<u64>(gla)) {
    if (!isSseTrapped()) return put(rec, v128.load64_zero(frontPointer(gla)));
  }
  return loadSlow<u64>(rec, gla);
}

/** @inline */
export function movsdWsdVsdR(rec: u32): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  v128.store(r2Of(rec), i64x2.shuffle(dest(rec), register2(rec), 0, 3), XMM);
  return NEXT;
}

/** Stores the low 8 bytes: MOVSD, MOVQ, MOVLPS. @inline */
export function movsdWsdVsdM(rec: u32, gla: u64): u32 {
  if (isFrontWritable<u64>(gla)) {
    if (!isSseTrapped()) {
      store<u64>(frontPointer(gla), load<u64>(r1Of(rec), XMM));
      return NEXT;
    }
  }
  return storeSlow<u64>(rec, gla);
}

/** MOVQ between registers clears the upper half. @inline */
export function movqVqWqR(rec: u32): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  return put(rec, v128.load64_zero(r2Of(rec), XMM));
}

/** @inline */
export function movqVqWqM(rec: u32, gla: u64): u32 {
  return movsdVsdWsdM(rec, gla);
}

/** @inline */
export function movqWqVqR(rec: u32): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  v128.store(r2Of(rec), v128.load64_zero(r1Of(rec), XMM), XMM);
  return NEXT;
}

/** @inline */
export function movqWqVqM(rec: u32, gla: u64): u32 {
  return movsdWsdVsdM(rec, gla);
}

// --- general registers ---

/** MOVD and MOVQ from a general register or memory. @inline */
export function movdVdqEyR<T>(rec: u32): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  const from = r2Of(rec);
  return put(rec, sizeof<T>() == 8 ? v128.load64_zero(from, GPR) : v128.load32_zero(from, GPR));
}

/** @inline */
export function movdVdqEyM<T>(rec: u32, gla: u64): u32 {
  return sizeof<T>() == 4 ? movssVssWssM(rec, gla) : movsdVsdWsdM(rec, gla);
}

/** MOVD and MOVQ to a general register or memory. @inline */
export function movdEyVdqR<T>(rec: u32): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  setReg<T>(r2Of(rec), load<T>(r1Of(rec), XMM));
  return NEXT;
}

/** @inline */
export function movdEyVdqM<T>(rec: u32, gla: u64): u32 {
  return sizeof<T>() == 4 ? movssWssVssM(rec, gla) : movsdWsdVsdM(rec, gla);
}

// --- halves ---

/** MOVLPS and MOVLPD from memory. */
export function movlpsVq(rec: u32): u32 {
  const from = sourceOf<u64>(rec);
  return from == 0 ? FAULTED : put(rec, v128.load64_lane(from, dest(rec), 0));
}

/** MOVHPS and MOVHPD from memory; MOVLHPS. */
export function movhpsVq(rec: u32): u32 {
  const from = sourceOf<u64>(rec);
  return from == 0 ? FAULTED : put(rec, v128.load64_lane(from, dest(rec), 1));
}

/** MOVHLPS. */
export function movhlpsVq(rec: u32): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  return put(rec, i64x2.shuffle(register2(rec), dest(rec), 1, 3));
}

/** MOVHPS and MOVHPD to memory. */
export function storeHighVq(rec: u32): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  return storeOperand<u64>(rec, load<u64>(r1Of(rec), XMM + 8));
}

/** MOVDDUP. */
export function movddupVdq(rec: u32): u32 {
  const from = sourceOf<u64>(rec);
  return from == 0 ? FAULTED : put(rec, v128.load64_splat(from));
}

/** MOVSLDUP. */
export function movsldupVps(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const b = v128.load(from);
  return put(rec, i32x4.shuffle(b, b, 0, 0, 2, 2));
}

/** MOVSHDUP. */
export function movshdupVps(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const b = v128.load(from);
  return put(rec, i32x4.shuffle(b, b, 1, 1, 3, 3));
}

// --- masks ---

/** MOVMSKPS. */
export function movmskpsGd(rec: u32): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  setReg<u32>(r1Of(rec), i32x4.bitmask(register2(rec)));
  return NEXT;
}

/** MOVMSKPD. */
export function movmskpdGd(rec: u32): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  setReg<u32>(r1Of(rec), i64x2.bitmask(register2(rec)));
  return NEXT;
}

/** PMOVMSKB. */
export function pmovmskbGd(rec: u32): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  setReg<u32>(r1Of(rec), i8x16.bitmask(register2(rec)));
  return NEXT;
}

/**
 * MASKMOVDQU: stores the bytes whose mask has its sign set, at DS:rDI. The whole operand must be
 * writable as soon as one byte is stored.
 */
export function maskmovdquVdq(rec: u32): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  const mask = i8x16.shr_s(register2(rec), 7);
  if (!v128.any_true(mask)) return NEXT;
  const value = dest(rec);
  const offset = getReg<u64>(SLOT_RDI) & addressSizeMask(addressSizeOf(rec));
  const host = writeMemoryAt(rec, offset, 16, true);
  v128.store(host, v128.bitselect(value, v128.load(host), mask));
  return finishStore(host);
}
