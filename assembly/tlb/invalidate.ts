/**
 * Invalidation of cached translations (SDM "Operations that Invalidate TLBs and Paging-Structure
 * Caches", "Invalidating Cached Translation Information"). Each function drops what its operation
 * must drop, no more:
 *
 *   operation                          linear and combined mappings           guest-physical
 *   INVLPG, #PF                        the address, current VPID, current
 *                                      PCID and globals                       none
 *   INVPCID, MOV to CR3, CR0, CR4      current VPID, PCIDs by operation       none
 *   VM entry, VM exit without VPID     VPID 0                                 none
 *   VMFUNC 0 without VPID              VPID 0, combined only                  none
 *   INVVPID                            by type; never those of VPID 0         none
 *   INVEPT                             combined, of one EP4TA or all          the same
 *   EPT violation                      the address, current VPID, PCID and
 *                                      EP4TA               the address
 *
 * Where the table names no EP4TA, combined mappings go for all of them, and linear ones even while
 * EPT is in use: so the SDM demands. All act on the current processor alone. Where the EPT maps a
 * large page of the guest by smaller ones, INVLPG, INVPCID and INVVPID of an address drop all that
 * is cached of that page ("Operations that Invalidate TLBs": multiple TLB entries for a page).
 *
 * Paging-structure caches: INVLPG drops all entries of the VPID and PCID whatever their address;
 * #PF, INVPCID and INVVPID of an address, and EPT violations those that would serve the address;
 * what drops all mappings of a tag drops its paging-structure caches with them, global pages or not.
 */
import { updateSpace } from "../cpu/mode";
import {
  FLUSH_EPT_VIOLATION,
  FLUSH_EPTP_SWITCH,
  FLUSH_INVEPT_ALL,
  FLUSH_INVEPT_SINGLE,
  FLUSH_INVLPG,
  FLUSH_INVPCID_ADDRESS,
  FLUSH_INVPCID_ALL_NONGLOBAL,
  FLUSH_INVVPID_ADDRESS,
  FLUSH_INVVPID_ALL,
  FLUSH_INVVPID_RETAIN_GLOBALS,
  FLUSH_INVVPID_SINGLE,
  FLUSH_PAGE_FAULT,
} from "../generated/flush-operations";
import { CPU_INDEX, SPACE_GLOBAL, SPACE_ID, VPID } from "../generated/state";
import { currentPcid } from "../paging/walk";
import { Counter, count } from "./counters";
import { dropPiecesOf } from "./pieces";
import { noteFlush } from "./provenance";
import {
  firstSpace,
  LIST_PHYSICAL,
  LIST_VPID_0,
  LIST_VPIDS,
  listOf,
  NO_SPACE,
  nextSpace,
  PCID_GLOBAL,
  retireSpace,
  spaceEp4ta,
  spacePcid,
  spaceVpid,
  TAG_EPT,
} from "./space";
import { dropStructures, dropStructuresOf, GUEST_TABLES, voidStructures } from "./structure";
import { ANY_PCID, dropAddress, dropAddressOf } from "./tlb";

/** The address, and what else is cached of the guest's page that holds it. */
function dropPage(gla: u64, vpid: u32, pcid: u32, globals: bool): u32 {
  return dropAddressOf(gla, vpid, pcid, globals) + dropPiecesOf(gla, vpid, pcid, globals);
}

/** Tells of an operation on the current VPID; returns `dropped`. */
function told(operation: u32, pcid: u32, gla: u64, dropped: u32): u32 {
  return noteFlush(operation, load<u32>(VPID), pcid, 0, gla, dropped);
}

/**
 * INVLPG: the address in the current PCID, and global translations of it; of paging-structure caches
 * all entries of the PCID.
 */
export function invalidatePage(gla: u64): u32 {
  count(Counter.INVLPG);
  const pcid = currentPcid();
  const vpid = load<u32>(VPID);
  const dropped = dropPage(gla, vpid, pcid, true) + voidStructuresOf(vpid, pcid);
  return told(FLUSH_INVLPG, pcid, gla, dropped);
}

/** Empties the paging-structure caches of `vpid` and `pcid`, for every EP4TA. */
function voidStructuresOf(vpid: u32, pcid: u32): u32 {
  let dropped: u32 = 0;
  let id = firstSpace(load<u32>(CPU_INDEX), listOf(vpid));
  while (id != NO_SPACE) {
    if (spaceVpid(id) == vpid && spacePcid(id) == pcid) dropped += voidStructures(id);
    id = nextSpace(id);
  }
  return dropped;
}

/**
 * A page fault at `gla`: what would translate the address. Other pieces of a large page may stay,
 * unlike after INVLPG.
 */
export function invalidateFaulting(gla: u64): u32 {
  const pcid = currentPcid();
  const vpid = load<u32>(VPID);
  const dropped = dropAddressOf(gla, vpid, pcid, true) + dropStructuresOf(gla, vpid, pcid);
  return told(FLUSH_PAGE_FAULT, pcid, gla, dropped);
}

/** An EPT violation in translating `gla`: the address in the current context alone. */
export function invalidateViolating(gla: u64): u32 {
  const translations = dropAddress(gla, load<u32>(SPACE_ID), load<u32>(SPACE_GLOBAL));
  const dropped = translations + dropStructures(GUEST_TABLES, gla);
  const ep4ta = spaceEp4ta(load<u32>(SPACE_ID));
  return noteFlush(FLUSH_EPT_VIOLATION, load<u32>(VPID), currentPcid(), ep4ta, gla, dropped);
}

// What retireVpid spares.
const SPARE_NONE: u32 = 0;
const SPARE_GLOBAL: u32 = 1;

/** Drops all mappings of `vpid`, of one PCID or ANY_PCID. */
function retireVpid(vpid: u32, pcid: u32, spare: u32): u32 {
  let dropped: u32 = 0;
  let id = firstSpace(load<u32>(CPU_INDEX), listOf(vpid));
  while (id != NO_SPACE) {
    const next = nextSpace(id);
    const tagged = spacePcid(id);
    if (
      spaceVpid(id) == vpid &&
      (pcid == ANY_PCID || tagged == pcid) &&
      (spare == SPARE_NONE || tagged != PCID_GLOBAL)
    ) {
      dropped += retireSpace(id);
    }
    id = next;
  }
  return dropped;
}

/** MOV to CR3 without bit 63, INVPCID type 1: everything of the PCID but global translations. */
export function invalidatePcid(pcid: u32, operation: u32): u32 {
  const dropped = retireVpid(load<u32>(VPID), pcid, SPARE_NONE);
  updateSpace();
  return told(operation, pcid, 0, dropped);
}

/** Everything of the current VPID: changes of CR0.PG, CR4.PGE and the like, INVPCID type 2. */
export function invalidateAll(operation: u32): u32 {
  count(Counter.FLUSH_ALL);
  const dropped = retireVpid(load<u32>(VPID), ANY_PCID, SPARE_NONE);
  updateSpace();
  return told(operation, ANY_PCID, 0, dropped);
}

/** Everything but global translations, in every PCID: INVPCID type 3. */
export function invalidateAllButGlobal(): u32 {
  const dropped = retireVpid(load<u32>(VPID), ANY_PCID, SPARE_GLOBAL);
  updateSpace();
  return told(FLUSH_INVPCID_ALL_NONGLOBAL, ANY_PCID, 0, dropped);
}

/** One address in one PCID, global translations excepted: INVPCID type 0. */
export function invalidatePcidAddress(gla: u64, pcid: u32): u32 {
  const vpid = load<u32>(VPID);
  const dropped = dropPage(gla, vpid, pcid, false) + dropStructuresOf(gla, vpid, pcid);
  return told(FLUSH_INVPCID_ADDRESS, pcid, gla, dropped);
}

/**
 * A VM entry or exit without VPIDs: linear and combined mappings of VPID 0. May have retired the
 * current numbers: `updateSpace` must follow, once VPID, EPTP, CR3 and CR4 are those to come.
 */
export function flushVpid0AtTransition(operation: u32): u32 {
  count(Counter.TRANSITION_FLUSH);
  return noteFlush(operation, 0, ANY_PCID, 0, 0, retireVpid(0, ANY_PCID, SPARE_NONE));
}

/** EPTP switching without VPIDs: combined mappings of VPID 0. `updateSpace` must follow. */
export function flushVpid0Combined(): u32 {
  return noteFlush(FLUSH_EPTP_SWITCH, 0, ANY_PCID, 0, 0, retireCombined(LIST_VPID_0, 0));
}

/** INVVPID type 0: one address in `vpid`, which is not the current one. */
export function invvpidAddress(vpid: u32, gla: u64): u32 {
  const dropped = dropPage(gla, vpid, ANY_PCID, true) + dropStructuresOf(gla, vpid, ANY_PCID);
  return noteFlush(FLUSH_INVVPID_ADDRESS, vpid, ANY_PCID, 0, gla, dropped);
}

/** INVVPID type 1: everything of `vpid`. */
export function invvpidContext(vpid: u32): u32 {
  const dropped = retireVpid(vpid, ANY_PCID, SPARE_NONE);
  return noteFlush(FLUSH_INVVPID_SINGLE, vpid, ANY_PCID, 0, 0, dropped);
}

/** INVVPID type 2: everything of every VPID but 0. */
export function invvpidAll(): u32 {
  let dropped: u32 = 0;
  let id = firstSpace(load<u32>(CPU_INDEX), LIST_VPIDS);
  while (id != NO_SPACE) {
    const next = nextSpace(id);
    dropped += retireSpace(id);
    id = next;
  }
  return noteFlush(FLUSH_INVVPID_ALL, 0, ANY_PCID, 0, 0, dropped);
}

/** INVVPID type 3: everything of `vpid` but global translations. */
export function invvpidButGlobal(vpid: u32): u32 {
  const dropped = retireVpid(vpid, ANY_PCID, SPARE_GLOBAL);
  return noteFlush(FLUSH_INVVPID_RETAIN_GLOBALS, vpid, ANY_PCID, 0, 0, dropped);
}

/** INVEPT type 1: combined and guest-physical mappings with the EP4TA of `eptp`. */
export function inveptContext(eptp: u64): u32 {
  const ep4ta = (eptp & 0x000ffffffffff000) | TAG_EPT;
  return noteFlush(FLUSH_INVEPT_SINGLE, 0, ANY_PCID, ep4ta, 0, retireEpt(ep4ta));
}

/** INVEPT type 2: all combined and guest-physical mappings. */
export function inveptAll(): u32 {
  return noteFlush(FLUSH_INVEPT_ALL, 0, ANY_PCID, 0, 0, retireEpt(0));
}

/** Drops what carries `ep4ta`, or any EP4TA for 0. In root operation no current number does. */
function retireEpt(ep4ta: u64): u32 {
  return (
    retireCombined(LIST_VPID_0, ep4ta) +
    retireCombined(LIST_VPIDS, ep4ta) +
    retireCombined(LIST_PHYSICAL, ep4ta)
  );
}

/** The same of one list. */
function retireCombined(list: u32, ep4ta: u64): u32 {
  let dropped: u32 = 0;
  let id = firstSpace(load<u32>(CPU_INDEX), list);
  while (id != NO_SPACE) {
    const next = nextSpace(id);
    const tagged = spaceEp4ta(id);
    if (tagged != 0 && (ep4ta == 0 || tagged == ep4ta)) dropped += retireSpace(id);
    id = next;
  }
  return dropped;
}
