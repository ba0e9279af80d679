/**
 * The linear-address walk: 32-bit, PAE, 4-level and 5-level paging (SDM "Paging").
 *
 * `walk` leaves its result in the module's variables. It sets accessed and dirty flags as a
 * processor does: accessed in every entry used, dirty in the leaf of a permitted write.
 *
 * Under EPT what CR3, the PDPTEs and the entries hold are guest-physical addresses: each entry is
 * read through the EPT, and so is the page in the end (paging/ept.ts). A page fault of the linear
 * address goes before an EPT violation of the page itself, but behind those of the entries that were
 * needed to find it.
 */
import {
  CR0_WP,
  CR4_PCIDE,
  CR4_PKE,
  CR4_PSE,
  CR4_SMAP,
  CR4_SMEP,
  EFER_NXE,
} from "../cpu/control-bits";
import { PF_FETCH, PF_KEY, PF_PRESENT, PF_RESERVED, PF_USER, PF_WRITE } from "../cpu/fault";
import { hasFeature } from "../cpu/features";
import { FLAG_AC } from "../cpu/flags";
import { FEATURE_LA57, FEATURE_PDPE1GB, FEATURE_PSE36 } from "../generated/features";
import {
  CR0,
  CR3,
  CR4,
  EFER,
  EPTP,
  FLAGS_REST,
  LONG_MODE,
  PAGING_MODE,
  PDPTE,
  PKRU,
} from "../generated/state";
import { M_PHYS_BITS, M_STRUCTURES } from "../layout";
import {
  maskA20,
  physicalRead32,
  physicalRead64,
  setEntryFlags32,
  setEntryFlags64,
} from "../memory/physical";
import { Counter, count } from "../tlb/counters";
import { beginSteps, isSanitizing, noteStep, STEP_NARROW, STEP_REGISTER } from "../tlb/provenance";
import {
  fillStructure,
  GUEST_TABLES,
  hitGpa,
  hitLevel,
  hitRights,
  hitTable,
  lookupStructure,
} from "../tlb/structure";
import {
  GPA_PIECE_SHIFT,
  GPA_UNREADABLE,
  RIGHT_DIRTY,
  RIGHT_EXECUTE,
  RIGHT_GLOBAL,
  RIGHT_KEY_SHIFT,
  RIGHT_TYPE_SHIFT,
  RIGHT_USER,
  RIGHT_WRITE,
  sizeCodeOf,
} from "../tlb/tlb";
import { capability, MSR_VMX_EPT_VPID_CAP } from "../vmx/vmcs";
import {
  EPT_FETCH,
  EPT_FETCH_USER,
  EPT_READ,
  EPT_WRITE,
  EPTP_AD,
  eptHpa,
  eptRights,
  eptSizeLog,
  isGuestPhysicalCached,
  translateGuestPhysical,
  translateUncached,
} from "./ept";
import {
  passesApicAccess,
  probing,
  Q_EXECUTE_DISABLE,
  Q_LINEAR,
  Q_TRANSLATION,
  Q_USER,
  Q_WRITABLE,
} from "./ept-exit";

export const PAGING_NONE: u32 = 0;
export const PAGING_32: u32 = 1;
export const PAGING_PAE: u32 = 2;
export const PAGING_4: u32 = 3;
export const PAGING_5: u32 = 4;

/** Access bits: what the instruction wants to do. */
export const ACCESS_WRITE: u32 = 1;
export const ACCESS_FETCH: u32 = 2;
export const ACCESS_USER: u32 = 4;
/** An implicit supervisor access (descriptor tables, TSS): SMAP applies whatever EFLAGS.AC says. */
export const ACCESS_IMPLICIT: u32 = 8;

const PTE_P: u64 = 1;
const PTE_W: u64 = 2;
const PTE_U: u64 = 4;
const PTE_A: u64 = 0x20;
const PTE_D: u64 = 0x40;
const PTE_PS: u64 = 0x80;
const PTE_G: u64 = 0x100;
const PTE_NX: u64 = 0x8000000000000000;

/** In the place of the address of a table: not known. */
const NO_TABLE: u64 = 0xffffffffffffffff;

/** Advanced information about EPT violations is reported. */
const CAP_ADVANCED: u64 = 0x400000;

/** Host-physical address of the page. */
export let walkHpa: u64 = 0;
/** Guest-physical address of the page, as T_GPA of the TLB holds it. */
export let walkGpa: u64 = 0;
/** RIGHT_* bits of the translation. */
export let walkRights: u32 = 0;
/** log2 of the page size. */
export let walkSizeLog: u32 = 12;
/** Page-fault error code of a walk that failed; no page fault while WALK_EXIT is set. */
export let walkError: u32 = 0;

/** True when EPT is in use; and the linear address that is being walked for. */
let nested: bool = false;
let linear: u64 = 0;
/** Host-physical address of the entry that `reachEntry` found. */
let entryHpa: u64 = 0;

/** Mask of the address bits above the physical-address width, up to bit 51. @inline */
function addressReserved(): u64 {
  return 0x000fffffffffffff & ~(((1 as u64) << (load<u32>(M_PHYS_BITS) as u64)) - 1);
}

/** The bits of a page-fault error code that depend on the access alone. */
export function accessError(access: u32): u32 {
  let error: u32 = 0;
  if ((access & ACCESS_WRITE) != 0) error |= PF_WRITE;
  if ((access & ACCESS_USER) != 0) error |= PF_USER;
  if ((access & ACCESS_FETCH) != 0) {
    // The I/D flag exists only where NX or SMEP can cause a fault.
    const nx = load<u32>(PAGING_MODE) >= PAGING_PAE && (load<u64>(EFER) & EFER_NXE) != 0;
    if (nx || (load<u64>(CR4) & CR4_SMEP) != 0) error |= PF_FETCH;
  }
  return error;
}

/**
 * Judges an access by the rights of a translation. Returns 0 when it is permitted, else the bits
 * that the violation adds to the error code (SDM "Access Rights").
 */
export function violation(rights: u32, access: u32): u32 {
  const userPage = (rights & RIGHT_USER) != 0;
  let bad = false;
  let key: u32 = 0;
  if ((access & ACCESS_FETCH) != 0) {
    if ((rights & RIGHT_EXECUTE) == 0) bad = true;
  } else {
    if (
      (access & ACCESS_WRITE) != 0 &&
      (rights & RIGHT_WRITE) == 0 &&
      ((access & ACCESS_USER) != 0 || (load<u64>(CR0) & CR0_WP) != 0)
    ) {
      bad = true;
    }
    if (userPage && load<u32>(LONG_MODE) != 0 && (load<u64>(CR4) & CR4_PKE) != 0) {
      key = keyViolation(rights, access);
    }
  }
  if ((access & ACCESS_USER) != 0) {
    if (!userPage) bad = true;
  } else if (userPage) {
    const cr4 = load<u64>(CR4);
    if ((access & ACCESS_FETCH) != 0) {
      if ((cr4 & CR4_SMEP) != 0) bad = true;
    } else if ((cr4 & CR4_SMAP) != 0) {
      const allowed = (access & ACCESS_IMPLICIT) == 0 && (load<u32>(FLAGS_REST) & FLAG_AC) != 0;
      if (!allowed) bad = true;
    }
  }
  if (!bad && key == 0) return 0;
  return PF_PRESENT | key;
}

/** PF_KEY when protection key rights deny a data access to a user page, else 0. */
function keyViolation(rights: u32, access: u32): u32 {
  const key = (rights >>> RIGHT_KEY_SHIFT) & 15;
  const denied = (load<u32>(PKRU) >>> (key * 2)) & 3;
  if ((denied & 1) != 0) return PF_KEY;
  if ((denied & 2) != 0 && (access & ACCESS_WRITE) != 0) {
    if ((access & ACCESS_USER) != 0 || (load<u64>(CR0) & CR0_WP) != 0) return PF_KEY;
  }
  return 0;
}

/**
 * Makes `entryHpa` the address of the guest paging-structure entry at `gpa`. With A/D flags in the
 * EPT every access to such an entry counts as a write.
 */
function reachEntry(gpa: u64): bool {
  const access = (load<u64>(EPTP) & EPTP_AD) != 0 ? EPT_READ | EPT_WRITE : EPT_READ;
  if (!translateGuestPhysical(gpa, linear, access, access | Q_LINEAR)) return false;
  entryHpa = eptHpa | (gpa & 0xfff);
  return passesApicAccess(gpa, eptHpa);
}

/** True when the EPT lets the guest paging-structure entry at `gpa` be written. */
function mayUpdate(gpa: u64): bool {
  const access = EPT_READ | EPT_WRITE;
  return translateGuestPhysical(gpa, linear, access, access | Q_LINEAR);
}

/** What is known of the exit qualification before the page of the linear address is accessed. */
function finalQualification(rights: u32, access: u32): u32 {
  let bits = Q_LINEAR | Q_TRANSLATION;
  if ((access & ACCESS_FETCH) != 0) bits |= EPT_FETCH;
  else bits |= (access & ACCESS_WRITE) != 0 ? EPT_WRITE : EPT_READ;
  if ((capability(MSR_VMX_EPT_VPID_CAP) & CAP_ADVANCED) != 0) {
    if ((rights & RIGHT_USER) != 0) bits |= Q_USER;
    if ((rights & RIGHT_WRITE) != 0) bits |= Q_WRITABLE;
    if ((rights & RIGHT_EXECUTE) == 0) bits |= Q_EXECUTE_DISABLE;
  }
  return bits;
}

/**
 * Takes the page that the guest's tables name, `1 << walkSizeLog` bytes at walkGpa, through the EPT:
 * narrows walkSizeLog, walkGpa and walkRights, and finds walkHpa.
 */
function translatePage(access: u32): bool {
  const inPage = linear & (((1 as u64) << (walkSizeLog as u64)) - 1);
  const rights = walkRights;
  const fetch = (rights & RIGHT_USER) != 0 ? EPT_FETCH_USER : EPT_FETCH;
  let needed = (access & ACCESS_WRITE) != 0 ? EPT_WRITE : EPT_READ;
  if ((access & ACCESS_FETCH) != 0) needed = fetch;
  const gpa = walkGpa | inPage;
  if (!isGuestPhysicalCached(gpa, needed)) {
    const qualification = finalQualification(rights, access);
    if (!translateUncached(gpa, linear, needed, qualification)) return false;
  }
  // A piece of the guest's page knows of the page.
  const piece: u32 = eptSizeLog < walkSizeLog ? sizeCodeOf(walkSizeLog) << GPA_PIECE_SHIFT : 0;
  walkSizeLog = min<u32>(walkSizeLog, eptSizeLog);
  const low = ((1 as u64) << (walkSizeLog as u64)) - 1;
  walkHpa = eptHpa & ~low;
  const unreadable: u32 = (eptRights & EPT_READ) == 0 ? GPA_UNREADABLE : 0;
  walkGpa = (gpa & ~low) | ((piece | unreadable) as u64);
  if ((eptRights & EPT_WRITE) == 0) walkRights &= ~RIGHT_DIRTY;
  if ((eptRights & fetch) == 0) walkRights &= ~RIGHT_EXECUTE;
  return true;
}

/**
 * Walks the tables for `gla`. Returns false when the access does not come about: with walkError set
 * for a page fault, with WALK_EXIT set when a VM exit or #VE is noted.
 */
export function walk(gla: u64, access: u32): bool {
  linear = gla;
  nested = load<u64>(EPTP) != 0;
  if (!probing) beginSteps();
  switch (load<u32>(PAGING_MODE)) {
    case PAGING_NONE: {
      walkHpa = gla & 0xfffff000;
      walkGpa = walkHpa;
      walkRights = RIGHT_WRITE | RIGHT_USER | RIGHT_EXECUTE | RIGHT_DIRTY;
      walkSizeLog = 12;
      return !nested || translatePage(access);
    }
    case PAGING_32:
      return walk32(gla as u32, access);
    case PAGING_PAE:
      return walkLong(gla, access, 2, 0);
    case PAGING_4:
      return walkLong(gla, access, 4, load<u64>(CR3));
    default:
      return walkLong(gla, access, 5, load<u64>(CR3));
  }
}

/** Notes an entry that the walk has read, for the provenance of what is made from it. */
function noteEntry(hpa: u64, entry: u64, kind: u32): void {
  if (!probing) noteStep(maskA20(hpa), entry, kind);
}

/** @inline */
function notPresent(access: u32): bool {
  walkError = accessError(access);
  return false;
}

/** @inline */
function reservedSet(access: u32): bool {
  walkError = accessError(access) | PF_PRESENT | PF_RESERVED;
  return false;
}

/** PAE (levels 2), 4-level and 5-level paging. */
function walkLong(gla: u64, access: u32, levels: u32, cr3: u64): bool {
  const highReserved = addressReserved();
  const nxe = (load<u64>(EFER) & EFER_NXE) != 0;
  // Outside IA-32e mode bits 62:52 of an entry are reserved; inside they are ignored.
  const reserved = highReserved | (nxe ? 0 : PTE_NX) | (levels == 2 ? 0x7ff0000000000000 : 0);
  let table = cr3 & 0x000ffffffffff000;
  let rights: u32 = RIGHT_WRITE | RIGHT_USER | RIGHT_EXECUTE;
  if (levels == 2) {
    const pdpte = load<u64>(PDPTE + (((gla >> 30) as u32 & 3) << 3));
    if ((pdpte & PTE_P) == 0) return notPresent(access);
    if (isSanitizing()) noteEntry(0, pdpte, STEP_REGISTER | 3);
    table = pdpte & 0x000ffffffffff000;
  }
  let level = levels;
  let start = levels;
  if (!probing && lookupStructure(GUEST_TABLES, gla, levels, load<u32>(PAGING_MODE), access)) {
    start = hitLevel - 1;
    level = start;
    table = hitGpa;
    rights = hitRights;
  }
  while (true) {
    const shift = 3 + level * 9;
    const address = table | (((gla >> (shift as u64)) & 0x1ff) << 3);
    let hpa = address;
    if (level == start && start != levels) {
      hpa = hitTable | (address & 0xfff);
      if (nested && !passesApicAccess(address, hitTable)) return false;
    } else if (nested) {
      if (!reachEntry(address)) return false;
      hpa = entryHpa;
    }
    if (level != start && !probing) cacheEntry(level + 1, hpa, table, rights, access);
    const entry = physicalRead64(hpa);
    count(Counter.WALK_REFERENCE);
    if (isSanitizing()) noteEntry(hpa, entry, level);
    if ((entry & PTE_P) == 0) return notPresent(access);
    const large = level > 1 && (entry & PTE_PS) != 0;
    if ((entry & reserved) != 0) return reservedSet(access);
    if (large) {
      if (level > 3 || (level == 3 && !hasFeature(FEATURE_PDPE1GB))) return reservedSet(access);
      // Bits between the PAT bit and the page frame.
      const low = ((1 as u64) << (shift as u64)) - 1;
      if ((entry & low & 0x000fffffffffe000) != 0) return reservedSet(access);
    }
    if ((entry & PTE_W) == 0) rights &= ~RIGHT_WRITE;
    if ((entry & PTE_U) == 0) rights &= ~RIGHT_USER;
    if ((entry & PTE_NX) != 0) rights &= ~RIGHT_EXECUTE;
    if (level == 1 || large) {
      rights |= ((entry >> 59) as u32 & 15) << RIGHT_KEY_SHIFT;
      return finishLeaf(address, hpa, entry, rights, access, shift, large, true);
    }
    if ((entry & PTE_A) == 0 && !probing) {
      if (nested && !mayUpdate(address)) return false;
      setEntryFlags64(hpa, entry | PTE_A);
    }
    table = entry & 0x000ffffffffff000;
    level--;
  }
}

/** Caches the entry of `level` that has led to the table at `gpa` with an entry at `hpa`. @inline */
function cacheEntry(level: u32, hpa: u64, gpa: u64, rights: u32, access: u32): void {
  if (load<u32>(M_STRUCTURES) == 0) return;
  const mode = load<u32>(PAGING_MODE);
  fillStructure(GUEST_TABLES, level, linear, mode, hpa & ~0xfff, gpa, rights, access, 0);
}

/** 32-bit paging, with 4 MiB pages where CR4.PSE permits them. */
function walk32(gla: u32, access: u32): bool {
  if (!probing && lookupStructure(GUEST_TABLES, gla as u64, 2, PAGING_32, access)) {
    return walkTable32(gla, access, hitGpa, hitTable, hitRights);
  }
  const pdeAddress = (load<u64>(CR3) & 0xfffff000) | ((gla >>> 22) << 2);
  let pdeHpa = pdeAddress;
  if (nested) {
    if (!reachEntry(pdeAddress)) return false;
    pdeHpa = entryHpa;
  }
  const pde = physicalRead32(pdeHpa) as u64;
  count(Counter.WALK_REFERENCE);
  if (isSanitizing()) noteEntry(pdeHpa, pde, STEP_NARROW | 2);
  if ((pde & PTE_P) == 0) return notPresent(access);
  let rights: u32 = RIGHT_EXECUTE;
  if ((pde & PTE_PS) != 0 && (load<u64>(CR4) & CR4_PSE) != 0) {
    // PSE-36: bits 20:13 are address bits 39:32; what lies above the address width is reserved.
    const widest = hasFeature(FEATURE_PSE36) ? min<u32>(load<u32>(M_PHYS_BITS), 40) : 32;
    const usable = (((1 as u64) << ((widest - 32) as u64)) - 1) << 13;
    if ((pde & (0x003fe000 & ~usable)) != 0) return reservedSet(access);
    if ((pde & PTE_W) != 0) rights |= RIGHT_WRITE;
    if ((pde & PTE_U) != 0) rights |= RIGHT_USER;
    return finishLeaf(pdeAddress, pdeHpa, pde, rights, access, 22, true, false);
  }
  if ((pde & PTE_A) == 0 && !probing) {
    if (nested && !mayUpdate(pdeAddress)) return false;
    setEntryFlags32(pdeHpa, (pde | PTE_A) as u32);
  }
  if ((pde & PTE_W) != 0) rights |= RIGHT_WRITE;
  if ((pde & PTE_U) != 0) rights |= RIGHT_USER;
  return walkTable32(gla, access, pde & 0xfffff000, NO_TABLE, rights);
}

/**
 * The second level of 32-bit paging: the page table at `table`, which a cached entry says to lie at
 * host-physical `tableHpa`, or NO_TABLE; `above` are the rights that the entry grants.
 */
function walkTable32(gla: u32, access: u32, table: u64, tableHpa: u64, above: u32): bool {
  const pteAddress = table | (((gla >>> 12) & 0x3ff) << 2);
  let pteHpa = pteAddress;
  if (tableHpa != NO_TABLE) {
    pteHpa = tableHpa | (pteAddress & 0xfff);
    if (nested && !passesApicAccess(pteAddress, tableHpa)) return false;
  } else {
    if (nested) {
      if (!reachEntry(pteAddress)) return false;
      pteHpa = entryHpa;
    }
    if (!probing) cacheEntry(2, pteHpa, table, above, access);
  }
  const pte = physicalRead32(pteHpa) as u64;
  count(Counter.WALK_REFERENCE);
  if (isSanitizing()) noteEntry(pteHpa, pte, STEP_NARROW | 1);
  if ((pte & PTE_P) == 0) return notPresent(access);
  let rights = above;
  if ((pte & PTE_W) == 0) rights &= ~RIGHT_WRITE;
  if ((pte & PTE_U) == 0) rights &= ~RIGHT_USER;
  return finishLeaf(pteAddress, pteHpa, pte, rights, access, 12, false, false);
}

/**
 * Checks the access at a leaf entry, notes the result, and sets the accessed and dirty flags; under
 * EPT not before the page itself has turned out to permit the access.
 */
function finishLeaf(
  address: u64,
  hpa: u64,
  entry: u64,
  rights: u32,
  access: u32,
  shift: u32,
  large: bool,
  wide: bool,
): bool {
  const denied = violation(rights, access);
  if (denied != 0) {
    walkError = accessError(access) | denied;
    return false;
  }
  let updated = entry | PTE_A;
  if ((access & ACCESS_WRITE) != 0) updated |= PTE_D;
  if ((updated & PTE_D) != 0) rights |= RIGHT_DIRTY;
  if ((entry & PTE_G) != 0 && (load<u64>(CR4) & 0x80) != 0) rights |= RIGHT_GLOBAL;
  const pat = ((entry >> 3) & 3) | ((large ? (entry >> 12) & 1 : (entry >> 7) & 1) << 2);
  walkRights = rights | ((pat as u32) << RIGHT_TYPE_SHIFT);
  walkSizeLog = shift;
  if (shift == 22 && !wide) {
    walkHpa = (entry & 0xffc00000) | (((entry >> 13) & 0xff) << 32);
  } else {
    const low = ((1 as u64) << (shift as u64)) - 1;
    walkHpa = entry & 0x000fffffffffffff & ~low;
  }
  walkGpa = walkHpa;
  const update = updated != entry && !probing;
  if (nested) {
    if (update && !mayUpdate(address)) return false;
    if (!translatePage(access)) return false;
  }
  if (update) {
    if (wide) setEntryFlags64(hpa, updated);
    else setEntryFlags32(hpa, updated as u32);
  }
  return true;
}

let savedHpa: u64 = 0;
let savedGpa: u64 = 0;
let savedRights: u32 = 0;
let savedSizeLog: u32 = 0;
let savedError: u32 = 0;
let savedNested: bool = false;
let savedLinear: u64 = 0;
let savedEntryHpa: u64 = 0;

/** Keeps what a walk holds, for the host may probe in the middle of it; not to be nested. */
export function saveWalk(): void {
  savedHpa = walkHpa;
  savedGpa = walkGpa;
  savedRights = walkRights;
  savedSizeLog = walkSizeLog;
  savedError = walkError;
  savedNested = nested;
  savedLinear = linear;
  savedEntryHpa = entryHpa;
}

export function restoreWalk(): void {
  walkHpa = savedHpa;
  walkGpa = savedGpa;
  walkRights = savedRights;
  walkSizeLog = savedSizeLog;
  walkError = savedError;
  nested = savedNested;
  linear = savedLinear;
  entryHpa = savedEntryHpa;
}

/** True when `gla` is canonical for the current paging mode (SDM "Canonical Addressing"). @inline */
export function isCanonical(gla: u64): bool {
  const shift: i64 = load<u32>(PAGING_MODE) == PAGING_5 ? 7 : 16;
  return ((gla as i64) << shift) >> shift == (gla as i64);
}

/**
 * True when `value` may be the base of a segment or table, or in an MSR that holds an address:
 * canonical for the widest linear addresses that the processor supports.
 */
export function isCanonicalBase(value: u64): bool {
  const shift: i64 = hasFeature(FEATURE_LA57) ? 7 : 16;
  return ((value as i64) << shift) >> shift == (value as i64);
}

/** PCID of the current address space: 0 unless CR4.PCIDE. @inline */
export function currentPcid(): u32 {
  return (load<u64>(CR4) & CR4_PCIDE) != 0 ? (load<u64>(CR3) as u32) & 0xfff : 0;
}
