/** MOV Sreg, LDS and kin, ARPL, BOUND, LAR, LSL, VERR, VERW, and the descriptor-table registers. */
import { CR4_UMIP } from "../cpu/control-bits";
import { raiseGp, raiseNp, raiseUd, raiseVector, VECTOR_BR, VECTOR_GP } from "../cpu/fault";
import { FLAG_ZF, getArithmeticFlags, setArithmeticFlags } from "../cpu/flags";
import {
  AR_DPL,
  AR_P,
  AR_S,
  AR_UNUSABLE,
  is64BitCode,
  isLongMode,
  isProtectedMode,
  isVirtual8086,
  SEG_CS,
  SEG_LDTR,
  SEG_SS,
  SEG_TR,
} from "../cpu/mode";
import { getReg } from "../cpu/registers";
import {
  descriptorAccess,
  descriptorBase,
  descriptorHi,
  descriptorLimit,
  descriptorTop,
  loadDataSegment,
  readDescriptor,
  readDescriptorTop,
  selectorOf,
  setSegment,
  updateDescriptor,
} from "../cpu/segment";
import {
  FAULTED,
  isMemory,
  NEXT,
  r1Of,
  r2Of,
  SIZE_16,
  SIZE_32,
  SIZE_64,
  sizeOf,
} from "../decode/record";
import {
  CPL,
  CR4,
  FAULT,
  FAULT_VECTOR,
  GDTR_BASE,
  GDTR_LIMIT,
  IDTR_BASE,
  IDTR_LIMIT,
} from "../generated/state";
import { isCanonicalBase } from "../paging/walk";
import {
  descriptorTablesExit,
  exitSystemSegment,
  exitTable,
  INFO_LGDT,
  INFO_LIDT,
  INFO_LLDT,
  INFO_LTR,
  INFO_SGDT,
  INFO_SIDT,
  INFO_SLDT,
  INFO_STR,
} from "../vmx/intercept";
import {
  farOffset,
  farSelector,
  finishStore,
  getRegSized,
  readFarOperand,
  readMemoryOperand,
  readOperand,
  readOperandPart,
  setRegSized,
  updateMemoryOperand,
  writeMemoryOperand,
  writeOperand,
} from "./operand";
import { shadowStackLoad } from "./stack";

/** Only the registers 0 to 5 exist. @inline */
function segmentNumber(rec: u32): u32 {
  return r1Of(rec) & 7;
}

/** Stores a selector: 16 bits to memory, zero-extended to a register. */
function storeSelector(rec: u32, selector: u32): u32 {
  if (isMemory(rec)) return writeOperand(rec, selector as u64, SIZE_16);
  setRegSized(r2Of(rec), selector as u64, sizeOf(rec));
  return NEXT;
}

export function movEvSw(rec: u32): u32 {
  const segment = segmentNumber(rec);
  if (segment > 5) return raiseUd();
  return storeSelector(rec, selectorOf(segment));
}

export function movSwEw(rec: u32): u32 {
  const segment = segmentNumber(rec);
  if (segment > 5 || segment == SEG_CS) return raiseUd();
  const host = readOperand(rec, SIZE_16);
  if (host == 0) return FAULTED;
  if (loadDataSegment(segment, load<u16>(host) as u32) != NEXT) return FAULTED;
  if (segment == SEG_SS) shadowStackLoad();
  return NEXT;
}

/** LDS, LES, LSS, LFS, LGS. */
export function loadFar(rec: u32, segment: u32): u32 {
  const size = sizeOf(rec);
  if (!isMemory(rec)) return raiseUd();
  if (!readFarOperand(rec, size)) return FAULTED;
  if (loadDataSegment(segment, farSelector) != NEXT) return FAULTED;
  setRegSized(r1Of(rec), farOffset, size);
  return NEXT;
}

/** Sets ZF and keeps the other flags. */
function setZero(zf: bool): void {
  const flags = getArithmeticFlags() & ~FLAG_ZF;
  setArithmeticFlags(zf ? flags | FLAG_ZF : flags);
}

export function arplEwGw(rec: u32): u32 {
  if (!isProtectedMode() || isVirtual8086()) return raiseUd();
  const source = getReg<u16>(r1Of(rec)) as u32;
  if (!isMemory(rec)) {
    const value = getReg<u16>(r2Of(rec)) as u32;
    const raise = (value & 3) < (source & 3);
    if (raise) setRegSized(r2Of(rec), ((value & ~3) | (source & 3)) as u64, SIZE_16);
    setZero(raise);
    return NEXT;
  }
  const host = updateMemoryOperand(rec, 2);
  const value = load<u16>(host) as u32;
  const raise = (value & 3) < (source & 3);
  store<u16>(host, (raise ? (value & ~3) | (source & 3) : value) as u16);
  if (finishStore(host) != NEXT) return FAULTED;
  setZero(raise);
  return NEXT;
}

export function boundGvMa(rec: u32): u32 {
  const size = sizeOf(rec);
  const bytes: u32 = 1 << size;
  let host = readMemoryOperand(rec, bytes);
  if (host == 0) return FAULTED;
  const wide = size == SIZE_32;
  const lower: i64 = wide ? (load<i32>(host) as i64) : (load<i16>(host) as i64);
  host = readOperandPart(rec, bytes, bytes);
  if (host == 0) return FAULTED;
  const upper: i64 = wide ? (load<i32>(host) as i64) : (load<i16>(host) as i64);
  const raw = getRegSized(r1Of(rec), size);
  const index: i64 = wide ? (raw as i32 as i64) : (raw as i16 as i64);
  return index < lower || index > upper ? raiseVector(VECTOR_BR) : NEXT;
}

/** Reads the descriptor of a selector for LAR, LSL, VERR and VERW: 1, 0 (not there), -1 (fault). */
function probeDescriptor(selector: u32): i32 {
  if ((selector & 0xfffc) == 0) return 0;
  if (readDescriptor(selector, VECTOR_GP, 0)) return 1;
  // Outside the table is no exception here; a page fault is one.
  if (load<u32>(FAULT_VECTOR) != VECTOR_GP) return -1;
  store<u32>(FAULT, 0);
  return 0;
}

/** True when the descriptor last read may be seen from the current privilege level. */
function isVisible(selector: u32, access: u32): bool {
  if ((access & AR_S) != 0 && (access & 0xc) == 0xc) return true;
  const dpl = (access & AR_DPL) >>> 5;
  return load<u32>(CPL) <= dpl && (selector & 3) <= dpl;
}

/**
 * Reads the descriptor that the operand of LAR or LSL selects. Returns 1 when the instruction may tell
 * of it, 0 when not, -1 with an exception raised. The two masks have a bit for each type of system
 * descriptor that counts.
 */
function visibleDescriptor(rec: u32, types: u32, longTypes: u32): i32 {
  if (!isProtectedMode() || isVirtual8086()) {
    raiseUd();
    return -1;
  }
  const host = readOperand(rec, SIZE_16);
  if (host == 0) return -1;
  const selector = load<u16>(host) as u32;
  const found = probeDescriptor(selector);
  if (found != 1) return found < 0 ? -1 : 0;
  const access = descriptorAccess();
  if ((access & AR_S) == 0) {
    const telling = isLongMode() ? longTypes : types;
    if (((telling >>> (access & 15)) & 1) == 0) return 0;
  }
  return i32(isVisible(selector, access));
}

export function larGvEw(rec: u32): u32 {
  const found = visibleDescriptor(rec, 0x1a3e, 0x1a04);
  if (found < 0) return FAULTED;
  setZero(found != 0);
  if (found != 0) setRegSized(r1Of(rec), (descriptorHi & 0x00ffff00) as u64, sizeOf(rec));
  return NEXT;
}

export function lslGvEw(rec: u32): u32 {
  const found = visibleDescriptor(rec, 0x0a0e, 0x0a04);
  if (found < 0) return FAULTED;
  setZero(found != 0);
  if (found != 0) setRegSized(r1Of(rec), descriptorLimit() as u64, sizeOf(rec));
  return NEXT;
}

/** VERR and VERW: ZF tells whether the segment may be read, or written. */
function verify(rec: u32, write: bool): u32 {
  if (!isProtectedMode() || isVirtual8086()) return raiseUd();
  const host = readOperand(rec, SIZE_16);
  if (host == 0) return FAULTED;
  const selector = load<u16>(host) as u32;
  const found = probeDescriptor(selector);
  if (found < 0) return FAULTED;
  let valid = found == 1;
  if (valid) {
    const access = descriptorAccess();
    const code = (access & 8) != 0;
    if ((access & AR_S) == 0) valid = false;
    else if (write) valid = !code && (access & 2) != 0;
    else valid = !code || (access & 2) != 0;
    valid = valid && isVisible(selector, access);
  }
  setZero(valid);
  return NEXT;
}

export function verrEw(rec: u32): u32 {
  return verify(rec, false);
}

export function verwEw(rec: u32): u32 {
  return verify(rec, true);
}

/** With UMIP, SGDT, SIDT, SLDT, STR and SMSW are for level 0 only; false with #GP(0) raised. */
export function umipAllows(): bool {
  if ((load<u64>(CR4) & CR4_UMIP) == 0 || load<u32>(CPL) == 0) return true;
  raiseGp(0);
  return false;
}

export function sldtEv(rec: u32): u32 {
  if (!isProtectedMode() || isVirtual8086()) return raiseUd();
  if (!umipAllows()) return FAULTED;
  if (descriptorTablesExit()) return exitSystemSegment(rec, INFO_SLDT);
  return storeSelector(rec, selectorOf(SEG_LDTR));
}

export function strEv(rec: u32): u32 {
  if (!isProtectedMode() || isVirtual8086()) return raiseUd();
  if (!umipAllows()) return FAULTED;
  if (descriptorTablesExit()) return exitSystemSegment(rec, INFO_STR);
  return storeSelector(rec, selectorOf(SEG_TR));
}

/** Base of the system descriptor last read, with its upper half in IA-32e mode. */
function systemBase(): u64 {
  const base = descriptorBase();
  return isLongMode() ? base | ((descriptorTop as u64) << 32) : base;
}

export function lldtEw(rec: u32): u32 {
  if (!isProtectedMode() || isVirtual8086()) return raiseUd();
  if (load<u32>(CPL) != 0) return raiseGp(0);
  if (descriptorTablesExit()) return exitSystemSegment(rec, INFO_LLDT);
  const host = readOperand(rec, SIZE_16);
  if (host == 0) return FAULTED;
  const selector = load<u16>(host) as u32;
  const error = selector & 0xfffc;
  if (error == 0) {
    setSegment(SEG_LDTR, selector, 0, 0, AR_UNUSABLE | 0x82);
    return NEXT;
  }
  if ((selector & 4) != 0) return raiseGp(error);
  if (!readDescriptor(selector, VECTOR_GP, 0)) return FAULTED;
  const access = descriptorAccess();
  if ((access & 0x1f) != 2) return raiseGp(error);
  if (isLongMode() && !readDescriptorTop(selector, VECTOR_GP, 0)) return FAULTED;
  if ((access & AR_P) == 0) return raiseNp(error);
  if (isLongMode() && !isCanonicalBase(systemBase())) return raiseGp(error);
  setSegment(SEG_LDTR, selector, systemBase(), descriptorLimit(), access);
  return NEXT;
}

export function ltrEw(rec: u32): u32 {
  if (!isProtectedMode() || isVirtual8086()) return raiseUd();
  if (load<u32>(CPL) != 0) return raiseGp(0);
  if (descriptorTablesExit()) return exitSystemSegment(rec, INFO_LTR);
  const host = readOperand(rec, SIZE_16);
  if (host == 0) return FAULTED;
  const selector = load<u16>(host) as u32;
  const error = selector & 0xfffc;
  if (error == 0) return raiseGp(0);
  if ((selector & 4) != 0) return raiseGp(error);
  if (!readDescriptor(selector, VECTOR_GP, 0)) return FAULTED;
  const type = descriptorAccess() & 0x1f;
  const available = type == 9 || (type == 1 && !isLongMode());
  if (!available) return raiseGp(error);
  if (isLongMode() && !readDescriptorTop(selector, VECTOR_GP, 0)) return FAULTED;
  if ((descriptorAccess() & AR_P) == 0) return raiseNp(error);
  if (isLongMode() && !isCanonicalBase(systemBase())) return raiseGp(error);
  const base = systemBase();
  if (!updateDescriptor(0x200, 0)) return FAULTED;
  setSegment(SEG_TR, selector, base, descriptorLimit(), descriptorAccess());
  return NEXT;
}

/** SGDT and SIDT: 6 bytes, or 10 in 64-bit mode. */
function storeTable(rec: u32, which: u32, base: u64, limit: u32): u32 {
  if (!umipAllows()) return FAULTED;
  if (descriptorTablesExit()) return exitTable(rec, which);
  const bytes: u32 = is64BitCode() ? 10 : 6;
  const host = writeMemoryOperand(rec, bytes);
  store<u16>(host, limit as u16);
  if (bytes == 10) store<u64>(host, base, 2);
  else store<u32>(host, base as u32, 2);
  return finishStore(host);
}

export function sgdtMs(rec: u32): u32 {
  return storeTable(rec, INFO_SGDT, load<u64>(GDTR_BASE), load<u32>(GDTR_LIMIT));
}

export function sidtMs(rec: u32): u32 {
  return storeTable(rec, INFO_SIDT, load<u64>(IDTR_BASE), load<u32>(IDTR_LIMIT));
}

/** LGDT and LIDT. */
function loadTable(rec: u32, which: u32, baseField: u32, limitField: u32): u32 {
  if (load<u32>(CPL) != 0) return raiseGp(0);
  if (descriptorTablesExit()) return exitTable(rec, which);
  const long = is64BitCode();
  const host = readMemoryOperand(rec, long ? 10 : 6);
  if (host == 0) return FAULTED;
  let base: u64 = long ? load<u64>(host, 2) : (load<u32>(host, 2) as u64);
  // With a 16-bit operand size only 24 bits of the base are loaded.
  if (!long && sizeOf(rec) == SIZE_16) base &= 0xffffff;
  if (long && !isCanonicalBase(base)) return raiseGp(0);
  store<u32>(limitField, load<u16>(host) as u32);
  store<u64>(baseField, base);
  return NEXT;
}

export function lgdtMs(rec: u32): u32 {
  return loadTable(rec, INFO_LGDT, GDTR_BASE, GDTR_LIMIT);
}

export function lidtMs(rec: u32): u32 {
  return loadTable(rec, INFO_LIDT, IDTR_BASE, IDTR_LIMIT);
}

/** Width of a stored control word: all of it in a register. @inline */
export function registerWidth(rec: u32): u32 {
  return isMemory(rec) ? SIZE_16 : sizeOf(rec) == SIZE_64 ? SIZE_64 : sizeOf(rec);
}
