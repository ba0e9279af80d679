/** FXSAVE, FXRSTOR, LDMXCSR, STMXCSR, and the XSAVE family (SDM "Managing State Using XSAVE"). */
import { CR0_EM, CR0_TS, CR4_OSFXSR, CR4_OSXSAVE } from "../cpu/control-bits";
import { areaBytes, componentAligned, componentBytes, componentOffset } from "../cpu/cpuid";
import { raiseGp, raiseUd, raiseVector, VECTOR_NM } from "../cpu/fault";
import {
  initFpu,
  isFpuInitial,
  isSseInitial,
  loadFpuImage,
  setMxcsr,
  storeFpuImage,
} from "../cpu/fpu-state";
import { is64BitCode } from "../cpu/mode";
import { MXCSR_DEFINED } from "../cpu/mxcsr";
import { getReg } from "../cpu/registers";
import { linear, linearize } from "../cpu/segment";
import { FAULTED, NEXT, SIZE_64, segmentOf, sizeOf } from "../decode/record";
import {
  CPL,
  CR0,
  CR4,
  CTL_SECONDARY,
  FPR,
  FPU_TRAP,
  MXCSR,
  PKRU,
  SLOT_RAX,
  SLOT_RDX,
  XCR0,
  XMM,
  XSS,
} from "../generated/state";
import {
  REASON_XRSTORS,
  REASON_XSAVES,
  SECONDARY_ENABLE_XSAVES_XRSTORS,
  V_XSS_EXITING_BITMAP,
} from "../generated/vmx";
import { SCRATCH } from "../layout";
import { probeRange, readBlock, writeBlock } from "../memory/system-block";
import { ACCESS_USER, ACCESS_WRITE, isCanonical } from "../paging/walk";
import { displacementOf, memoryInfo } from "../vmx/info";
import { exitWithInfo } from "../vmx/pending";
import { isNonRoot, vmcsRead } from "../vmx/vmcs";
import { operandOffset } from "./address";
import { finishStore, readMemoryOperand, writeMemoryOperand } from "./operand";
import { setPkru } from "./processor";

const LEGACY_BYTES: u32 = 512;
const HEADER: u32 = 512;
const HEADER_BYTES: u32 = 64;
const MXCSR_MASK: u32 = 0xffff;
const COMPACT: u64 = 0x8000000000000000;
const X87: u64 = 1;
const SSE: u64 = 2;
const PKRU_COMPONENT: u32 = 9;
const PKRU_BIT: u64 = 0x200;

/** Access bits of an ordinary data access at this level. @inline */
function dataAccess(): u32 {
  return load<u32>(CPL) == 3 ? ACCESS_USER : 0;
}

/**
 * Linear address of an area of `bytes` that must be aligned to `alignment`, in `linear`. False with
 * an exception raised.
 */
function areaAddress(rec: u32, bytes: u32, alignment: u32, write: bool): bool {
  if (!linearize(segmentOf(rec), operandOffset(rec), bytes, write)) return false;
  const gla = linear;
  if (!isCanonical(gla) || !isCanonical(gla + ((bytes - 1) as u64))) {
    raiseGp(0);
    return false;
  }
  if ((gla & ((alignment - 1) as u64)) != 0) {
    raiseGp(0);
    return false;
  }
  return true;
}

/** Registers that FXSAVE and XSAVE know: sixteen in 64-bit mode, else eight. @inline */
function xmmBytes(): u32 {
  return is64BitCode() ? 256 : 128;
}

export function fxsaveM(rec: u32): u32 {
  if ((load<u64>(CR0) & (CR0_EM | CR0_TS)) != 0) return raiseVector(VECTOR_NM);
  if (!areaAddress(rec, LEGACY_BYTES, 16, true)) return FAULTED;
  const gla = linear;
  const access = dataAccess();
  if (!probeRange(gla, LEGACY_BYTES, access | ACCESS_WRITE)) return FAULTED;
  memory.fill(SCRATCH, 0, LEGACY_BYTES);
  storeFpuImage(SCRATCH, sizeOf(rec) == SIZE_64);
  store<u32>(SCRATCH, load<u32>(MXCSR), 24);
  store<u32>(SCRATCH, MXCSR_MASK, 28);
  let bytes: u32 = 160;
  if ((load<u64>(CR4) & CR4_OSFXSR) != 0) {
    memory.copy(SCRATCH + 160, XMM, xmmBytes());
    bytes += xmmBytes();
  }
  return writeBlock(gla, bytes, SCRATCH, access) ? NEXT : FAULTED;
}

export function fxrstorM(rec: u32): u32 {
  if ((load<u64>(CR0) & (CR0_EM | CR0_TS)) != 0) return raiseVector(VECTOR_NM);
  if (!areaAddress(rec, LEGACY_BYTES, 16, false)) return FAULTED;
  if (!readBlock(linear, LEGACY_BYTES, SCRATCH, dataAccess())) return FAULTED;
  const osfxsr = (load<u64>(CR4) & CR4_OSFXSR) != 0;
  const mxcsr = load<u32>(SCRATCH, 24);
  if (osfxsr && (mxcsr & ~MXCSR_DEFINED) != 0) return raiseGp(0);
  loadFpuImage(SCRATCH, sizeOf(rec) == SIZE_64);
  if (osfxsr) {
    setMxcsr(mxcsr);
    memory.copy(XMM, SCRATCH + 160, xmmBytes());
  }
  return NEXT;
}

/** #UD and #NM of SSE instructions; false with the exception raised. */
function sseAllowed(): bool {
  if ((load<u64>(CR0) & CR0_EM) != 0 || (load<u64>(CR4) & CR4_OSFXSR) == 0) {
    raiseUd();
    return false;
  }
  if (load<u32>(FPU_TRAP) != 0) {
    raiseVector(VECTOR_NM);
    return false;
  }
  return true;
}

export function ldmxcsrMd(rec: u32): u32 {
  if (!sseAllowed()) return FAULTED;
  const host = readMemoryOperand(rec, 4);
  if (host == 0) return FAULTED;
  const value = load<u32>(host);
  if ((value & ~MXCSR_DEFINED) != 0) return raiseGp(0);
  setMxcsr(value);
  return NEXT;
}

export function stmxcsrMd(rec: u32): u32 {
  if (!sseAllowed()) return FAULTED;
  const host = writeMemoryOperand(rec, 4);
  store<u32>(host, load<u32>(MXCSR));
  return finishStore(host);
}

// --- XSAVE family ---

/** State components that are not in their initial configuration. */
export function xstateInUse(): u64 {
  let mask: u64 = 0;
  if (!isFpuInitial()) mask |= X87;
  if (!isSseInitial()) mask |= SSE;
  if (load<u32>(PKRU) != 0) mask |= PKRU_BIT;
  return mask;
}

/** Components that the instruction asks for. @inline */
function requested(enabled: u64): u64 {
  const mask = ((getReg<u32>(SLOT_RDX) as u64) << 32) | (getReg<u32>(SLOT_RAX) as u64);
  return mask & enabled;
}

/** #UD and #NM of the XSAVE family. */
function xsaveAllowed(): bool {
  if ((load<u64>(CR4) & CR4_OSXSAVE) == 0) {
    raiseUd();
    return false;
  }
  if ((load<u64>(CR0) & CR0_TS) != 0) {
    raiseVector(VECTOR_NM);
    return false;
  }
  return true;
}

/** Offset of component `index` in a compacted area whose XCOMP_BV is `format`. */
function compactOffset(index: u32, format: u64): u32 {
  let offset: u32 = LEGACY_BYTES + HEADER_BYTES;
  for (let i: u32 = 2; i <= index; i++) {
    if ((format & ((1 as u64) << (i as u64))) == 0) continue;
    if (componentAligned(i)) offset = (offset + 63) & ~63;
    if (i == index) return offset;
    offset += componentBytes(i);
  }
  return offset;
}

/** Writes the components of `save` to the area; `format` is 0 for the standard layout. */
function writeComponents(gla: u64, save: u64, format: u64, wide: bool): bool {
  const access = dataAccess();
  if ((save & X87) != 0) {
    memory.fill(SCRATCH, 0, 160);
    storeFpuImage(SCRATCH, wide);
    if (!writeBlock(gla, 24, SCRATCH, access)) return false;
    if (!writeBlock(gla + 32, 128, SCRATCH + 32, access)) return false;
  }
  if ((save & SSE) != 0 && !writeBlock(gla + 160, xmmBytes(), XMM, access)) return false;
  if ((save & PKRU_BIT) != 0) {
    const offset =
      format != 0 ? compactOffset(PKRU_COMPONENT, format) : componentOffset(PKRU_COMPONENT);
    store<u64>(SCRATCH, load<u32>(PKRU) as u64);
    if (!writeBlock(gla + (offset as u64), 8, SCRATCH, access)) return false;
  }
  return true;
}

/** MXCSR and its mask, which belong to the SSE component. */
function writeMxcsr(gla: u64): bool {
  store<u32>(SCRATCH, load<u32>(MXCSR));
  store<u32>(SCRATCH, MXCSR_MASK, 4);
  return writeBlock(gla + 24, 8, SCRATCH, dataAccess());
}

/** XSAVE and XSAVEOPT. */
function saveStandard(rec: u32, optimized: bool): u32 {
  if (!xsaveAllowed()) return FAULTED;
  const mask = requested(load<u64>(XCR0));
  const bytes = areaBytes(mask, false);
  if (!areaAddress(rec, bytes, 64, true)) return FAULTED;
  const gla = linear;
  const access = dataAccess();
  if (!probeRange(gla, bytes, access | ACCESS_WRITE)) return FAULTED;
  if (!readBlock(gla + (HEADER as u64), 8, SCRATCH, access)) return FAULTED;
  const old = load<u64>(SCRATCH);
  const inUse = xstateInUse();
  const save = optimized ? mask & inUse : mask;
  if (!writeComponents(gla, save, 0, sizeOf(rec) == SIZE_64)) return FAULTED;
  if ((mask & SSE) != 0 && !writeMxcsr(gla)) return FAULTED;
  store<u64>(SCRATCH, (old & ~mask) | (mask & inUse));
  return writeBlock(gla + (HEADER as u64), 8, SCRATCH, access) ? NEXT : FAULTED;
}

export function xsaveM(rec: u32): u32 {
  return saveStandard(rec, false);
}

export function xsaveoptM(rec: u32): u32 {
  return saveStandard(rec, true);
}

/** XSAVEC and XSAVES. */
function saveCompact(rec: u32, enabled: u64): u32 {
  const mask = requested(enabled);
  const bytes = areaBytes(mask, true);
  if (!areaAddress(rec, bytes, 64, true)) return FAULTED;
  const gla = linear;
  const access = dataAccess();
  if (!probeRange(gla, bytes, access | ACCESS_WRITE)) return FAULTED;
  // MXCSR away from its initial value keeps the SSE component in use.
  let inUse = xstateInUse();
  if (load<u32>(MXCSR) != 0x1f80) inUse |= SSE;
  const save = mask & inUse;
  const format = mask | COMPACT;
  if (!writeComponents(gla, save, format, sizeOf(rec) == SIZE_64)) return FAULTED;
  if ((save & SSE) != 0 && !writeMxcsr(gla)) return FAULTED;
  memory.fill(SCRATCH, 0, HEADER_BYTES);
  store<u64>(SCRATCH, save);
  store<u64>(SCRATCH, format, 8);
  return writeBlock(gla + (HEADER as u64), HEADER_BYTES, SCRATCH, access) ? NEXT : FAULTED;
}

export function xsavecM(rec: u32): u32 {
  return xsaveAllowed() ? saveCompact(rec, load<u64>(XCR0)) : FAULTED;
}

/** True in non-root operation when the control that lends XSAVES and XRSTORS to guests is 0. */
function isWithheldFromGuest(): bool {
  return isNonRoot() && (load<u32>(CTL_SECONDARY) & SECONDARY_ENABLE_XSAVES_XRSTORS) == 0;
}

/** True when XSAVES or XRSTORS touches a supervisor component that the XSS-exiting bitmap names. */
function supervisorStateExits(): bool {
  if (!isNonRoot()) return false;
  return (requested(load<u64>(XSS)) & vmcsRead<u64>(V_XSS_EXITING_BITMAP)) != 0;
}

export function xsavesM(rec: u32): u32 {
  if (isWithheldFromGuest()) return raiseUd();
  if (!xsaveAllowed()) return FAULTED;
  if (load<u32>(CPL) != 0) return raiseGp(0);
  if (supervisorStateExits()) {
    return exitWithInfo(rec, REASON_XSAVES, displacementOf(rec), memoryInfo(rec));
  }
  return saveCompact(rec, load<u64>(XCR0) | load<u64>(XSS));
}

/** Reads and checks the header; leaves XSTATE_BV and XCOMP_BV. */
let headerState: u64 = 0;
let headerFormat: u64 = 0;

function readHeader(gla: u64, enabled: u64, supervisor: bool): bool {
  if (!readBlock(gla + (HEADER as u64), HEADER_BYTES, SCRATCH, dataAccess())) return false;
  headerState = load<u64>(SCRATCH);
  headerFormat = load<u64>(SCRATCH, 8);
  const compact = (headerFormat & COMPACT) != 0;
  let bad = (supervisor && !compact) || (headerState & ~enabled) != 0;
  if (compact) {
    const format = headerFormat & ~COMPACT;
    bad = bad || (format & ~enabled) != 0 || (headerState & ~format) != 0;
    for (let i: u32 = 16; i < 64; i += 8) bad = bad || load<u64>(SCRATCH + i) != 0;
  } else {
    bad = bad || headerFormat != 0 || load<u64>(SCRATCH, 16) != 0;
  }
  if (bad) raiseGp(0);
  return !bad;
}

/** XRSTOR and XRSTORS. */
function restore(rec: u32, enabled: u64, supervisor: bool): u32 {
  const mask = requested(enabled);
  if (!areaAddress(rec, LEGACY_BYTES + HEADER_BYTES, 64, false)) return FAULTED;
  const gla = linear;
  const access = dataAccess();
  if (!readHeader(gla, enabled, supervisor)) return FAULTED;
  const state = headerState;
  const format = headerFormat;
  const compact = (format & COMPACT) != 0;
  const present = mask & state;
  const initial = mask & ~state;
  if (!readBlock(gla, LEGACY_BYTES, SCRATCH, access)) return FAULTED;
  const mxcsr = load<u32>(SCRATCH, 24);
  const loadsMxcsr = compact ? (present & SSE) != 0 : (mask & SSE) != 0;
  if (loadsMxcsr && (mxcsr & ~MXCSR_DEFINED) != 0) return raiseGp(0);
  let pkru: u32 = 0;
  if ((present & PKRU_BIT) != 0) {
    const offset = compact
      ? compactOffset(PKRU_COMPONENT, format)
      : componentOffset(PKRU_COMPONENT);
    if (!readBlock(gla + (offset as u64), 8, SCRATCH + 1024, access)) return FAULTED;
    pkru = load<u32>(SCRATCH, 1024);
  }
  if ((present & X87) != 0) {
    loadFpuImage(SCRATCH, sizeOf(rec) == SIZE_64);
  } else if ((initial & X87) != 0) {
    initFpu();
    memory.fill(FPR, 0, 128);
  }
  if ((present & SSE) != 0) memory.copy(XMM, SCRATCH + 160, xmmBytes());
  else if ((initial & SSE) != 0) memory.fill(XMM, 0, xmmBytes());
  if (loadsMxcsr) setMxcsr(mxcsr);
  else if ((initial & SSE) != 0) setMxcsr(0x1f80);
  if ((mask & PKRU_BIT) != 0) setPkru(pkru);
  return NEXT;
}

export function xrstorM(rec: u32): u32 {
  return xsaveAllowed() ? restore(rec, load<u64>(XCR0), false) : FAULTED;
}

export function xrstorsM(rec: u32): u32 {
  if (isWithheldFromGuest()) return raiseUd();
  if (!xsaveAllowed()) return FAULTED;
  if (load<u32>(CPL) != 0) return raiseGp(0);
  if (supervisorStateExits()) {
    return exitWithInfo(rec, REASON_XRSTORS, displacementOf(rec), memoryInfo(rec));
  }
  return restore(rec, load<u64>(XCR0) | load<u64>(XSS), true);
}
