/**
 * Translation of guest-physical addresses: the EPT walk with its rights, accessed and dirty flags
 * and page-modification log (SDM "The Extended Page Table Mechanism (EPT)").
 *
 * `translateGuestPhysical` leaves its result in the module's variables; guest-physical mappings are
 * cached (tlb/guest-physical.ts). Checks come in this order: entry by entry not present, then
 * misconfigured; with all entries read the rights (and sub-page permissions), then room in the
 * log, then the flags are set. So an access that does not come about sets no flag.
 */
import { FLUSH_EPT_VIOLATION } from "../generated/flush-operations";
import { CTL_SECONDARY, EPTP, SPACE_PHYSICAL } from "../generated/state";
import {
  SECONDARY_ENABLE_PML,
  SECONDARY_MODE_BASED_EXECUTE_EPT,
  SECONDARY_SUBPAGE_WRITE_PERMISSIONS,
  V_PML_ADDRESS,
  V_PML_INDEX,
} from "../generated/vmx";
import { EPT_PATH, M_PHYS_BITS, M_STRUCTURES, M_WALK_STEPS } from "../layout";
import {
  maskA20,
  physicalRead64,
  physicalWrite64,
  ramPointer,
  setEntryFlags64,
} from "../memory/physical";
import { Counter, count } from "../tlb/counters";
import {
  cachesGuestPhysical,
  dropGuestPhysical,
  fillGuestPhysical,
  G_DATA,
  G_LEAF,
  G_PROV,
  lookupGuestPhysical,
} from "../tlb/guest-physical";
import {
  askProvenance,
  describeFill,
  isSanitizing,
  mayUseStale,
  noteFlush,
  noteReference,
  noteStep,
  STALE,
  STEP_EPT,
  stepCount,
  WHAT_GUEST_PHYSICAL,
} from "../tlb/provenance";
import { ep4taOf, VPID_PHYSICAL } from "../tlb/space";
import {
  dropStructures,
  EPT_TABLES,
  fillStructure,
  hitLevel,
  hitRights,
  hitTable,
  lookupStructure,
} from "../tlb/structure";
import { entrySizeLog } from "../tlb/tlb";
import { capability, MSR_VMX_EPT_VPID_CAP, vmcsRead, vmcsWrite } from "../vmx/vmcs";
import {
  eptMisconfiguration,
  eptViolation,
  pmlFull,
  probing,
  Q_TRANSLATION,
  sppEvent,
} from "./ept-exit";
import { SPP_ALLOWED, SPP_MISCONFIGURED, SPP_MISS, sppVerdict } from "./spp";

// Rights, and accesses by the right they need; the first three as in exit qualifications.
export const EPT_READ: u32 = 1;
export const EPT_WRITE: u32 = 2;
/** Fetch, with mode-based execute control one from a supervisor-mode linear address. */
export const EPT_FETCH: u32 = 4;
/** Fetch from a user-mode linear address; the same as EPT_FETCH without that control. */
export const EPT_FETCH_USER: u32 = 8;
const ALL_RIGHTS: u32 = 15;

export const EPTP_AD: u64 = 0x40;

const ENTRY_READ: u64 = 1;
const ENTRY_WRITE: u64 = 2;
const ENTRY_EXECUTE: u64 = 4;
const ENTRY_LARGE: u64 = 0x80;
const ENTRY_A: u64 = 0x100;
const ENTRY_D: u64 = 0x200;
const ENTRY_EXECUTE_USER: u64 = 0x400;
const ENTRY_SUB_PAGE: u64 = 0x2000000000000000;
const ENTRY_SUPPRESS_VE: u64 = 0x8000000000000000;
const ADDRESS: u64 = 0x000ffffffffff000;

// IA32_VMX_EPT_VPID_CAP.
const CAP_EXECUTE_ONLY: u64 = 1;
const CAP_2M: u64 = 0x10000;
const CAP_1G: u64 = 0x20000;

const PML_ENTRIES: u32 = 512;

/** Host-physical address of the 4 KiB page. */
export let eptHpa: u64 = 0;
/** EPT_* rights of the translation. EPT_WRITE only when a write needs no further work. */
export let eptRights: u32 = 0;
/** log2 of the size of the EPT page. */
export let eptSizeLog: u32 = 12;

/**
 * True with the result in place when a cached guest-physical mapping translates `gpa` for an access
 * that needs the rights `access`.
 */
export function isGuestPhysicalCached(gpa: u64, access: u32): bool {
  const entry = probing ? 0 : lookupGuestPhysical(gpa);
  if (entry == 0) return false;
  const data = load<u64>(entry, G_DATA);
  if (((data as u32) & access) != access) return false;
  const leaf = load<u32>(entry, G_LEAF);
  if ((access & EPT_WRITE) != 0 && leaf != 0 && (load<u64>(leaf) & ENTRY_D) == 0) return false;
  // Asked only now: an entry without the rights is not used, stale or not.
  if (!isUsable(entry, gpa, access)) return false;
  eptSizeLog = entrySizeLog(entry);
  const low = ((1 as u64) << (eptSizeLog as u64)) - 1;
  eptHpa = (data & ADDRESS) | (gpa & low & ~0xfff);
  eptRights = (data as u32) & ALL_RIGHTS;
  if (isSanitizing()) noteReference(load<u32>(entry, G_PROV), STEP_EPT);
  return true;
}

/**
 * Translates `gpa` for an access that needs the rights `access`. `qualification` holds what is known
 * of the exit qualification should it fail, `gla` the linear address if there is one. Returns false
 * with the VM exit or #VE noted and WALK_EXIT set.
 */
export function translateGuestPhysical(gpa: u64, gla: u64, access: u32, qualification: u32): bool {
  if (isGuestPhysicalCached(gpa, access)) return true;
  return translateUncached(gpa, gla, access, qualification);
}

/** The same by a walk alone. */
export function translateUncached(gpa: u64, gla: u64, access: u32, qualification: u32): bool {
  if (walkEpt(gpa, gla, access, qualification)) return true;
  // A violation, and whatever else ends the access, drops what would translate the address.
  if (!probing) {
    const dropped = dropGuestPhysical(gpa) + dropStructures(EPT_TABLES, gpa);
    noteFlush(FLUSH_EPT_VIOLATION, VPID_PHYSICAL, 0, ep4taOf(load<u64>(EPTP)), gpa, dropped);
  }
  return false;
}

/** False for an entry that is marked stale and that the host wants not to be used. */
function isUsable(entry: u32, gpa: u64, access: u32): bool {
  const provenance = load<u32>(entry, G_PROV);
  if ((provenance & STALE) == 0) return true;
  if (mayUseStale(WHAT_GUEST_PHYSICAL, provenance, entry, gpa, access)) return true;
  dropGuestPhysical(gpa);
  return false;
}

let savedHpa: u64 = 0;
let savedRights: u32 = 0;
let savedSizeLog: u32 = 0;

/** Keeps the result of a translation; see `saveWalk`. */
export function saveEptResult(): void {
  savedHpa = eptHpa;
  savedRights = eptRights;
  savedSizeLog = eptSizeLog;
}

export function restoreEptResult(): void {
  eptHpa = savedHpa;
  eptRights = savedRights;
  eptSizeLog = savedSizeLog;
}

/** True when `entry`, which is present, is one that no processor accepts. */
function isMisconfigured(entry: u64, level: u32, leaf: bool, mbec: bool): bool {
  const physBits = load<u32>(M_PHYS_BITS) as u64;
  if ((entry & ADDRESS & ~(((1 as u64) << physBits) - 1)) != 0) return true;
  if ((entry & ENTRY_READ) == 0) {
    if ((entry & ENTRY_WRITE) != 0) return true;
    // Present without reads means execute-only.
    const fetches = ENTRY_EXECUTE | (mbec ? ENTRY_EXECUTE_USER : 0);
    const supported = (capability(MSR_VMX_EPT_VPID_CAP) & CAP_EXECUTE_ONLY) != 0;
    if ((entry & fetches) != 0 && !supported) return true;
  }
  if (!leaf) return (entry & 0x78) != 0 || (level > 3 && (entry & ENTRY_LARGE) != 0);
  const type = (entry >> 3) & 7;
  if (type == 2 || type == 3 || type == 7) return true;
  if (level == 1) return false;
  const cap = capability(MSR_VMX_EPT_VPID_CAP);
  if ((cap & (level == 2 ? CAP_2M : CAP_1G)) == 0) return true;
  const low = ((1 as u64) << ((3 + level * 9) as u64)) - 1;
  return (entry & low & ADDRESS) != 0;
}

/** The EPT_* rights that `entry` grants. @inline */
function rightsOf(entry: u64, mbec: bool): u32 {
  const low = (entry as u32) & 7;
  return low | (mbec ? ((entry >> 10) as u32 & 1) << 3 : (low & 4) << 1);
}

function walkEpt(gpa: u64, gla: u64, access: u32, qualification: u32): bool {
  const eptp = load<u64>(EPTP);
  const mbec = (load<u32>(CTL_SECONDARY) & SECONDARY_MODE_BASED_EXECUTE_EPT) != 0;
  const present: u64 = mbec ? 0x407 : 7;
  const levels = (((eptp >> 3) as u32) & 7) + 1;
  const firstStep = stepCount();
  // More address bits than the walk translates: no entry could map them.
  if (gpa >> ((12 + levels * 9) as u64) != 0) {
    return eptViolation(gpa, gla, qualification, 0, false);
  }
  // Never MODE_32, by which structure caches know the entries of 32-bit paging.
  const mode = (u32(mbec) << 2) | (u32(levels == 5) << 1);
  let table = eptp & ADDRESS;
  let rights: u32 = ALL_RIGHTS;
  let above: u32 = ALL_RIGHTS;
  let common: u64 = ~(0 as u64);
  let start = levels;
  if (!probing && lookupStructure(EPT_TABLES, gpa, levels, mode, access)) {
    start = hitLevel - 1;
    table = hitTable;
    rights = hitRights;
  }
  let level = start;
  let entry: u64 = 0;
  let leaf = false;
  let at: u64 = 0;
  while (true) {
    notePath(level, table, rights, stepCount());
    at = table | (((gpa >> ((3 + level * 9) as u64)) & 0x1ff) << 3);
    entry = physicalRead64(at);
    count(Counter.EPT_REFERENCE);
    if (isSanitizing() && !probing) noteStep(maskA20(at), entry, STEP_EPT | level);
    if ((entry & present) == 0) {
      return eptViolation(gpa, gla, qualification, 0, (entry & ENTRY_SUPPRESS_VE) == 0);
    }
    leaf = level == 1 || ((entry & ENTRY_LARGE) != 0 && level <= 3);
    if (isMisconfigured(entry, level, leaf, mbec)) return eptMisconfiguration(gpa, gla);
    above = rights;
    rights &= rightsOf(entry, mbec);
    common &= entry;
    if (leaf) break;
    table = entry & ADDRESS;
    level--;
  }
  let bySubPage = false;
  if ((rights & access) != access) {
    const eligible =
      (load<u32>(CTL_SECONDARY) & SECONDARY_SUBPAGE_WRITE_PERMISSIONS) != 0 &&
      access == EPT_WRITE &&
      (qualification & Q_TRANSLATION) != 0 &&
      level == 1 &&
      (entry & ENTRY_SUB_PAGE) != 0 &&
      (above & EPT_WRITE) != 0 &&
      (rights & EPT_READ) != 0;
    const verdict = eligible ? sppVerdict(gpa) : 0;
    if (verdict == SPP_MISS || verdict == SPP_MISCONFIGURED) {
      return sppEvent(gpa, gla, verdict == SPP_MISS);
    }
    if (verdict != SPP_ALLOWED) {
      return eptViolation(gpa, gla, qualification, rights, (entry & ENTRY_SUPPRESS_VE) == 0);
    }
    bySubPage = true;
  }
  if ((eptp & EPTP_AD) != 0) {
    const writes = (access & EPT_WRITE) != 0;
    const dirty = (entry & ENTRY_D) != 0;
    if (!probing && ((common & ENTRY_A) == 0 || (writes && !dirty))) {
      if (!logModification(gpa, gla, writes && !dirty)) return false;
      setFlags(gpa, start, level, writes);
    }
    if (!dirty && !writes) rights &= ~EPT_WRITE;
  }
  // The next write to another part of the page must be judged anew.
  if (bySubPage) rights &= ~EPT_WRITE;
  const low = ((1 as u64) << ((3 + level * 9) as u64)) - 1;
  eptSizeLog = 3 + level * 9;
  eptHpa = (entry & ADDRESS & ~low) | (gpa & low & ~0xfff);
  eptRights = rights;
  if (probing) return true;
  if (level < start && load<u32>(M_STRUCTURES) != 0) {
    cachePath(gpa, mode, start, level, access, firstStep);
  }
  if (cachesGuestPhysical()) cacheTranslation(gpa, at, access, firstStep);
  return true;
}

/** Caches the translation of `gpa` that a walk has found in the EPT entry at `at`. */
function cacheTranslation(gpa: u64, at: u64, access: u32, firstStep: u32): void {
  let rights = eptRights;
  let flags: u32 = 0;
  if ((load<u64>(EPTP) & EPTP_AD) != 0) {
    flags = ramPointer(maskA20(at));
    // A flag that cannot be looked at again must be looked at by a walk.
    if (flags == 0) rights &= ~EPT_WRITE;
  }
  const low = ((1 as u64) << (eptSizeLog as u64)) - 1;
  const hpa = eptHpa & ~low;
  let provenance: u32 = 0;
  if (isSanitizing()) {
    describeFill(hpa, gpa & ~low, rights, access, firstStep);
    const space = load<u32>(SPACE_PHYSICAL);
    provenance = askProvenance(WHAT_GUEST_PHYSICAL, space, gpa & ~low, eptSizeLog);
  }
  fillGuestPhysical(gpa, hpa, rights, eptSizeLog, flags, provenance);
}

/**
 * Page-modification logging, before a flag is set: the log must have room; `dirties` tells that a
 * dirty flag is about to change and the page is to be logged. False with the exit noted.
 */
function logModification(gpa: u64, gla: u64, dirties: bool): bool {
  if ((load<u32>(CTL_SECONDARY) & SECONDARY_ENABLE_PML) == 0) return true;
  const index = vmcsRead<u16>(V_PML_INDEX) as u32;
  if (index >= PML_ENTRIES) return pmlFull(gpa, gla);
  if (!dirties) return true;
  physicalWrite64(vmcsRead<u64>(V_PML_ADDRESS) + ((index << 3) as u64), gpa & ~0xfff);
  vmcsWrite(V_PML_INDEX, ((index - 1) & 0xffff) as u64);
  return true;
}

/**
 * Sets the accessed flags of the entries that the walk has read, from level `start` down to
 * `leafLevel`, and the dirty flag of the last.
 */
function setFlags(gpa: u64, start: u32, leafLevel: u32, dirty: bool): void {
  for (let level = start; level >= leafLevel; level--) {
    const at = pathTable(level) | (((gpa >> ((3 + level * 9) as u64)) & 0x1ff) << 3);
    const entry = physicalRead64(at);
    const flags = ENTRY_A | (dirty && level == leafLevel ? ENTRY_D : 0);
    if ((entry & flags) != flags) setEntryFlags64(at, entry | flags);
  }
}

// The tables that the walk has read: for each level the address, the rights above and the steps before.
const PATH_BYTES: u32 = 16;

/** @inline */
function notePath(level: u32, table: u64, rights: u32, steps: u32): void {
  const place = EPT_PATH + level * PATH_BYTES;
  store<u64>(place, table);
  store<u32>(place, rights, 8);
  store<u32>(place, steps, 12);
}

/** @inline */
function pathTable(level: u32): u64 {
  return load<u64>(EPT_PATH + level * PATH_BYTES);
}

/** Caches the entries above the leaf that a walk for `gpa` has used, all of them accessed now. */
function cachePath(gpa: u64, mode: u32, start: u32, leaf: u32, access: u32, firstStep: u32): void {
  const steps = stepCount();
  for (let level = start - 1; level >= leaf; level--) {
    const place = EPT_PATH + level * PATH_BYTES;
    const table = load<u64>(place);
    // What was read behind an entry is no part of its provenance.
    if (isSanitizing()) store<u32>(M_WALK_STEPS, load<u32>(place, 12));
    const rights = load<u32>(place, 8);
    fillStructure(EPT_TABLES, level + 1, gpa, mode, table, table, rights, access, firstStep);
  }
  if (isSanitizing()) store<u32>(M_WALK_STEPS, steps);
}
