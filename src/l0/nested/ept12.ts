/** EPT12 as L0 walks it: L2 guest-physical addresses to L1's (walk_addr of ept_walk). */
import { indexOf, pagesAt } from "../tdp/spte.ts";
import type { Vm } from "../vm.ts";

export const EPT = {
  read: 1,
  write: 2,
  execute: 4,
  all: 7,
  large: 0x80,
  accessed: 0x100,
  dirty: 0x200,
} as const;
const EPTP_AD = 0x40;
const TWO_20 = 0x100000;
const TWO_32 = 0x1_0000_0000;
const PAGE_BYTES = 4096;

export interface Walk12 {
  /** "leaf": translated; "absent": an entry without rights; "bad": a misconfigured one. */
  readonly outcome: "leaf" | "absent" | "bad";
  /** L1 guest-physical address, of a leaf. */
  readonly gpa: number;
  /** Level of the entry that ended the walk, and that of the root. */
  readonly level: number;
  readonly top: number;
  /** Rights that all entries together give. */
  readonly access: number;
  /** Guest frames of the tables from the root on, and the entries in them as they are now. */
  readonly tables: readonly number[];
  readonly lo: number[];
  readonly hi: readonly number[];
}

/** What entries of EPT12 may hold for an L1. */
export interface EptFormat {
  readonly executeOnly: boolean;
  readonly hugePages: boolean;
  readonly physicalAddressBits: number;
}

export interface Ept12 extends EptFormat {
  /** Guest frame of the root. */
  readonly root: number;
  /** Tables of a walk: 4 or 5. */
  readonly levels: number;
  readonly accessedDirty: boolean;
  /** The EPTP itself. */
  readonly eptp: number;
}

export function eptFormat(cap: bigint, physicalAddressBits: number): EptFormat {
  return {
    executeOnly: (cap & 1n) !== 0n,
    hugePages: (cap & (1n << 17n)) !== 0n,
    physicalAddressBits,
  };
}

export function ept12Of(lo: number, hi: number, format: EptFormat): Ept12 {
  return {
    ...format,
    root: frameOf(lo, hi),
    levels: ((lo >>> 3) & 7) + 1,
    accessedDirty: (lo & EPTP_AD) !== 0,
    eptp: eptpNumber(lo, hi),
  };
}

/** An EPTP as a number: no bit above its address is set in a valid one. */
export function eptpNumber(lo: number, hi: number): number {
  return hi * TWO_32 + lo;
}

/** Bits 51:12 of an entry, or of an EPTP. */
export function frameOf(lo: number, hi: number): number {
  return (hi & 0xfffff) * TWO_20 + (lo >>> 12);
}

/** Whether an entry with rights is misconfigured (is_bad_mt_xwr, reserved bits). */
export function isBadEntry(format: EptFormat, lo: number, hi: number, level: number): boolean {
  const rights = lo & EPT.all;
  if (rights === EPT.write || rights === (EPT.write | EPT.execute)) return true;
  if (rights === EPT.execute && !format.executeOnly) return true;
  // Bits 51:32 of an address beyond its width.
  const highBits = format.physicalAddressBits - 32;
  if (highBits < 20 && (hi & 0xfffff) >>> highBits !== 0) return true;
  if (level > 1 && (lo & EPT.large) === 0) return (lo & 0x78) !== 0;
  const type = (lo >>> 3) & 7;
  if (type === 2 || type === 3 || type === 7) return true;
  if (level === 1) return false;
  if (level > 3 || (level === 3 && !format.hugePages)) return true;
  const low = level === 2 ? 0x1ff000 : 0x3ffff000;
  return (lo & low) !== 0;
}

function spanOf(level: number): number {
  return PAGE_BYTES * pagesAt(level);
}

/** Guest-physical address of the entry for `gpa` in the table in frame `table`. */
function entryAt(table: number, level: number, gpa: number): number {
  return table * PAGE_BYTES + indexOf(Math.floor(gpa / PAGE_BYTES), level) * 8;
}

/** Walks EPT12 for the L2 guest-physical address `gpa`. Tables without memory behind them end it. */
export function walkEpt12(vm: Vm, ept: Ept12, gpa: number): Walk12 {
  const { u32 } = vm.hw.core;
  const top = ept.levels;
  const tables: number[] = [];
  const los: number[] = [];
  const his: number[] = [];
  const beyond = gpa >= spanOf(top + 1);
  let table = ept.root;
  let access: number = EPT.all;
  let outcome: Walk12["outcome"] = "leaf";
  let to = 0;
  let level = top;
  for (; ; level--) {
    const at = vm.guestByte(entryAt(table, level, gpa), false);
    const lo = at < 0 ? 0 : u32[at >>> 2]!;
    const hi = at < 0 ? 0 : u32[(at >>> 2) + 1]!;
    tables.push(table);
    los.push(lo);
    his.push(hi);
    if ((lo & EPT.all) === 0 || beyond) {
      access = 0;
      outcome = "absent";
      break;
    }
    if (isBadEntry(ept, lo, hi, level)) {
      outcome = "bad";
      break;
    }
    access &= lo;
    const frame = frameOf(lo, hi);
    if (level === 1 || (lo & EPT.large) !== 0) {
      to = frame * PAGE_BYTES + (gpa % spanOf(level));
      break;
    }
    table = frame;
  }
  return { outcome, gpa: to, level, top, access, tables, lo: los, hi: his };
}

/** Sets accessed flags on the way, and the dirty flag of the leaf (update_accessed_dirty_bits). */
export function markEpt12(vm: Vm, walk: Walk12, gpa: number, write: boolean): void {
  const { u32, exports } = vm.hw.core;
  const { tables, lo, top } = walk;
  for (let i = 0; i < tables.length; i++) {
    const leaf = i === tables.length - 1;
    const wanted = leaf && write ? EPT.accessed | EPT.dirty : EPT.accessed;
    if ((lo[i]! & wanted) === wanted) continue;
    const at = vm.guestByte(entryAt(tables[i]!, top - i, gpa), true);
    if (at < 0) continue;
    u32[at >>> 2]! |= wanted;
    lo[i]! |= wanted;
    exports.hostWritten(at, 8);
  }
}

/** Whether the entry of `level` is no longer what the walk has read (gpte_changed). */
export function gpteChanged(vm: Vm, walk: Walk12, level: number, gpa: number): boolean {
  if (vm.policy.skips("NoGpteRecheck")) return false;
  const i = walk.top - level;
  const at = vm.guestByte(entryAt(walk.tables[i]!, level, gpa), false);
  if (at < 0) return true;
  const { u32 } = vm.hw.core;
  return u32[at >>> 2] !== walk.lo[i]! >>> 0 || u32[(at >>> 2) + 1] !== walk.hi[i];
}

/** Rights that the entries of levels above `level` give together. */
export function accessAbove(walk: Walk12, level: number): number {
  let access: number = EPT.all;
  for (let i = 0; i < walk.top - level; i++) access &= walk.lo[i]!;
  return access;
}
