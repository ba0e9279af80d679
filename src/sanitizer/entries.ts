/**
 * Comparing paging-structure entries: what a change of one means for translations made from it.
 * Values are pairs of unsigned 32-bit halves.
 */

/** What a paging-structure entry is. */
export interface EntryShape {
  readonly ept: boolean;
  /** 4 bytes wide: 32-bit paging. */
  readonly narrow: boolean;
  readonly level: number;
}

/**
 * "same": nothing that a translation holds. "flags": accessed or dirty cleared, memory type, global:
 * the translation leads to the same place with the same rights, yet a flush has its reason.
 * "permissive": rights were added, which needs no flush. "stale": all else.
 */
export type Change = "same" | "flags" | "permissive" | "stale";

const LARGE = 0x80;

// Guest entries.
const WRITE = 2;
const USER = 4;
const GUEST_TYPE = 0x18;
const PAT_4K = 0x80;
const PAT_LARGE = 0x1000;
const GLOBAL = 0x100;
const GUEST_ACCESSED = 0x20;
const GUEST_DIRTY = 0x40;
const XD_HIGH = 0x80000000;
const KEY_HIGH = 0x78000000;
const ADDRESS_HIGH = 0xfffff;

// EPT entries; read, write, execute are bits 2:0, execute for user-mode addresses bit 10.
const EPT_RIGHTS = 0x407;
const EPT_TYPE = 0x78;
const EPT_ACCESSED = 0x100;
const EPT_DIRTY = 0x200;
const EPT_SUB_PAGE_HIGH = 0x20000000;

/** True when the entry maps a page. */
export function isLeaf(shape: EntryShape, lo: number): boolean {
  return shape.level === 1 || ((lo & LARGE) !== 0 && shape.level <= 3);
}

/** log2 of the bytes that an entry of this kind stands for. */
export function reachLog({ narrow, level }: EntryShape): number {
  return narrow ? 2 + level * 10 : 3 + level * 9;
}

export function isPresent(shape: EntryShape, lo: number): boolean {
  return (lo & (shape.ept ? EPT_RIGHTS : 1)) !== 0;
}

function addressMaskLow(shape: EntryShape, leaf: boolean): number {
  if (!leaf || shape.level === 1) return 0xfffff000;
  // PSE-36 keeps address bits below bit 22, all but the PAT bit.
  if (shape.narrow) return 0xffffe000;
  return (-(2 ** reachLog(shape)) & 0xffffffff) >>> 0;
}

function addressDiffers(shape: EntryShape, leaf: boolean, difLo: number, difHi: number): boolean {
  if ((difLo & addressMaskLow(shape, leaf)) !== 0) return true;
  return !shape.narrow && (difHi & ADDRESS_HIGH) !== 0;
}

/** Judges the change of an entry from one value to another; the first made a translation. */
export function changeOf(
  shape: EntryShape,
  oldLo: number,
  oldHi: number,
  newLo: number,
  newHi: number,
): Change {
  if (oldLo === newLo && oldHi === newHi) return "same";
  if (!isPresent(shape, newLo)) return "stale";
  const leaf = isLeaf(shape, oldLo);
  if (leaf !== isLeaf(shape, newLo)) return "stale";
  const difLo = oldLo ^ newLo;
  const difHi = oldHi ^ newHi;
  if (addressDiffers(shape, leaf, difLo, difHi)) return "stale";
  return shape.ept
    ? eptChange(leaf, oldLo, newLo, difLo, difHi)
    : guestChange(shape, leaf, oldLo, oldHi, newLo, newHi);
}

function eptChange(
  leaf: boolean,
  oldLo: number,
  newLo: number,
  difLo: number,
  difHi: number,
): Change {
  if ((oldLo & ~newLo & EPT_RIGHTS) !== 0) return "stale";
  const cleared = oldLo & ~newLo & (EPT_ACCESSED | (leaf ? EPT_DIRTY : 0));
  const type = leaf ? difLo & EPT_TYPE : 0;
  if (cleared !== 0 || type !== 0 || (leaf && (difHi & EPT_SUB_PAGE_HIGH) !== 0)) return "flags";
  return (difLo & EPT_RIGHTS) !== 0 ? "permissive" : "same";
}

function guestChange(
  shape: EntryShape,
  leaf: boolean,
  oldLo: number,
  oldHi: number,
  newLo: number,
  newHi: number,
): Change {
  const difLo = oldLo ^ newLo;
  const difHi = shape.narrow ? 0 : oldHi ^ newHi;
  if ((oldLo & ~newLo & (WRITE | USER)) !== 0) return "stale";
  if ((difHi & newHi & XD_HIGH) !== 0) return "stale";
  if (leaf && (difHi & KEY_HIGH) !== 0) return "stale";
  let kept = oldLo & ~newLo & GUEST_ACCESSED;
  kept |= difLo & GUEST_TYPE;
  if (leaf) {
    kept |= oldLo & ~newLo & GUEST_DIRTY;
    kept |= difLo & (GLOBAL | (shape.level === 1 ? PAT_4K : PAT_LARGE));
  }
  if (kept !== 0) return "flags";
  const added = (difLo & (WRITE | USER)) !== 0 || (difHi & XD_HIGH) !== 0;
  return added ? "permissive" : "same";
}
