/** EPT12 as L0 walks it: L2 guest-physical addresses to L1's (walk_addr of ept_walk). */
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
const LEVELS = 4;
const TWO_20 = 0x100000;

export interface Walk12 {
  /** "leaf": translated; "absent": an entry without rights; "bad": a misconfigured one. */
  readonly outcome: "leaf" | "absent" | "bad";
  /** L1 guest-physical address, of a leaf. */
  readonly gpa: number;
  /** Level of the entry that ended the walk. */
  readonly level: number;
  /** Rights that all entries together give. */
  readonly access: number;
  /** Guest frames of the tables from the root on, and the entries in them. */
  readonly tables: readonly number[];
  readonly lo: readonly number[];
  readonly hi: readonly number[];
}

export interface Ept12 {
  /** Guest frame of the root. */
  readonly root: number;
  readonly accessedDirty: boolean;
  readonly executeOnly: boolean;
  readonly hugePages: boolean;
  readonly physicalAddressBits: number;
}

export function ept12Of(eptpLo: number, eptpHi: number, cap: bigint, physicalBits: number): Ept12 {
  return {
    root: eptpHi * TWO_20 + (eptpLo >>> 12),
    accessedDirty: (eptpLo & EPTP_AD) !== 0,
    executeOnly: (cap & 1n) !== 0n,
    hugePages: (cap & (1n << 17n)) !== 0n,
    physicalAddressBits: physicalBits,
  };
}

/** Whether an entry with rights is misconfigured (is_bad_mt_xwr, reserved bits). */
function isBad(ept: Ept12, lo: number, hi: number, level: number): boolean {
  const rights = lo & EPT.all;
  if (rights === EPT.write || rights === (EPT.write | EPT.execute)) return true;
  if (rights === EPT.execute && !ept.executeOnly) return true;
  // Bits 51:32 of an address beyond its width.
  const highBits = ept.physicalAddressBits - 32;
  if (highBits < 20 && (hi & 0xfffff) >>> highBits !== 0) return true;
  const large = (lo & EPT.large) !== 0;
  if (level === 1 || large) {
    const type = (lo >>> 3) & 7;
    if (type === 2 || type === 3 || type === 7) return true;
    if (level === 1) return false;
    if (level > 3 || (level === 3 && !ept.hugePages)) return true;
    const low = level === 2 ? 0x1ff000 : 0x3ffff000;
    return (lo & low) !== 0;
  }
  return (lo & 0x78) !== 0 || (level === LEVELS && large);
}

/** Walks EPT12 for the L2 guest-physical address `gpa`. Tables without memory behind them end it. */
export function walkEpt12(vm: Vm, ept: Ept12, gpa: number): Walk12 {
  const { u32 } = vm.hw.core;
  const tables: number[] = [];
  const los: number[] = [];
  const his: number[] = [];
  let table = ept.root;
  let access: number = EPT.all;
  for (let level = LEVELS; ; level--) {
    const span = 4096 * 512 ** (level - 1);
    const index = Math.floor(gpa / span) % 512;
    const at = vm.guestByte(table * 4096 + index * 8, false);
    const lo = at < 0 ? 0 : u32[at >>> 2]!;
    const hi = at < 0 ? 0 : u32[(at >>> 2) + 1]!;
    tables.push(table);
    los.push(lo);
    his.push(hi);
    const result = (outcome: Walk12["outcome"], to: number): Walk12 => {
      return { outcome, gpa: to, level, access, tables, lo: los, hi: his };
    };
    const beyond = gpa >= 2 ** 48;
    if ((lo & EPT.all) === 0 || beyond) {
      access = 0;
      return result("absent", 0);
    }
    if (isBad(ept, lo, hi, level)) return result("bad", 0);
    access &= lo;
    const frame = (hi & 0xfffff) * TWO_20 + (lo >>> 12);
    if (level === 1 || (lo & EPT.large) !== 0) return result("leaf", frame * 4096 + (gpa % span));
    table = frame;
  }
}

/** Sets accessed flags on the way, and the dirty flag of the leaf (update_accessed_dirty_bits). */
export function markEpt12(vm: Vm, walk: Walk12, gpa: number, write: boolean): void {
  const { u32, exports } = vm.hw.core;
  const { tables, lo } = walk;
  for (let i = 0; i < tables.length; i++) {
    const level = LEVELS - i;
    const leaf = i === tables.length - 1;
    const wanted = leaf && write ? EPT.accessed | EPT.dirty : EPT.accessed;
    if ((lo[i]! & wanted) === wanted) continue;
    const index = Math.floor(gpa / (4096 * 512 ** (level - 1))) % 512;
    const at = vm.guestByte(tables[i]! * 4096 + index * 8, true);
    if (at < 0) continue;
    u32[at >>> 2]! |= wanted;
    exports.hostWritten(at, 8);
  }
}

/** Whether the entries that a walk has read are still the same (gpte_changed). */
export function isSameWalk(a: Walk12, b: Walk12): boolean {
  const flags = EPT.accessed | EPT.dirty;
  return (
    a.outcome === b.outcome &&
    a.tables.length === b.tables.length &&
    a.lo.every((lo, i) => ((lo ^ b.lo[i]!) & ~flags) === 0) &&
    a.hi.every((hi, i) => hi === b.hi[i])
  );
}
