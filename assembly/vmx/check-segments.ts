/**
 * VM-entry checks on guest segment registers (SDM "Checks on Guest Segment Registers").
 *
 * The table goes through the registers row by row. Here each register is looked at once; the rows it
 * fails are gathered as bits in the order of the table, and the lowest bit of all registers names the
 * check. Rows for several registers stand in the table in the order CS, SS, DS, ES, FS, GS, with
 * numbers that follow each other.
 */
import { CR0_PE } from "../cpu/control-bits";
import {
  AR_DB,
  AR_DPL,
  AR_G,
  AR_L,
  AR_P,
  AR_S,
  AR_TYPE,
  AR_UNUSABLE,
  SEG_CS,
  SEG_DS,
  SEG_ES,
  SEG_FS,
  SEG_GS,
  SEG_LDTR,
  SEG_SS,
} from "../cpu/mode";
import {
  CHECK_GUEST_CS_AR_DB_L,
  CHECK_GUEST_CS_AR_DPL_CONF,
  CHECK_GUEST_CS_AR_DPL_NONCONF,
  CHECK_GUEST_CS_AR_DPL_REAL,
  CHECK_GUEST_CS_AR_G_HIGH,
  CHECK_GUEST_CS_AR_G_LOW,
  CHECK_GUEST_CS_AR_P,
  CHECK_GUEST_CS_AR_RESERVED_11_8,
  CHECK_GUEST_CS_AR_RESERVED_31_17,
  CHECK_GUEST_CS_AR_S,
  CHECK_GUEST_CS_AR_TYPE,
  CHECK_GUEST_CS_AR_V86,
  CHECK_GUEST_CS_BASE_HIGH,
  CHECK_GUEST_CS_BASE_V86,
  CHECK_GUEST_CS_LIMIT_V86,
  CHECK_GUEST_DS_AR_DPL,
  CHECK_GUEST_DS_AR_TYPE_ACCESSED,
  CHECK_GUEST_DS_AR_TYPE_READABLE,
  CHECK_GUEST_DS_BASE_HIGH,
  CHECK_GUEST_ES_BASE_HIGH,
  CHECK_GUEST_FS_BASE,
  CHECK_GUEST_GS_BASE,
  CHECK_GUEST_LDTR_BASE,
  CHECK_GUEST_LDTR_TI,
  CHECK_GUEST_SS_AR_DPL_RPL,
  CHECK_GUEST_SS_AR_DPL_ZERO,
  CHECK_GUEST_SS_AR_TYPE,
  CHECK_GUEST_SS_BASE_HIGH,
  CHECK_GUEST_SS_RPL_CS,
  CHECK_GUEST_TR_BASE,
  CHECK_GUEST_TR_TI,
  V_GUEST_CR0,
  V_GUEST_ES_AR,
  V_GUEST_ES_BASE,
  V_GUEST_ES_LIMIT,
  V_GUEST_ES_SELECTOR,
  V_GUEST_LDTR_BASE,
  V_GUEST_LDTR_SELECTOR,
  V_GUEST_TR_BASE,
  V_GUEST_TR_SELECTOR,
} from "../generated/vmx";
import { isCanonicalBase } from "../paging/walk";
import { checkLdtr, checkTr } from "./check-system-segments";
import { isIa32eGuest, isUnrestricted, isVirtual8086Guest } from "./check-words";
import { vmcsRead } from "./vmcs";

const SELECTOR_TI: u32 = 4;
const SELECTOR_RPL: u32 = 3;
const V86_LIMIT: u32 = 0xffff;
const V86_ACCESS: u32 = 0xf3;
export const AR_RESERVED_LOW: u32 = 0xf00;
export const AR_RESERVED_HIGH: u32 = 0xfffe0000;

// Bits of a segment type.
const TYPE_ACCESSED: u32 = 1;
const TYPE_READABLE: u32 = 2;
const TYPE_CODE: u32 = 8;
const TYPE_CODE_CONFORMING: u32 = 12;
const TYPE_DATA_WRITABLE_ACCESSED: u32 = 3;

// Rows on access rights, in the order of the table.
const ROW_CS_TYPE: u32 = 1 << 0;
const ROW_SS_TYPE: u32 = 1 << 1;
const ROW_ACCESSED: u32 = 1 << 2;
const ROW_READABLE: u32 = 1 << 3;
const ROW_S: u32 = 1 << 4;
const ROW_DPL_REAL: u32 = 1 << 5;
const ROW_DPL_NONCONFORMING: u32 = 1 << 6;
const ROW_DPL_CONFORMING: u32 = 1 << 7;
const ROW_DPL_RPL: u32 = 1 << 8;
const ROW_DPL_ZERO: u32 = 1 << 9;
const ROW_DPL_DATA: u32 = 1 << 10;
const ROW_P: u32 = 1 << 11;
const ROW_RESERVED_LOW: u32 = 1 << 12;
const ROW_DB_L: u32 = 1 << 13;
const ROW_G_LOW: u32 = 1 << 14;
const ROW_G_HIGH: u32 = 1 << 15;
const ROW_RESERVED_HIGH: u32 = 1 << 16;

const DATA_REGISTERS: u32 = 6;

/** Register in place `place` of the order CS, SS, DS, ES, FS, GS. @inline */
function registerAt(place: u32): u32 {
  return place < 3 ? place + 1 : place == 3 ? SEG_ES : place;
}

/** @inline */
export function guestSelector(segment: u32): u32 {
  return vmcsRead<u16>(V_GUEST_ES_SELECTOR + (segment << 3)) as u32;
}

/** @inline */
export function guestAccess(segment: u32): u32 {
  return vmcsRead<u32>(V_GUEST_ES_AR + (segment << 3));
}

/** @inline */
export function guestLimit(segment: u32): u32 {
  return vmcsRead<u32>(V_GUEST_ES_LIMIT + (segment << 3));
}

/** @inline */
function guestBase(segment: u32): u64 {
  return vmcsRead<u64>(V_GUEST_ES_BASE + (segment << 3));
}

/** @inline */
function dplOf(access: u32): u32 {
  return (access & AR_DPL) >>> 5;
}

/** Checks the guest segment registers of the current VMCS; 0 when all hold. */
export function checkGuestSegments(): u32 {
  const virtual8086 = isVirtual8086Guest();
  let failed = checkSelectors(virtual8086);
  if (failed != 0) return failed;
  failed = virtual8086 ? checkVirtual8086Bases() : 0;
  if (failed != 0) return failed;
  failed = checkBases();
  if (failed != 0) return failed;
  failed = virtual8086 ? checkVirtual8086Access() : checkAccess();
  if (failed != 0) return failed;
  failed = checkTr();
  return failed != 0 ? failed : checkLdtr();
}

function checkSelectors(virtual8086: bool): u32 {
  if (((vmcsRead<u16>(V_GUEST_TR_SELECTOR) as u32) & SELECTOR_TI) != 0) return CHECK_GUEST_TR_TI;
  if ((guestAccess(SEG_LDTR) & AR_UNUSABLE) == 0) {
    const ldtr = vmcsRead<u16>(V_GUEST_LDTR_SELECTOR) as u32;
    if ((ldtr & SELECTOR_TI) != 0) return CHECK_GUEST_LDTR_TI;
  }
  if (virtual8086 || isUnrestricted()) return 0;
  const differ = guestSelector(SEG_SS) ^ guestSelector(SEG_CS);
  return (differ & SELECTOR_RPL) != 0 ? CHECK_GUEST_SS_RPL_CS : 0;
}

function checkVirtual8086Bases(): u32 {
  for (let place: u32 = 0; place < DATA_REGISTERS; place++) {
    const segment = registerAt(place);
    const base = (guestSelector(segment) as u64) << 4;
    if (guestBase(segment) != base) return CHECK_GUEST_CS_BASE_V86 + place;
  }
  return 0;
}

function checkBases(): u32 {
  if (!isCanonicalBase(vmcsRead<u64>(V_GUEST_TR_BASE))) return CHECK_GUEST_TR_BASE;
  if (!isCanonicalBase(guestBase(SEG_FS))) return CHECK_GUEST_FS_BASE;
  if (!isCanonicalBase(guestBase(SEG_GS))) return CHECK_GUEST_GS_BASE;
  if ((guestAccess(SEG_LDTR) & AR_UNUSABLE) == 0) {
    if (!isCanonicalBase(vmcsRead<u64>(V_GUEST_LDTR_BASE))) return CHECK_GUEST_LDTR_BASE;
  }
  if (guestBase(SEG_CS) >> 32 != 0) return CHECK_GUEST_CS_BASE_HIGH;
  if (isBaseTooHigh(SEG_SS)) return CHECK_GUEST_SS_BASE_HIGH;
  if (isBaseTooHigh(SEG_DS)) return CHECK_GUEST_DS_BASE_HIGH;
  return isBaseTooHigh(SEG_ES) ? CHECK_GUEST_ES_BASE_HIGH : 0;
}

function isBaseTooHigh(segment: u32): bool {
  return (guestAccess(segment) & AR_UNUSABLE) == 0 && guestBase(segment) >> 32 != 0;
}

function checkVirtual8086Access(): u32 {
  for (let place: u32 = 0; place < DATA_REGISTERS; place++) {
    if (guestLimit(registerAt(place)) != V86_LIMIT) return CHECK_GUEST_CS_LIMIT_V86 + place;
  }
  for (let place: u32 = 0; place < DATA_REGISTERS; place++) {
    if (guestAccess(registerAt(place)) != V86_ACCESS) return CHECK_GUEST_CS_AR_V86 + place;
  }
  return 0;
}

/** Access rights and limits outside virtual-8086 mode. */
function checkAccess(): u32 {
  const cs = guestAccess(SEG_CS);
  const ss = guestAccess(SEG_SS);
  let rows = rowsOfCs(cs, ss) | rowsOfAny(cs, guestLimit(SEG_CS));
  rows |= rowsOfSs(cs, ss);
  if ((ss & AR_UNUSABLE) == 0) rows |= rowsOfAny(ss, guestLimit(SEG_SS));
  rows |= rowsOfData(SEG_DS) | rowsOfData(SEG_ES) | rowsOfData(SEG_FS) | rowsOfData(SEG_GS);
  return rows == 0 ? 0 : checkOfRow(rows & (0 - rows), cs, ss);
}

/** Rows that any usable register, or CS, fails. @inline */
function rowsOfAny(access: u32, limit: u32): u32 {
  let rows: u32 = 0;
  if ((access & AR_S) == 0) rows |= ROW_S;
  if ((access & AR_P) == 0) rows |= ROW_P;
  if ((access & AR_RESERVED_LOW) != 0) rows |= ROW_RESERVED_LOW;
  if (isGranularityTooHigh(access, limit)) rows |= ROW_G_LOW;
  if (isGranularityTooLow(access, limit)) rows |= ROW_G_HIGH;
  if ((access & AR_RESERVED_HIGH) != 0) rows |= ROW_RESERVED_HIGH;
  return rows;
}

/** G is 1 although the limit does not end in ones. @inline */
export function isGranularityTooHigh(access: u32, limit: u32): bool {
  return (access & AR_G) != 0 && (limit & 0xfff) != 0xfff;
}

/** G is 0 although the limit needs more than 20 bits. @inline */
export function isGranularityTooLow(access: u32, limit: u32): bool {
  return (access & AR_G) == 0 && limit >>> 20 != 0;
}

function rowsOfCs(cs: u32, ss: u32): u32 {
  const type = cs & AR_TYPE;
  let rows: u32 = 0;
  if (type == TYPE_DATA_WRITABLE_ACCESSED) {
    if (!isUnrestricted()) rows |= ROW_CS_TYPE;
    if (dplOf(cs) != 0) rows |= ROW_DPL_REAL;
  } else if ((type & (TYPE_CODE | TYPE_ACCESSED)) != (TYPE_CODE | TYPE_ACCESSED)) {
    rows |= ROW_CS_TYPE;
  } else if (type < TYPE_CODE_CONFORMING) {
    if (dplOf(cs) != dplOf(ss)) rows |= ROW_DPL_NONCONFORMING;
  } else if (dplOf(cs) > dplOf(ss)) {
    rows |= ROW_DPL_CONFORMING;
  }
  if (isIa32eGuest() && (cs & AR_L) != 0 && (cs & AR_DB) != 0) rows |= ROW_DB_L;
  return rows;
}

function rowsOfSs(cs: u32, ss: u32): u32 {
  let rows: u32 = 0;
  // Writable data, accessed: 3, or 7 for an expand-down segment.
  if ((ss & AR_UNUSABLE) == 0 && (ss & 0xb) != TYPE_DATA_WRITABLE_ACCESSED) rows |= ROW_SS_TYPE;
  if (!isUnrestricted() && dplOf(ss) != (guestSelector(SEG_SS) & SELECTOR_RPL)) rows |= ROW_DPL_RPL;
  const real =
    (cs & AR_TYPE) == TYPE_DATA_WRITABLE_ACCESSED ||
    (vmcsRead<u32>(V_GUEST_CR0) & (CR0_PE as u32)) == 0;
  if (real && dplOf(ss) != 0) rows |= ROW_DPL_ZERO;
  return rows;
}

function rowsOfData(segment: u32): u32 {
  const access = guestAccess(segment);
  if ((access & AR_UNUSABLE) != 0) return 0;
  const type = access & AR_TYPE;
  let rows = rowsOfAny(access, guestLimit(segment));
  if ((type & TYPE_ACCESSED) == 0) rows |= ROW_ACCESSED;
  if ((type & TYPE_CODE) != 0 && (type & TYPE_READABLE) == 0) rows |= ROW_READABLE;
  if (!isUnrestricted() && type < TYPE_CODE_CONFORMING) {
    if (dplOf(access) < (guestSelector(segment) & SELECTOR_RPL)) rows |= ROW_DPL_DATA;
  }
  return rows;
}

/** Number of the check for the first register that fails `row`. */
function checkOfRow(row: u32, cs: u32, ss: u32): u32 {
  switch (row) {
    case ROW_CS_TYPE:
      return CHECK_GUEST_CS_AR_TYPE;
    case ROW_SS_TYPE:
      return CHECK_GUEST_SS_AR_TYPE;
    case ROW_ACCESSED:
      return CHECK_GUEST_DS_AR_TYPE_ACCESSED + dataPlace(row);
    case ROW_READABLE:
      return CHECK_GUEST_DS_AR_TYPE_READABLE + dataPlace(row);
    case ROW_DPL_REAL:
      return CHECK_GUEST_CS_AR_DPL_REAL;
    case ROW_DPL_NONCONFORMING:
      return CHECK_GUEST_CS_AR_DPL_NONCONF;
    case ROW_DPL_CONFORMING:
      return CHECK_GUEST_CS_AR_DPL_CONF;
    case ROW_DPL_RPL:
      return CHECK_GUEST_SS_AR_DPL_RPL;
    case ROW_DPL_ZERO:
      return CHECK_GUEST_SS_AR_DPL_ZERO;
    case ROW_DPL_DATA:
      return CHECK_GUEST_DS_AR_DPL + dataPlace(row);
    case ROW_DB_L:
      return CHECK_GUEST_CS_AR_DB_L;
    default:
      break;
  }
  return checkOfAnyRow(row) + anyPlace(row, cs, ss);
}

/** Number of the check of CS in a row for all registers. */
function checkOfAnyRow(row: u32): u32 {
  if (row == ROW_S) return CHECK_GUEST_CS_AR_S;
  if (row == ROW_P) return CHECK_GUEST_CS_AR_P;
  if (row == ROW_RESERVED_LOW) return CHECK_GUEST_CS_AR_RESERVED_11_8;
  if (row == ROW_G_LOW) return CHECK_GUEST_CS_AR_G_LOW;
  return row == ROW_G_HIGH ? CHECK_GUEST_CS_AR_G_HIGH : CHECK_GUEST_CS_AR_RESERVED_31_17;
}

/** Place in the order DS, ES, FS, GS of the first register that fails `row`. */
function dataPlace(row: u32): u32 {
  if ((rowsOfData(SEG_DS) & row) != 0) return 0;
  if ((rowsOfData(SEG_ES) & row) != 0) return 1;
  return (rowsOfData(SEG_FS) & row) != 0 ? 2 : 3;
}

/** Place in the order CS, SS, DS, ES, FS, GS of the first register that fails `row`. */
function anyPlace(row: u32, cs: u32, ss: u32): u32 {
  if ((rowsOfAny(cs, guestLimit(SEG_CS)) & row) != 0) return 0;
  if ((ss & AR_UNUSABLE) == 0 && (rowsOfAny(ss, guestLimit(SEG_SS)) & row) != 0) return 1;
  return 2 + dataPlace(row);
}
