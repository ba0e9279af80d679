/**
 * Guest tables with a second version of the branch below one entry, to see whether that entry is
 * cached: what a walk finds through it differs.
 */
import {
  type Context,
  EPT_PML4,
  type EptCore,
  GUEST_PD,
  GUEST_PDPT,
  GUEST_PML4,
  GUEST_PT,
  READ,
  RWX,
} from "./ept-core.ts";

export const PAGE = 0x30000;
const OLD = 0x50000;
const NEW = 0x51000;
const TABLES = 0x60000;
const table = (n: number) => TABLES + n * 0x1000;

export const ROOT: Context = { vpid: 0, root: 0 };

export const CONTEXTS: Record<string, Context> = {
  "root, PCID 0": ROOT,
  "root, PCID 1": { ...ROOT, pcid: 1 },
  "VPID 1, EPT A": { vpid: 1, root: EPT_PML4 },
  "VPID 1, EPT A, PCID 1": { vpid: 1, root: EPT_PML4, pcid: 1 },
  "VPID 1, EPT B": { vpid: 1, root: 0x208000 },
  "VPID 1, no EPT": { vpid: 1, root: 0 },
  "VPID 2, EPT A": { vpid: 2, root: EPT_PML4 },
  "VPID 0, EPT A": { vpid: 0, root: EPT_PML4 },
};

export function go(ept: EptCore, context: Context): void {
  if (context.vpid === 0 && context.root === 0) ept.leave(context);
  else ept.enter(context);
}

/** The address that is translated through the entry of `level` and no cached one nearer to the leaf. */
export function probeAddress(level: number): number {
  return PAGE + (level === 2 ? 0x5000 : 2 ** (3 + 9 * (level - 1)));
}

/** Writes both versions of the tables; the old one is in force. */
export function writeBranches(ept: EptCore): void {
  const link = (at: number, index: number, next: number) =>
    ept.write64(at + index * 8, BigInt(next) | 7n);
  const page = PAGE >> 12;
  // Level 2: the guest's own page table, and a copy.
  for (let i = 0; i < 512; i++) ept.write64(table(6) + i * 8, ept.read64(GUEST_PT + i * 8));
  link(GUEST_PT, page + 5, OLD);
  link(table(6), page + 5, NEW);
  // Level 3: another page directory, whose second entry leads elsewhere.
  link(table(0), page, OLD);
  link(table(2), page, NEW);
  link(GUEST_PD, 1, table(0));
  link(table(1), 0, GUEST_PT);
  link(table(1), 1, table(2));
  // Level 4: another page-directory-pointer table.
  link(GUEST_PDPT, 1, table(3));
  link(table(3), 0, table(0));
  link(table(4), 0, GUEST_PD);
  link(table(4), 1, table(5));
  link(table(5), 0, table(2));
}

/** Puts the new version of the branch below `level` in force. */
export function changeEntry(ept: EptCore, level: number): void {
  const [at, next] = {
    2: [GUEST_PD, table(6)],
    3: [GUEST_PDPT, table(1)],
    4: [GUEST_PML4, table(4)],
  }[level] as [number, number];
  ept.write64(at, BigInt(next) | 7n);
}

/**
 * Fills every context, changes the entry of `level`, performs `operation` in `where`: the contexts
 * whose walks no longer see the old entry.
 */
export function losers(
  ept: EptCore,
  level: number,
  where: Context,
  operation: () => void,
): string[] {
  writeBranches(ept);
  for (const context of Object.values(CONTEXTS)) {
    go(ept, context);
    ept.access(PAGE, READ);
  }
  changeEntry(ept, level);
  go(ept, where);
  operation();
  return Object.entries(CONTEXTS)
    .filter(([, context]) => {
      go(ept, context);
      const ending = ept.access(probeAddress(level), READ);
      return "hpa" in ending && ending.hpa !== OLD;
    })
    .map(([name]) => name);
}

/** A second EPT page table, which maps one page elsewhere. */
const EPT_PT = 0x230000;
const EPT_PD = 0x231000;
const EPT_PDPT = 0x232000;
/** Guest-physical page that the two versions map differently. */
export const EPT_PAGE = 0x35000;

/** True when a walk of the EPT still uses the cached entry of `level` after `operation`. */
export function eptEntryStays(ept: EptCore, level: number, operation: () => void): boolean {
  for (let i = 0; i < 512; i++) ept.write64(EPT_PT + i * 8, BigInt(i << 12) | RWX);
  ept.write64(EPT_PT + (EPT_PAGE >> 12) * 8, BigInt(NEW) | RWX);
  ept.write64(EPT_PD, BigInt(EPT_PT) | 7n);
  ept.write64(EPT_PDPT, BigInt(EPT_PD) | 7n);
  // Levels 3 and 4 are seen through a page that the cached entries below do not serve.
  const gpa = BigInt(EPT_PAGE) + (level === 2 ? 0n : 1n << BigInt(3 + 9 * (level - 1)));
  ept.write64(EPT_PML4 + 0x2000 + 8, BigInt(EPT_PML4 + 0x3000) | 7n);
  ept.write64(EPT_PML4 + 0x1000 + 8, BigInt(EPT_PML4 + 0x2000) | 7n);
  ept.write64(EPT_PD + 8, BigInt(EPT_PT) | 7n);
  ept.write64(EPT_PDPT + 8, BigInt(EPT_PD) | 7n);
  ept.write64(ept.pte(PAGE), gpa | 7n);
  ept.forget();
  ept.enter({ vpid: 1 });
  ept.access(0x20000, READ);
  const [at, next] = {
    2: [EPT_PML4 + 0x2000, EPT_PT],
    3: [EPT_PML4 + 0x1000, EPT_PD],
    4: [EPT_PML4, EPT_PDPT],
  }[level] as [number, number];
  ept.write64(at, BigInt(next) | 7n);
  operation();
  ept.enter({ vpid: 9 });
  const ending = ept.access(PAGE, READ);
  return "hpa" in ending && ending.hpa === EPT_PAGE;
}
