/**
 * Access to memory by linear address.
 *
 * `readPointer`, `writePointer` and `updatePointer` give a pointer to the operand: into RAM when the
 * front cache permits it, else, from the slow path, into RAM or the bounce buffer; 0 is a fault.
 * After a store through a pointer that is not in RAM, `finishWrite` carries the bytes to where they
 * belong. So the common case costs two loads and a compare, and one compare more for a store:
 *
 *   const p = updatePointer<u32>(gla, rec);
 *   const result = load<u32>(p) + 1;
 *   store<u32>(p, result);                       // harmless when p is 0: NULL_SINK
 *   if (p < HOST_LIMIT && finishWrite(p)) return FAULTED;
 *
 * `info` names the access for the slow path: the record, with STACK_ACCESS for pushes and pops.
 */

import { isWatched, noteDataAccess, watchesData } from "../cpu/debug";
import { raiseError, raiseGp, raisePf, raiseSs, VECTOR_AC } from "../cpu/fault";
import { stopAfter } from "../cpu/run";
import { REC_PREFIX } from "../decode/record";
import {
  ADDR_MASK,
  APIC_ACCESS_HPA,
  CPL,
  CUR_REC,
  FRONT_CTX,
  FRONT_CTX_CODE,
  SPACE_GLOBAL,
  SPACE_ID,
} from "../generated/state";
import { mmioRead, mmioWrite } from "../host";
import { BOUNCE, M_TLB_APIC, M_TLB_ARRAYS, M_TLB_SPLIT } from "../layout";
import { takeWalkExit } from "../paging/ept-exit";
import { noteWriteSize } from "../paging/spp";
import {
  ACCESS_FETCH,
  ACCESS_IMPLICIT,
  ACCESS_USER,
  ACCESS_WRITE,
  isCanonical,
  violation,
  walk,
  walkError,
  walkGpa,
  walkHpa,
  walkRights,
  walkSizeLog,
} from "../paging/walk";
import {
  alignmentChecked,
  F_ADDEND,
  F_READ,
  F_WRITE,
  fillFront,
  frontEntry,
  supervisorContext,
  systemContext,
  userContext,
} from "../tlb/front";
import { invalidateFaulting, invalidateViolating } from "../tlb/invalidate";
import { mayUseStale, STALE, WHAT_LINEAR } from "../tlb/provenance";
import { useSpace } from "../tlb/space";
import {
  dropAddress,
  entrySizeLog,
  fillTlb,
  GPA_APIC,
  GPA_UNREADABLE,
  KIND_FETCH,
  KIND_LOAD,
  KIND_STORE,
  lookupTlb,
  RIGHT_DIRTY,
  RIGHT_GLOBAL,
  T_DATA,
  T_GPA,
  T_PROV,
} from "../tlb/tlb";
import {
  APIC_ACCESS_FETCH,
  APIC_ACCESS_READ,
  APIC_ACCESS_WRITE,
  exitApicAccess,
} from "../vmx/apic-exit";
import { beginApicWrite, finishApicWrite, readApicPage } from "../vmx/apic-page";
import { mustNote, noteStore } from "./code";
import { FRAME_NOTED, FRAME_READ_ONLY, frameFlags, frameOf, maskA20, ramPointer } from "./physical";

/** In `info`: the access goes to the stack segment. */
export const STACK_ACCESS: u32 = 0x80000000;
/** In `info`, instead of a record: no memory operand, so a bad address is #GP. */
export const NO_RECORD: u32 = 0;
const SEGMENT_SS: u32 = 2;
/** No page: what `translateFetch` returns after a fault. */
export const NO_PAGE: u64 = 0xffffffffffffffff;

/**
 * True when the front cache permits reading a T at `gla`; `frontPointer` is then where. For cases
 * that have one slow path for this and for what the operands need. @inline
 */
export function isFrontReadable<T>(gla: u64): bool {
  const tag = ((gla + (sizeof<T>() - 1)) & ~0xfff) | load<u64>(FRONT_CTX);
  return load<u64>(frontEntry(gla), F_READ) == tag;
}

/** The same for writing. @inline */
export function isFrontWritable<T>(gla: u64): bool {
  const tag = ((gla + (sizeof<T>() - 1)) & ~0xfff) | load<u64>(FRONT_CTX);
  return load<u64>(frontEntry(gla), F_WRITE) == tag;
}

/** Pointer to what the front cache permits to access. @inline */
export function frontPointer(gla: u64): u32 {
  return (gla as u32) + load<u32>(frontEntry(gla), F_ADDEND);
}

/** Pointer to read a T at linear address `gla`. @inline */
export function readPointer<T>(gla: u64, info: u32): u32 {
  const entry = frontEntry(gla);
  const tag = ((gla + (sizeof<T>() - 1)) & ~0xfff) | load<u64>(FRONT_CTX);
  if (load<u64>(entry, F_READ) == tag) return (gla as u32) + load<u32>(entry, F_ADDEND);
  return readSlow(gla, sizeof<T>() as u32, info);
}

/** Pointer to write a T at linear address `gla`; see `finishWrite`. @inline */
export function writePointer<T>(gla: u64, info: u32): u32 {
  const entry = frontEntry(gla);
  const tag = ((gla + (sizeof<T>() - 1)) & ~0xfff) | load<u64>(FRONT_CTX);
  if (load<u64>(entry, F_WRITE) == tag) return (gla as u32) + load<u32>(entry, F_ADDEND);
  return writeSlow(gla, sizeof<T>() as u32, info, false);
}

/** Pointer to read and then write a T at linear address `gla`; see `finishWrite`. @inline */
export function updatePointer<T>(gla: u64, info: u32): u32 {
  const entry = frontEntry(gla);
  const tag = ((gla + (sizeof<T>() - 1)) & ~0xfff) | load<u64>(FRONT_CTX);
  if (load<u64>(entry, F_WRITE) == tag) return (gla as u32) + load<u32>(entry, F_ADDEND);
  return writeSlow(gla, sizeof<T>() as u32, info, true);
}

/** `readPointer` of `size` bytes (at most 64), for what is not made once for each size. */
export function readSized(gla: u64, size: u32, info: u32): u32 {
  const entry = frontEntry(gla);
  const tag = ((gla + (size - 1)) & ~0xfff) | load<u64>(FRONT_CTX);
  if (load<u64>(entry, F_READ) == tag) return (gla as u32) + load<u32>(entry, F_ADDEND);
  return readSlow(gla, size, info);
}

/** The same for writing, and with `update` for reading and then writing. */
export function writeSized(gla: u64, size: u32, info: u32, update: bool): u32 {
  const entry = frontEntry(gla);
  const tag = ((gla + (size - 1)) & ~0xfff) | load<u64>(FRONT_CTX);
  if (load<u64>(entry, F_WRITE) == tag) return (gla as u32) + load<u32>(entry, F_ADDEND);
  return writeSlow(gla, size, info, update);
}

// What finishWrite has to do.
const PENDING_DROP: u32 = 0;
const PENDING_MMIO: u32 = 1;
const PENDING_NOTED: u32 = 2;
const PENDING_CROSS: u32 = 3;
const PENDING_APIC: u32 = 4;

let pendingKind: u32 = 0;
let pendingSize: u32 = 0;
/** Bytes in the first page of a crossing access. */
let pendingFirst: u32 = 0;
/** Where the bytes go: a pointer to RAM, or 0 and a host-physical address. */
let pendingHost: u32 = 0;
let pendingHpa: u64 = 0;
/** The part in the second page of a crossing access. */
let pendingHost2: u32 = 0;
let pendingHpa2: u64 = 0;

/** Host-physical address that the last translation gave. */
let lastHpa: u64 = 0;
/** True when that translation is marked stale: nothing faster may hold it. */
export let lastStale: bool = false;
/** What `translate` returns when the address is no RAM. */
const DEVICE: u32 = 1;
/** What it returns for the APIC-access page of a guest, except to a fetch. */
export const APIC_PAGE: u32 = 2;

/** Raises the exception for a non-canonical address: #SS for stack references, else #GP. */
function raiseNotCanonical(info: u32): u32 {
  if ((info & STACK_ACCESS) != 0) return raiseSs(0);
  const rec = info & ~STACK_ACCESS;
  if (rec != NO_RECORD && (load<u8>(rec, REC_PREFIX) & 7) == SEGMENT_SS) return raiseSs(0);
  return raiseGp(0);
}

/** Notes which record the slow path works for. @inline */
function noteRecord(info: u32): void {
  const rec = info & ~STACK_ACCESS;
  if (rec != NO_RECORD) store<u32>(CUR_REC, rec);
}

/** @inline */
function userAccess(): u32 {
  return load<u32>(CPL) == 3 ? ACCESS_USER : 0;
}

/** Size up to which an operand must be aligned when alignment is checked. */
function misaligned(gla: u64, size: u32): bool {
  if ((size & (size - 1)) != 0 || size > 8) return false;
  return ((gla as u32) & (size - 1)) != 0;
}

/**
 * Translates one page of an access. Returns a pointer to the byte at `gla`, DEVICE when
 * `lastHpa` is no RAM, APIC_PAGE, or 0 with the exception raised or the VM exit noted.
 */
export function translate(gla: u64, access: u32): u32 {
  let kind = (access & ACCESS_WRITE) != 0 ? KIND_STORE : KIND_LOAD;
  if ((access & ACCESS_FETCH) != 0) kind = KIND_FETCH;
  const cached = load<u32>(M_TLB_ARRAYS) != 0;
  const space = load<u32>(SPACE_ID);
  let hpaPage: u64 = 0;
  let rights: u32 = 0;
  let entry: u32 = cached ? lookupTlb(gla, kind, space, load<u32>(SPACE_GLOBAL)) : 0;
  lastStale = false;
  if (entry != 0) {
    const data = load<u64>(entry, T_DATA);
    rights = (data as u32) & 0xfff;
    let short = (access & ACCESS_WRITE) != 0 && (rights & RIGHT_DIRTY) == 0;
    if ((access & ACCESS_FETCH) == 0 && (load<u32>(entry, T_GPA) & GPA_UNREADABLE) != 0)
      short = true;
    if (short || violation(rights, access) != 0) {
      // The processor walks again before it faults or sets the dirty flag.
      dropAddress(gla, space, load<u32>(SPACE_GLOBAL));
      entry = 0;
    } else {
      const low = ((1 as u64) << (entrySizeLog(entry) as u64)) - 1;
      hpaPage = (data & ~0xfff) | (gla & low & ~0xfff);
      lastStale = (load<u32>(entry, T_PROV) & STALE) != 0;
      // Asked only now: an entry without the rights is not used, stale or not.
      if (lastStale && !mayUseStale(WHAT_LINEAR, load<u32>(entry, T_PROV), entry, gla, access)) {
        dropAddress(gla, space, load<u32>(SPACE_GLOBAL));
        entry = 0;
      }
    }
  }
  if (entry == 0) {
    lastStale = false;
    if (!walk(gla, access)) {
      if (takeWalkExit()) {
        if (cached) invalidateViolating(gla);
      } else {
        if (cached) invalidateFaulting(gla);
        raisePf(gla, walkError);
      }
      return 0;
    }
    rights = walkRights;
    const low = ((1 as u64) << (walkSizeLog as u64)) - 1;
    hpaPage = walkHpa | (gla & low & ~0xfff);
    if (cached) {
      const owner = (rights & RIGHT_GLOBAL) != 0 ? load<u32>(SPACE_GLOBAL) : space;
      const data = walkHpa | (rights as u64);
      const apic = hpaPage == load<u64>(APIC_ACCESS_HPA) ? GPA_APIC : 0;
      const page = walkGpa | (apic as u64);
      const provenance = fillTlb(gla, walkSizeLog, data, page, kind, owner, access);
      lastStale = (provenance & STALE) != 0;
    }
  }
  // Front entries carry the number of the space, also those that rest on a global translation.
  if (cached && (rights & RIGHT_GLOBAL) != 0) useSpace(space);
  const hpa = maskA20(hpaPage);
  lastHpa = hpa | (gla & 0xfff);
  if (hpa == load<u64>(APIC_ACCESS_HPA) && !wasOrdinary(entry)) {
    if ((access & ACCESS_FETCH) == 0) return APIC_PAGE;
    exitApicAccess(gla, APIC_ACCESS_FETCH);
    return 0;
  }
  const host = ramPointer(hpa);
  if (host == 0) return DEVICE;
  if (cached && !lastStale && (access & ACCESS_FETCH) == 0) {
    enterFront(gla, host, rights, access);
  }
  return host + ((gla as u32) & 0xfff);
}

/**
 * True for the cached translation `entry`, if there is one, when it was made while its page was no
 * APIC-access page, and the processor goes by that: without INVEPT or INVVPID since then an access may
 * or may not be virtualized (SDM Vol. 3C "Issues Pertaining to Page Size and TLB Management").
 */
function wasOrdinary(entry: u32): bool {
  if (entry == 0 || load<u32>(M_TLB_APIC) == 0) return false;
  return (load<u32>(entry, T_GPA) & GPA_APIC) == 0;
}

/** Lets inlined code use a translation without the slow path, as far as it needs no watching. */
function enterFront(gla: u64, host: u32, rights: u32, access: u32): void {
  if (watchesData() && isWatched(gla & ~0xfff, 0x1000)) return;
  const flags = frameFlags(frameOf(host));
  // With CR0.WP clear a supervisor may write what is read-only; a change of WP clears the front.
  const write =
    (rights & RIGHT_DIRTY) != 0 &&
    (flags & FRAME_READ_ONLY) == 0 &&
    violation(rights, access | ACCESS_WRITE) == 0;
  let context = systemContext();
  if ((access & ACCESS_USER) != 0) context = userContext();
  else if ((access & ACCESS_IMPLICIT) == 0) context = supervisorContext();
  const noted = (flags & FRAME_NOTED) != 0;
  if (load<u32>(M_TLB_SPLIT) == 0) {
    fillFront(gla, host, context, true, write, noted);
  } else {
    // The array that serves the other kind of access may not hold the page.
    const writes = (access & ACCESS_WRITE) != 0;
    fillFront(gla, host, context, !writes, write && writes, noted);
  }
}

/** Slow path of `readPointer`. */
export function readSlow(gla: u64, size: u32, info: u32): u32 {
  noteRecord(info);
  if (!isCanonical(gla) || !isCanonical(gla + (size - 1))) {
    raiseNotCanonical(info);
    return 0;
  }
  if (misaligned(gla, size) && alignmentChecked()) {
    raiseError(VECTOR_AC, 0);
    return 0;
  }
  return readAt(gla, size, userAccess());
}

/** Reads at a canonical address with the given access bits; a pointer, or 0 after a fault. */
export function readAt(gla: u64, size: u32, access: u32): u32 {
  if (watchesData()) noteDataAccess(gla, size, false);
  const first: u32 = 0x1000 - ((gla as u32) & 0xfff);
  if (first >= size) {
    const host = translate(gla, access);
    if (host == APIC_PAGE) return readApicPage(gla, size) ? BOUNCE : 0;
    if (host != DEVICE) return host;
    readDevice(lastHpa, BOUNCE, size);
    return BOUNCE;
  }
  const next = linearAdd(gla, first);
  const low = translate(gla, access);
  if (low == 0) return 0;
  const lowHpa = lastHpa;
  const high = translate(next, access);
  if (high == 0) return 0;
  if (low == APIC_PAGE || high == APIC_PAGE) {
    exitApicAccess(low == APIC_PAGE ? gla : next, APIC_ACCESS_READ);
    return 0;
  }
  gather(low, lowHpa, BOUNCE, first);
  gather(high, lastHpa, BOUNCE + first, size - first);
  return BOUNCE;
}

/** @inline */
function linearAdd(gla: u64, bytes: u32): u64 {
  return (gla + (bytes as u64)) & load<u64>(ADDR_MASK);
}

/** Copies `bytes` from RAM pointer `host`, or from the device at `hpa`, to `to`. */
function gather(host: u32, hpa: u64, to: u32, bytes: u32): void {
  if (host == DEVICE) readDevice(hpa, to, bytes);
  else memory.copy(to, host, bytes);
}

/** Reads a device: naturally sized where it can be, else byte by byte. */
function readDevice(hpa: u64, to: u32, size: u32): void {
  const hi = (hpa >> 32) as u32;
  let at = hpa as u32;
  let rest = size;
  let place = to;
  while (rest > 0) {
    const part: u32 = rest >= 4 ? 4 : rest >= 2 ? 2 : 1;
    const value = mmioRead(at, hi, part);
    if (part == 4) store<u32>(place, value);
    else if (part == 2) store<u16>(place, value as u16);
    else store<u8>(place, value as u8);
    at += part;
    place += part;
    rest -= part;
  }
  // The device may have raised an interrupt: it is due behind this instruction.
  stopAfter(load<u32>(CUR_REC));
}

/** Writes a device in the same pieces. */
function writeDevice(hpa: u64, from: u32, size: u32): void {
  const hi = (hpa >> 32) as u32;
  let at = hpa as u32;
  let rest = size;
  let place = from;
  while (rest > 0) {
    const part: u32 = rest >= 4 ? 4 : rest >= 2 ? 2 : 1;
    const value: u32 =
      part == 4 ? load<u32>(place) : part == 2 ? load<u16>(place) : (load<u8>(place) as u32);
    mmioWrite(at, hi, part, value);
    at += part;
    place += part;
    rest -= part;
  }
  // The device may have raised an interrupt: it is due behind this instruction.
  stopAfter(load<u32>(CUR_REC));
}

/** Slow path of `writePointer`, and with `update` of `updatePointer`. */
export function writeSlow(gla: u64, size: u32, info: u32, update: bool): u32 {
  // A page that holds code, or is watched: a store beside the code needs no more than this.
  const entry = frontEntry(gla);
  const tag = ((gla + (size - 1)) & ~0xfff) | load<u64>(FRONT_CTX_CODE);
  if (load<u64>(entry, F_WRITE) == tag && !alignmentChecked()) {
    const host = (gla as u32) + load<u32>(entry, F_ADDEND);
    if (!mustNote(host, size)) return host;
  }
  noteRecord(info);
  if (!isCanonical(gla) || !isCanonical(gla + (size - 1))) {
    raiseNotCanonical(info);
    return 0;
  }
  if (misaligned(gla, size) && alignmentChecked()) {
    raiseError(VECTOR_AC, 0);
    return 0;
  }
  return writeAt(gla, size, userAccess() | ACCESS_WRITE, update);
}

/** Writes at a canonical address; the pointer to store through, or 0 after a fault. */
export function writeAt(gla: u64, size: u32, access: u32, update: bool): u32 {
  if (watchesData()) noteDataAccess(gla, size, true);
  const first: u32 = 0x1000 - ((gla as u32) & 0xfff);
  pendingSize = size;
  noteWriteSize(min<u32>(size, first));
  if (first >= size) {
    const host = translate(gla, access);
    if (host == 0) return 0;
    pendingHost = host;
    pendingHpa = lastHpa;
    if (host == APIC_PAGE) {
      pendingKind = PENDING_APIC;
      return beginApicWrite(gla, size, update) ? BOUNCE : 0;
    }
    if (host == DEVICE) {
      pendingKind = PENDING_MMIO;
      if (update) readDevice(lastHpa, BOUNCE, size);
      return BOUNCE;
    }
    const flags = frameFlags(frameOf(host));
    if ((flags & FRAME_READ_ONLY) != 0) {
      pendingKind = PENDING_DROP;
      memory.copy(BOUNCE, host, size);
      return BOUNCE;
    }
    if ((flags & FRAME_NOTED) == 0 || !mustNote(host, size)) return host;
    pendingKind = PENDING_NOTED;
    memory.copy(BOUNCE, host, size);
    return BOUNCE;
  }
  pendingKind = PENDING_CROSS;
  pendingFirst = first;
  pendingHost = translate(gla, access);
  if (pendingHost == 0) return 0;
  pendingHpa = lastHpa;
  noteWriteSize(size - first);
  const next = linearAdd(gla, first);
  pendingHost2 = translate(next, access);
  if (pendingHost2 == 0) return 0;
  pendingHpa2 = lastHpa;
  if (pendingHost == APIC_PAGE || pendingHost2 == APIC_PAGE) {
    exitApicAccess(pendingHost == APIC_PAGE ? gla : next, APIC_ACCESS_WRITE);
    return 0;
  }
  if (update) {
    gather(pendingHost, pendingHpa, BOUNCE, first);
    gather(pendingHost2, pendingHpa2, BOUNCE + first, size - first);
  }
  return BOUNCE;
}

/**
 * Ends a store through a pointer below HOST_LIMIT. Returns true when that pointer stood for a fault,
 * which is then pending.
 */
export function finishWrite(host: u32): bool {
  if (host == 0) return true;
  switch (pendingKind) {
    case PENDING_MMIO:
      writeDevice(pendingHpa, BOUNCE, pendingSize);
      break;
    case PENDING_APIC:
      finishApicWrite((pendingHpa as u32) & 0xfff, pendingSize);
      break;
    case PENDING_NOTED:
      scatter(pendingHost, 0, BOUNCE, pendingSize);
      break;
    case PENDING_CROSS: {
      scatter(pendingHost, pendingHpa, BOUNCE, pendingFirst);
      scatter(pendingHost2, pendingHpa2, BOUNCE + pendingFirst, pendingSize - pendingFirst);
      break;
    }
    default:
      break;
  }
  return false;
}

/** Stores bytes of the bounce buffer to RAM or to a device. */
function scatter(host: u32, hpa: u64, from: u32, bytes: u32): void {
  if (host == DEVICE) {
    writeDevice(hpa, from, bytes);
    return;
  }
  if ((frameFlags(frameOf(host)) & FRAME_READ_ONLY) != 0) return;
  memory.copy(host, from, bytes);
  noteStore(host, bytes);
}

/**
 * Pointer to read `size` bytes (at most 64) of a system structure: a supervisor access whatever the
 * privilege level. 0 after a fault.
 */
export function readSystem(gla: u64, size: u32): u32 {
  const entry = frontEntry(gla);
  const tag = ((gla + (size - 1)) & ~0xfff) | systemContext();
  if (load<u64>(entry, F_READ) == tag) return (gla as u32) + load<u32>(entry, F_ADDEND);
  if (!isCanonical(gla) || !isCanonical(gla + (size - 1))) {
    raiseGp(0);
    return 0;
  }
  return readAt(gla, size, ACCESS_IMPLICIT);
}

/**
 * Pointer to write `size` bytes as a supervisor (or with ACCESS_USER as a user) would, whatever the
 * current privilege level; end with `finishWrite`.
 */
export function writeAs(gla: u64, size: u32, access: u32): u32 {
  const entry = frontEntry(gla);
  const context = (access & ACCESS_USER) != 0 ? userContext() : systemContext();
  const tag = ((gla + (size - 1)) & ~0xfff) | context;
  if (load<u64>(entry, F_WRITE) == tag) return (gla as u32) + load<u32>(entry, F_ADDEND);
  return writeAt(gla, size, access | ACCESS_WRITE, false);
}

/** Pointer to update `size` bytes of a system structure; end with `finishWrite`. */
export function writeSystem(gla: u64, size: u32): u32 {
  if (!isCanonical(gla) || !isCanonical(gla + (size - 1))) {
    raiseGp(0);
    return 0;
  }
  return writeAt(gla, size, ACCESS_IMPLICIT | ACCESS_WRITE, true);
}

/**
 * Host-physical address of the page of an instruction fetch at `gla`, or NO_PAGE after a fault.
 * The page need not be RAM; a fetch from a device finds no bytes.
 */
export function translateFetch(gla: u64): u64 {
  if (!isCanonical(gla)) {
    raiseGp(0);
    return NO_PAGE;
  }
  if (translate(gla, ACCESS_FETCH | userAccess()) == 0) return NO_PAGE;
  return lastHpa & ~0xfff;
}
