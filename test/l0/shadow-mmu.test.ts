/** EPT02 by its paths: protected tables of EPT12, unsync and sync, roots, sharing, the end of tables. */
import { describe, expect, it } from "vitest";
import { EPT } from "../../src/l0/nested/ept12.ts";
import type { ShadowPage } from "../../src/l0/nested/shadow-page.ts";
import type { PolicyStep } from "../../src/l0/policy.ts";
import { runNow, type Step, type Task } from "../../src/l0/scheduler.ts";
import type { Vcpu } from "../../src/l0/vcpu.ts";
import { eptpOf, ShadowLab } from "./shadow-lab.ts";

const PAGE = 4096;
const REGION = 512 * PAGE;
/** Frames of L1: the tables of an EPT12 from its root down, another root, data. */
const [ROOT, L3, L2, L1] = [0x40, 0x41, 0x42, 0x43];
const OTHER_ROOT = 0x44;
const OTHER_L1 = 0x45;
const ROOT_5 = 0x46;
const FIRST = 0x100;
const SECOND = 0x101;
const THIRD = 0x102;
const ALL = 7n;
const READ = EPT.read;
const WRITE = EPT.read | EPT.write;
const FLAGS = 0x300n;
const VIOLATION = 48;
const MISCONFIGURATION = 49;

const table = (gfn: number, rights = ALL) => (BigInt(gfn) << 12n) | rights;
const leaf = (gfn: number, rights = ALL, flags = FLAGS) =>
  (BigInt(gfn) << 12n) | 0x30n | rights | flags;

const X = eptpOf(ROOT, false);
const X_AD = eptpOf(ROOT, true);
const Y = eptpOf(OTHER_ROOT, false);

async function makeLab(options: Parameters<typeof ShadowLab.create>[0] = {}): Promise<ShadowLab> {
  const lab = await ShadowLab.create(options);
  for (const root of [ROOT, OTHER_ROOT]) lab.poke(root, 0, table(L3));
  lab.poke(ROOT_5, 0, table(ROOT));
  lab.poke(L3, 0, table(L2));
  lab.poke(L2, 0, table(L1));
  lab.poke(L1, 0, leaf(FIRST));
  lab.poke(L1, 1, leaf(THIRD));
  lab.poke(OTHER_L1, 0, leaf(SECOND));
  return lab;
}

/** What L2 of `eptp` finds at `gpa`: L1's frame, or why none. */
function l2(lab: ShadowLab, vcpu: Vcpu, eptp: number, gpa = 0, access: number = READ) {
  lab.enterL2(vcpu, eptp);
  const what = lab.run(vcpu, lab.access(vcpu, gpa, access));
  lab.leaveL2(vcpu);
  if (what.kind === "exit") return { reason: what.exit.reason, by: what.exit.qualification };
  if (what.kind === "ram") expect(lab.frameOf(what.gfn)).toBe(what.pfn);
  return what.kind === "ram" ? what.gfn : what.kind;
}

/** L1 writes an entry of EPT12. */
function rewrite(lab: ShadowLab, vcpu: Vcpu, gfn: number, index: number, entry: bigint): void {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, entry, true);
  lab.run(vcpu, lab.write(vcpu, gfn * PAGE + index * 8, bytes));
}

const shadowOf = (lab: ShadowLab, gfn: number): ShadowPage => lab.vm.shadow.shadowing(gfn)[0]!;

/** Steps of a task of a vCPU until it is about to make `step`, or waits. */
function advance(lab: ShadowLab, vcpu: Vcpu, task: Task<unknown>, step: string): Step | undefined {
  for (;;) {
    lab.on(vcpu);
    const { value, done } = task.next();
    if (done) return undefined;
    if (value === step || (typeof value === "object" && !value.ready())) return value;
  }
}

describe("tables of EPT12", () => {
  it("of upper levels are protected: a write is followed at once", async () => {
    const lab = await makeLab();
    const vcpu = lab.vcpus[0]!;
    expect(l2(lab, vcpu, X)).toBe(FIRST);
    for (const gfn of [ROOT, L3, L2]) {
      expect(lab.vm.shadow.isWriteTracked(gfn)).toBe(true);
      const write = lab.run(vcpu, lab.access(vcpu, gfn * PAGE, WRITE));
      expect(write).toMatchObject({ kind: "protected", gfn });
    }
    rewrite(lab, vcpu, L2, 0, table(OTHER_L1));
    expect(lab.peek(L2, 0)).toBe(table(OTHER_L1));
    expect(l2(lab, vcpu, X)).toBe(SECOND);
  });

  it("are not followed without protection, even behind INVEPT", async () => {
    const lab = await makeLab({ leftOut: ["NoWriteProtect"] });
    const vcpu = lab.vcpus[0]!;
    l2(lab, vcpu, X);
    rewrite(lab, vcpu, L2, 0, table(OTHER_L1));
    lab.invept(vcpu, X);
    expect(l2(lab, vcpu, X)).toBe(FIRST);
  });

  it("of the last level are unsync from the first write to INVEPT", async () => {
    const lab = await makeLab();
    const vcpu = lab.vcpus[0]!;
    l2(lab, vcpu, X);
    expect(shadowOf(lab, L1).unsync).toBe(false);
    rewrite(lab, vcpu, L1, 0, leaf(SECOND));
    expect(shadowOf(lab, L1).unsync).toBe(true);
    expect(shadowOf(lab, ROOT).unsyncChildren.size).toBe(1);
    // What was cached may be used until then.
    expect(l2(lab, vcpu, X)).toBe(FIRST);
    lab.invept(vcpu, X);
    expect(l2(lab, vcpu, X)).toBe(SECOND);
    expect(shadowOf(lab, L1).unsync).toBe(false);
    expect(shadowOf(lab, ROOT).unsyncChildren.size).toBe(0);
    rewrite(lab, vcpu, L1, 0, leaf(THIRD));
    expect(shadowOf(lab, L1).unsync).toBe(true);
  });

  for (const step of ["NoSync", "SyncWithoutProtect"] as const) {
    it(`are stale behind INVEPT: ${step}`, async () => {
      const lab = await makeLab({ leftOut: [step] });
      const vcpu = lab.vcpus[0]!;
      for (const gfn of [SECOND, THIRD]) {
        l2(lab, vcpu, X);
        rewrite(lab, vcpu, L1, 0, leaf(gfn));
        lab.invept(vcpu, X);
      }
      expect(l2(lab, vcpu, X)).not.toBe(THIRD);
    });
  }

  it("are let go by a write that is none for tables, and by many writes", async () => {
    const lab = await makeLab();
    const vcpu = lab.vcpus[0]!;
    l2(lab, vcpu, X);
    expect(runNow(lab.unprotect(L2))).toBe(true);
    expect(lab.vm.shadow.isShadowed(L2)).toBe(false);
    expect(lab.run(vcpu, lab.access(vcpu, L2 * PAGE, WRITE)).kind).toBe("ram");
    l2(lab, vcpu, X);
    expect(lab.vm.shadow.isWriteTracked(L2)).toBe(true);
    for (let i = 1; i < 4; i++) rewrite(lab, vcpu, L2, i, table(OTHER_L1));
    expect(lab.vm.shadow.isShadowed(L2)).toBe(false);
    expect(l2(lab, vcpu, X, REGION)).toBe(SECOND);
  });

  it("are let go by a write of a part of an entry", async () => {
    const lab = await makeLab();
    const vcpu = lab.vcpus[0]!;
    l2(lab, vcpu, X);
    lab.run(vcpu, lab.write(vcpu, L2 * PAGE + 1, Uint8Array.of(0x50, 4)));
    expect(lab.vm.shadow.isShadowed(L2)).toBe(false);
  });

  it("lie in no large page", async () => {
    const lab = await makeLab({ hugePages: true });
    const vcpu = lab.vcpus[0]!;
    const { tdp } = lab.vm;
    lab.run(vcpu, lab.access(vcpu, L1 * PAGE, WRITE));
    expect(tdp.walk(vcpu.root!, L1).level).toBe(2);
    l2(lab, vcpu, X);
    rewrite(lab, vcpu, L1, 0, leaf(SECOND));
    expect(tdp.walk(vcpu.root!, L1).level).toBe(1);
    expect(shadowOf(lab, L1).unsync).toBe(true);
    lab.invept(vcpu, X);
    expect(l2(lab, vcpu, X)).toBe(SECOND);
  });
});

describe("what is linked", () => {
  for (const leftOut of [[], ["NoSyncBeforeLink"]] as PolicyStep[][]) {
    it(`is as EPT12 is${leftOut.length > 0 ? `, or stale: ${leftOut[0]}` : ""}`, async () => {
      const lab = await makeLab({ leftOut });
      const vcpu = lab.vcpus[0]!;
      l2(lab, vcpu, X);
      rewrite(lab, vcpu, L1, 0, leaf(SECOND));
      // Nothing was cached of the second region: no flush is asked of L1.
      rewrite(lab, vcpu, L2, 1, table(L1));
      // The page of the fault is looked up anew in any case, its neighbour is not.
      expect(l2(lab, vcpu, X, REGION + PAGE)).toBe(THIRD);
      expect(l2(lab, vcpu, X, REGION)).toBe(leftOut.length > 0 ? FIRST : SECOND);
    });
  }

  it("has the rights of all entries above", async () => {
    for (const leftOut of [[], ["NoAccessAccumulation"]] as PolicyStep[][]) {
      const lab = await makeLab({ leftOut });
      const vcpu = lab.vcpus[0]!;
      lab.poke(L3, 0, table(L2, 1n));
      expect(l2(lab, vcpu, X)).toBe(FIRST);
      const write = l2(lab, vcpu, X, 0, WRITE);
      if (leftOut.length > 0) expect(write).toBe(FIRST);
      else expect(write).toEqual({ reason: VIOLATION, by: BigInt(WRITE | (1 << 3) | 0x180) });
    }
  });

  it("follows more unsync tables than are synced in one go", async () => {
    const lab = await makeLab();
    const vcpu = lab.vcpus[0]!;
    const first = 0x60;
    for (let i = 0; i < 40; i++) {
      lab.poke(L2, i, table(first + i));
      lab.poke(first + i, 0, leaf(FIRST));
    }
    for (let i = 0; i < 40; i++) expect(l2(lab, vcpu, X, i * REGION)).toBe(FIRST);
    for (let i = 0; i < 40; i++) rewrite(lab, vcpu, first + i, 0, leaf(SECOND));
    // The same tables by another way, never cached: KVM_REQ_MMU_SYNC does what one fault cannot.
    rewrite(lab, vcpu, L3, 1, table(L2));
    expect(l2(lab, vcpu, X, 512 * REGION)).toBe(SECOND);
    lab.invept(vcpu);
    for (let i = 0; i < 40; i++) expect(l2(lab, vcpu, X, i * REGION)).toBe(SECOND);
  });

  it("takes no more tables than there may be", async () => {
    const lab = await makeLab();
    const vcpu = lab.vcpus[0]!;
    const first = 0x60;
    for (let i = 0; i < 200; i++) {
      lab.poke(L2, i, table(first + (i % 100)));
      lab.poke(first + (i % 100), 0, leaf(FIRST));
    }
    for (let i = 0; i < 400; i++) expect(l2(lab, vcpu, X, (i % 200) * REGION)).toBe(FIRST);
    expect(lab.vm.shadow.tableCount).toBeLessThanOrEqual(lab.vm.shadow.pagesMax);
  });
});

describe("roots", () => {
  it("are shared by vCPUs, and told apart by their role", async () => {
    const lab = await makeLab({ cpus: 2 });
    const [a, b] = [lab.vcpus[0]!, lab.vcpus[1]!];
    l2(lab, a, X);
    const tables = lab.vm.shadow.tableCount;
    l2(lab, b, X);
    expect(lab.vm.shadow.tableCount).toBe(tables);
    expect(a.nested!.shadowRoot!.page).toBe(b.nested!.shadowRoot!.page);
    l2(lab, a, X_AD);
    expect(a.nested!.shadowRoot!.page).not.toBe(b.nested!.shadowRoot!.page);
    // Another root over the same tables shares them.
    const before = lab.vm.shadow.tableCount;
    l2(lab, b, Y);
    expect(lab.vm.shadow.tableCount).toBe(before + 1);
  });

  it("used before are kept, three of them", async () => {
    const lab = await makeLab();
    const vcpu = lab.vcpus[0]!;
    const { previousRoots } = vcpu.nested!;
    const eptps = [X, Y, X_AD, eptpOf(OTHER_ROOT, true), eptpOf(ROOT_5, false, 5)];
    for (const eptp of eptps) l2(lab, vcpu, eptp);
    expect(previousRoots.map(({ eptp }) => eptp)).toEqual(eptps.slice(1, 4).reverse());
    const flushes: string[] = [];
    lab.vm.hw.onFlush = ({ site }) => void flushes.push(site);
    l2(lab, vcpu, Y);
    expect(flushes).toEqual([]);
    expect(previousRoots.map(({ eptp }) => eptp)).toEqual([eptps[4], eptps[3], eptps[2]]);
  });

  for (const leftOut of [[], ["OnlyCurrentRoot"]] as PolicyStep[][]) {
    it(`used before go with INVEPT${leftOut.length > 0 ? ", or stay" : ""}`, async () => {
      const lab = await makeLab({ leftOut });
      const vcpu = lab.vcpus[0]!;
      l2(lab, vcpu, X);
      l2(lab, vcpu, Y);
      rewrite(lab, vcpu, L1, 0, leaf(SECOND));
      lab.invept(vcpu, X);
      expect(l2(lab, vcpu, X)).toBe(leftOut.length > 0 ? FIRST : SECOND);
    });
  }

  for (const leftOut of [[], ["FullEptpCompare"]] as PolicyStep[][]) {
    it(`of one EP4TA go together${leftOut.length > 0 ? ", or apart" : ""}`, async () => {
      const lab = await makeLab({ leftOut });
      const vcpu = lab.vcpus[0]!;
      l2(lab, vcpu, X_AD);
      rewrite(lab, vcpu, L1, 0, leaf(SECOND));
      lab.invept(vcpu, X);
      expect(l2(lab, vcpu, X_AD)).toBe(leftOut.length > 0 ? FIRST : SECOND);
    });
  }

  it("without memory map nothing until there is some", async () => {
    const lab = await makeLab();
    const vcpu = lab.vcpus[0]!;
    const eptp = eptpOf(0x3000, false);
    expect(l2(lab, vcpu, eptp)).toEqual({ reason: VIOLATION, by: BigInt(READ | 0x180) });
    const hva = lab.vm.mm.map(PAGE, false);
    runNow(lab.vm.addSlot({ id: 9, baseGfn: 0x3000, pages: 1, hva, readOnly: false }));
    lab.poke(0x3000, 0, table(L3));
    expect(l2(lab, vcpu, eptp)).toBe(FIRST);
    runNow(lab.vm.deleteSlot(9));
    expect(l2(lab, vcpu, eptp)).toMatchObject({ reason: VIOLATION });
  });

  it("of another generation are obsolete: a fault in one is late", async () => {
    const lab = await makeLab({ cpus: 2 });
    const [a] = lab.vcpus as [Vcpu];
    const hva = lab.vm.mm.map(PAGE, false);
    runNow(lab.vm.addSlot({ id: 9, baseGfn: 0x3000, pages: 1, hva, readOnly: false }));
    lab.enterL2(a, X);
    lab.run(a, lab.access(a, PAGE, READ));
    const old = a.root as ShadowPage;
    const access = lab.access(a, 0, READ);
    advance(lab, a, access, "ept_page_fault: lock");
    runNow(lab.vm.deleteSlot(9));
    expect(old.invalid).toBe(true);
    expect([...lab.vm.shadow.leafs(old)]).toHaveLength(0);
    expect(lab.run(a, access)).toMatchObject({ kind: "ram", gfn: FIRST });
    expect(a.root).not.toBe(old);
    expect(lab.vm.frames.isFree(old.pfn)).toBe(true);
  });
});

describe("a fault that goes to L1", () => {
  const readOnly = leaf(FIRST, 5n);
  for (const leftOut of [[], ["NoSyncOnInject"]] as PolicyStep[][]) {
    it(`drops its address${leftOut.length > 0 ? ", or not" : ""}`, async () => {
      const lab = await makeLab({ leftOut });
      const vcpu = lab.vcpus[0]!;
      lab.poke(L1, 0, readOnly);
      l2(lab, vcpu, X);
      expect(l2(lab, vcpu, X, 0, WRITE)).toMatchObject({ reason: VIOLATION });
      rewrite(lab, vcpu, L1, 0, leaf(SECOND));
      expect(l2(lab, vcpu, X)).toBe(leftOut.length > 0 ? FIRST : SECOND);
    });
  }

  for (const leftOut of [[], ["NoInvalidateOnInject"]] as PolicyStep[][]) {
    it(`drops it in sibling roots${leftOut.length > 0 ? ", or not" : ""}`, async () => {
      const lab = await makeLab({ leftOut });
      const vcpu = lab.vcpus[0]!;
      lab.poke(L1, 0, readOnly);
      l2(lab, vcpu, X_AD);
      expect(l2(lab, vcpu, X, 0, WRITE)).toMatchObject({ reason: VIOLATION });
      rewrite(lab, vcpu, L1, 0, leaf(SECOND));
      expect(l2(lab, vcpu, X_AD)).toBe(leftOut.length > 0 ? FIRST : SECOND);
    });
  }

  it("is a misconfiguration where EPT12 has one", async () => {
    const lab = await makeLab();
    const vcpu = lab.vcpus[0]!;
    for (const entry of [leaf(FIRST, 2n), leaf(FIRST, 6n), leaf(FIRST) ^ 0x20n, table(L1) | 8n]) {
      const [gfn, index] = entry === (table(L1) | 8n) ? [L2, 0] : [L1, 0];
      lab.poke(gfn, index, entry);
      expect(l2(lab, vcpu, X)).toEqual({ reason: MISCONFIGURATION, by: 0n });
    }
  });
});

describe("sizes, flags and devices", () => {
  it("maps large pages where both dimensions have them, and parts where not", async () => {
    for (const hugePages of [true, false]) {
      const lab = await makeLab({ hugePages });
      const vcpu = lab.vcpus[0]!;
      lab.poke(L2, 0, 0x2000b7n | FLAGS);
      expect(l2(lab, vcpu, X, 5 * PAGE, WRITE)).toBe(0x205);
      const sizes = [...lab.vm.shadow.leafs(vcpu.nested!.shadowRoot!.page)];
      expect(sizes.map(({ level, page }) => [level, page.role.direct])).toEqual([
        hugePages ? [2, false] : [1, true],
      ]);
    }
  });

  it("walks five levels", async () => {
    const lab = await makeLab();
    const vcpu = lab.vcpus[0]!;
    const eptp = eptpOf(ROOT_5, false, 5);
    expect(l2(lab, vcpu, eptp)).toBe(FIRST);
    expect(l2(lab, vcpu, eptp, 2 ** 48)).toMatchObject({ reason: VIOLATION });
    expect(l2(lab, vcpu, X, 2 ** 48)).toMatchObject({ reason: VIOLATION });
  });

  it("sets EPT12's flags, the dirty one at the first write", async () => {
    for (const leftOut of [[], ["NoProtectClean"]] as PolicyStep[][]) {
      const lab = await makeLab({ leftOut });
      const vcpu = lab.vcpus[0]!;
      lab.poke(L1, 0, leaf(FIRST, ALL, 0n));
      expect(l2(lab, vcpu, X_AD)).toBe(FIRST);
      expect(lab.peek(L1, 0)).toBe(leaf(FIRST, ALL, 0x100n));
      expect(lab.peek(L2, 0) & 0x100n).toBe(0x100n);
      expect(l2(lab, vcpu, X_AD, 0, WRITE)).toBe(FIRST);
      expect(lab.peek(L1, 0) & 0x200n).toBe(leftOut.length > 0 ? 0n : 0x200n);
      // A flag that L1 takes back is set again behind INVEPT.
      rewrite(lab, vcpu, L1, 0, leaf(FIRST, ALL, 0n));
      lab.invept(vcpu, X_AD);
      l2(lab, vcpu, X_AD);
      expect(lab.peek(L1, 0) & 0x100n).toBe(0x100n);
    }
  });

  it("emulates what is no memory, and L0's APIC-access page", async () => {
    for (const leftOut of [[], ["NoMmioGeneration"]] as PolicyStep[][]) {
      const lab = await makeLab({ leftOut });
      const vcpu = lab.vcpus[0]!;
      lab.poke(L1, 0, leaf(0xfee00));
      lab.poke(L1, 1, leaf(0x3000));
      expect(l2(lab, vcpu, X)).toBe("device");
      expect(l2(lab, vcpu, X)).toBe("device");
      expect(l2(lab, vcpu, X, PAGE)).toBe("device");
      const hva = lab.vm.mm.map(PAGE, false);
      runNow(lab.vm.addSlot({ id: 9, baseGfn: 0x3000, pages: 1, hva, readOnly: false }));
      expect(l2(lab, vcpu, X, PAGE)).toBe(0x3000);
      expect(l2(lab, vcpu, X)).toBe("device");
    }
  });
});

describe("races", () => {
  const mark = "mmu_try_to_unsync_pages: mark";
  for (const leftOut of [[], ["NoUnsyncBarrier"]] as PolicyStep[][]) {
    it(`mark a table before it is written to${leftOut.length > 0 ? ", or behind" : ""}`, async () => {
      const lab = await makeLab({ cpus: 2, leftOut });
      const [a, b] = [lab.vcpus[0]!, lab.vcpus[1]!];
      l2(lab, b, X);
      // The right to write is granted to both, as they share EPT01.
      const write = lab.access(a, L1 * PAGE, WRITE);
      advance(lab, a, write, mark);
      rewrite(lab, b, L1, 0, leaf(SECOND));
      lab.invept(b, X);
      expect(l2(lab, b, X)).toBe(leftOut.length > 0 ? FIRST : SECOND);
    });
  }

  it("read EPT12 again under the lock", async () => {
    for (const leftOut of [[], ["NoGpteRecheck"]] as PolicyStep[][]) {
      const lab = await makeLab({ cpus: 2, leftOut });
      const [a, b] = [lab.vcpus[0]!, lab.vcpus[1]!];
      lab.enterL2(a, X);
      const read = lab.access(a, 0, READ);
      advance(lab, a, read, "ept_page_fault: lock");
      rewrite(lab, b, L1, 0, leaf(SECOND));
      expect(lab.run(a, read)).toMatchObject({ gfn: leftOut.length > 0 ? FIRST : SECOND });
    }
  });

  for (const leftOut of [[], ["FreeBeforeFlush"]] as PolicyStep[][]) {
    it(`free a table behind the flush${leftOut.length > 0 ? ", or before" : ""}`, async () => {
      const lab = await makeLab({ cpus: 2, leftOut });
      const [a, b] = [lab.vcpus[0]!, lab.vcpus[1]!];
      l2(lab, a, X);
      l2(lab, a, X, PAGE);
      lab.enterL2(b, X);
      lab.run(b, lab.access(b, 0, READ));
      const { pfn } = shadowOf(lab, L1);
      const zap = lab.unprotect(L1);
      advance(lab, a, zap, "kvm_make_vcpu_request: set bit");
      expect(lab.vm.frames.isFree(pfn)).toBe(leftOut.length > 0);
      // A processor that has cached the way to the table reads it still.
      const read = lab.access(b, PAGE, READ);
      const step = () => advance(lab, b, read, "never");
      if (leftOut.length > 0) expect(step).toThrow("reads the freed frame");
      else expect(step()).toMatchObject({ why: "mmu_lock (write)" });
      lab.run(a, zap);
      expect(lab.vm.frames.isFree(pfn)).toBe(true);
      if (leftOut.length === 0) expect(lab.run(b, read)).toMatchObject({ gfn: THIRD });
    });
  }

  it("zap EPT02 with the frame that it leads to", async () => {
    for (const leftOut of [[], ["NotifierSkipsShadow"]] as PolicyStep[][]) {
      const lab = await makeLab({ leftOut });
      const vcpu = lab.vcpus[0]!;
      lab.enterL2(vcpu, X);
      const before = lab.run(vcpu, lab.access(vcpu, 0, READ));
      const hva = lab.harness.hva(FIRST * PAGE);
      runNow(lab.vm.mm.migrate(hva, hva + PAGE));
      const after = lab.run(vcpu, lab.access(vcpu, 0, READ));
      expect("pfn" in after && "pfn" in before && after.pfn === before.pfn).toBe(
        leftOut.length > 0,
      );
    }
  });

  it("flush a root that another vCPU has made", async () => {
    for (const leftOut of [[], ["FlushOnlyByAllocator"]] as PolicyStep[][]) {
      const lab = await makeLab({ cpus: 2, leftOut });
      l2(lab, lab.vcpus[0]!, X);
      const flushed: number[] = [];
      lab.vm.hw.onFlush = ({ site, pcpu }) => {
        if (site === "kvm_mmu_load") flushed.push(pcpu);
      };
      l2(lab, lab.vcpus[1]!, X);
      expect(flushed.includes(1)).toBe(leftOut.length === 0);
    }
  });
});
