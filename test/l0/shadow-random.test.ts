/**
 * EPT02 against EPT12s that hostile L1s rewrite while L2 runs. Each translation that L2 uses has to be
 * one that a plain walk of EPT12 has given since the vCPU has last flushed it as the architecture asks,
 * and to lead to the frame that the host has there at that moment.
 */
import { describe, expect, it } from "vitest";
import { hvaOf } from "../../src/l0/memslots.ts";
import type { PolicyStep } from "../../src/l0/policy.ts";
import { bySeed, type Task } from "../../src/l0/scheduler.ts";
import type { Vcpu } from "../../src/l0/vcpu.ts";
import { eptpOf, ShadowLab } from "./shadow-lab.ts";

const PAGE = 4096;
/** Frames of L1 that are tables, and frames of data; a slot that comes and goes; what is no memory. */
const TABLES = Array.from({ length: 14 }, (_, i) => 0x40 + i);
const DATA = [0x100, 0x101, 0x102, 0x103, 0x201];
const EXTRA = 0x3000;
const NO_MEMORY = [0xfee00, 0xfec00, 0xfffff, 0x9_0000_0000, 0x5000];
/** Roots with 4 levels, and one with 5; the last is where a slot comes and goes. */
const ROOTS = [0x40, 0x41, 0x42, EXTRA] as const;
const FIVE_LEVELS = 0x42;
const LEVELS_MAX = 5;
/** Which tables come behind which in a tree that is as it should be; behind the others comes data. */
const NEXT: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[FIVE_LEVELS], [0x40, 0x41]],
  [
    [0x40, 0x41],
    [0x43, 0x44],
  ],
  [
    [0x43, 0x44],
    [0x45, 0x46],
  ],
  [
    [0x45, 0x46],
    [0x47, 0x48, 0x49, 0x4a],
  ],
];
const FORMAT_BITS = 46;
const READ = 1;
const WRITE = 2;
const EXECUTE = 4;

class Random {
  private state: number;
  constructor(seed: number) {
    this.state = (seed * 2654435761) >>> 0 || 1;
  }
  below(limit: number): number {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x >>> 0;
    return this.state % limit;
  }
  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
  chance(percent: number): boolean {
    return this.below(100) < percent;
  }
}

/** What a walk of EPT12 gives: the L1 frame and rights, or the fault. */
interface Model {
  readonly outcome: "leaf" | "absent" | "bad";
  readonly gfn: number;
  readonly rights: number;
}

const levelsOf = (root: number) => (root === FIVE_LEVELS ? 5 : 4);

/** The walk by the manual, in its own words. */
function modelWalk(lab: ShadowLab, root: number, gpa: number): Model {
  if (gpa >= PAGE * 512 ** levelsOf(root)) return { outcome: "absent", gfn: 0, rights: 0 };
  let table = BigInt(root);
  let rights = 7n;
  for (let level = BigInt(levelsOf(root)); ; level--) {
    const index = (BigInt(gpa) >> (12n + 9n * (level - 1n))) & 511n;
    const backed = lab.vm.slotOf(Number(table));
    const entry =
      backed === undefined || backed.invalid ? 0n : lab.peek(Number(table), Number(index));
    if ((entry & 7n) === 0n) return { outcome: "absent", gfn: 0, rights: 0 };
    const leaf = level === 1n || ((entry >> 7n) & 1n) === 1n;
    const bad =
      (entry & 3n) === 2n ||
      ((entry >> BigInt(FORMAT_BITS)) & ((1n << BigInt(52 - FORMAT_BITS)) - 1n)) !== 0n ||
      (leaf
        ? [2n, 3n, 7n].includes((entry >> 3n) & 7n) ||
          level > 3n ||
          ((entry >> 12n) & ((1n << (9n * (level - 1n))) - 1n)) !== 0n
        : ((entry >> 3n) & 15n) !== 0n);
    if (bad) return { outcome: "bad", gfn: 0, rights: 0 };
    rights &= entry;
    const frame = (entry >> 12n) & ((1n << 40n) - 1n);
    if (!leaf) {
      table = frame;
      continue;
    }
    const within = (BigInt(gpa) >> 12n) & ((1n << (9n * (level - 1n))) - 1n);
    return { outcome: "leaf", gfn: Number(frame + within), rights: Number(rights) };
  }
}

/** A step that went wrong, with the seed. */
function fail(message: string): never {
  throw new Error(message);
}

class Game {
  readonly random: Random;
  readonly lab: ShadowLab;
  /** Addresses of L2 that are used: two indices at each level. */
  readonly gpas: number[] = [];
  /** What may be cached, by vCPU, root and address. */
  private readonly allowed: Map<string, Map<string, Model>>[];
  /** Roots that a vCPU has used since it has flushed them. */
  private readonly used: Set<number>[];
  /** Walks as they were before writes that L0 has not followed yet. */
  private readonly beforeWrites = new Map<object, Map<string, Model>>();
  private now = new Map<string, Model>();
  /** What walks have given since accesses under way began. */
  private readonly underWay = new Map<object, { key: string; models: Model[] }>();
  readonly counts = { ram: 0, exits: 0, devices: 0, protectedWrites: 0, moved: 0 };

  constructor(lab: ShadowLab, seed: number) {
    this.lab = lab;
    this.random = new Random(seed);
    for (let i = 0; i < 1 << LEVELS_MAX; i++) {
      let gfn = 0;
      for (let level = 0; level < LEVELS_MAX; level++) gfn += ((i >> level) & 1) * 512 ** level;
      this.gpas.push(gfn * PAGE);
    }
    this.allowed = lab.vcpus.map(() => new Map());
    this.used = lab.vcpus.map(() => new Set());
    lab.keeps = () => this.random.chance(80);
    for (const table of TABLES) {
      for (const index of [0, 1]) lab.poke(table, index, this.entry(table));
    }
    this.changed();
  }

  /** An entry that suits the place of a table among the others, or something hostile. */
  entry(table: number): bigint {
    const { random } = this;
    if (random.chance(30)) return this.hostile(table);
    const flags = BigInt(random.below(4)) << 8n;
    const rights = BigInt(random.chance(80) ? 7 : random.of([0, 1, 3, 5]));
    const next = NEXT.find(([tables]) => tables.includes(table))?.[1];
    const low = next === undefined ? 0x30n : 0n;
    return (BigInt(random.of(next ?? DATA)) << 12n) | low | rights | flags;
  }

  /** Something that pretends to be an entry. */
  private hostile(table: number): bigint {
    const { random } = this;
    const kind = random.below(20);
    const flags = BigInt(random.below(4)) << 8n;
    const rights = BigInt(random.chance(70) ? 7 : random.below(8));
    const at = (gfn: number) => BigInt(gfn) << 12n;
    if (kind < 2) return 0n;
    if (kind < 10) return at(random.of(TABLES)) | rights | flags;
    if (kind < 14) return at(random.of(DATA)) | 0x30n | rights | flags;
    if (kind === 14) return at(table) | 7n;
    if (kind === 15) return at(random.of(NO_MEMORY)) | (random.chance(50) ? 0x30n : 0n) | 7n;
    if (kind === 16) return (0x200000n * BigInt(random.below(2))) | 0xb0n | rights | flags;
    if (kind === 17) return 0xb7n | flags;
    if (kind === 18) return at(EXTRA + random.below(2)) | (random.chance(50) ? 0x30n : 0n) | 7n;
    return at(random.of(DATA)) | BigInt(random.below(0x1000)) | (BigInt(random.below(2)) << 50n);
  }

  private key(root: number, gpa: number): string {
    return `${root}:${gpa}`;
  }

  /** L1's memory has changed: what a walk gives from now on may be cached, too. */
  changed(): void {
    this.now = new Map();
    for (const root of ROOTS) {
      for (const gpa of this.gpas) {
        const model = modelWalk(this.lab, root, gpa);
        const key = this.key(root, gpa);
        this.now.set(key, model);
        for (const access of this.underWay.values()) {
          if (access.key === key) access.models.push(model);
        }
        this.lab.vcpus.forEach((_, i) => {
          this.allow(i, key, model);
        });
      }
    }
  }

  private allow(vcpu: number, key: string, model: Model): void {
    const known = this.allowed[vcpu]!.get(key);
    const name = `${model.gfn}:${model.rights}`;
    if (known === undefined) this.allowed[vcpu]!.set(key, new Map([[name, model]]));
    else known.set(name, model);
  }

  /** Nothing older than now may be used by a vCPU, for a root or one address of it. */
  private flushed(vcpu: Vcpu, root: number, gpa?: number): void {
    for (const one of gpa === undefined ? this.gpas : [gpa]) {
      const key = this.key(root, one);
      this.allowed[vcpu.index]!.set(key, new Map());
      this.allow(vcpu.index, key, this.now.get(key)!);
      for (const before of this.beforeWrites.values()) {
        this.allow(vcpu.index, key, before.get(key)!);
      }
    }
  }

  *l2(vcpu: Vcpu): Task {
    const { lab, random } = this;
    const root = random.of(ROOTS);
    const eptp = eptpOf(root, random.chance(60), levelsOf(root));
    if (!this.used[vcpu.index]!.has(root)) {
      this.flushed(vcpu, root);
      this.used[vcpu.index]!.add(root);
    }
    lab.enterL2(vcpu, eptp);
    for (let i = random.below(6); i >= 0; i--) yield* this.touch(vcpu, root, random.of(this.gpas));
    lab.leaveL2(vcpu);
  }

  private *touch(vcpu: Vcpu, root: number, gpa: number): Task {
    const { lab, random } = this;
    const access = random.of([READ, READ, READ | WRITE, EXECUTE]);
    const key = this.key(root, gpa);
    const since = { key, models: [this.now.get(key)!] };
    this.underWay.set(since, since);
    const what = yield* lab.access(vcpu, gpa, access);
    this.underWay.delete(since);
    if (what.kind === "exit") {
      const isBad = what.exit.reason === 49;
      const explains = ({ outcome, rights }: Model) =>
        isBad ? outcome === "bad" : outcome !== "bad" && (access & ~rights) !== 0;
      if (!since.models.some(explains)) fail(`L1 is told ${what.exit.reason} at ${key}`);
      this.flushed(vcpu, root, gpa);
      for (const model of since.models) this.allow(vcpu.index, key, model);
      this.counts.exits++;
      return;
    }
    if (what.kind === "device") {
      this.counts.devices++;
      return;
    }
    const models = [...this.allowed[vcpu.index]!.get(key)!.values()];
    const fits = ({ gfn, rights }: Model) => gfn === what.gfn && (access & ~rights) === 0;
    if (what.kind === "protected") {
      this.counts.protectedWrites++;
      return;
    }
    this.counts.ram++;
    if (lab.frameOf(what.gfn) !== what.pfn) fail(`${key} leads to frame ${what.pfn} of nobody`);
    if (what.gfn === lab.vm.apicGfn) fail("L0's APIC-access page is L2's");
    if (!models.some(fits)) {
      const known = models.map(({ gfn, rights }) => `${gfn.toString(16)}:${rights}`).join(" ");
      fail(`vCPU ${vcpu.index}: ${key} is ${what.gfn.toString(16)} for ${access}, not ${known}`);
    }
  }

  /** L1, or L2 by tables of its own, writes to an entry of EPT12. */
  *rewrite(vcpu: Vcpu): Task {
    const { lab, random } = this;
    const table = random.of(TABLES);
    const index = random.below(2);
    if (random.chance(10)) {
      yield* lab.unprotect(table);
      return;
    }
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, this.entry(table), true);
    const from = random.chance(15) ? random.of([1, 2, 4]) : 0;
    const length = random.chance(10) ? random.of([1, 2, 4]) : 8 - from;
    const at = table * PAGE + index * 8 + from;
    const written = {};
    yield* lab.write(vcpu, at, bytes.subarray(0, length), (done) => {
      if (done) this.changed();
      else this.beforeWrites.set(written, this.now);
    });
    this.beforeWrites.delete(written);
    this.changed();
  }

  invept(vcpu: Vcpu): void {
    const { random, lab } = this;
    const one = random.chance(70) ? random.of(ROOTS) : undefined;
    lab.invept(vcpu, one === undefined ? undefined : eptpOf(one, random.chance(50), levelsOf(one)));
    for (const root of one === undefined ? ROOTS : [one]) {
      this.flushed(vcpu, root);
      this.used[vcpu.index]!.delete(root);
    }
  }

  *vcpuThread(vcpu: Vcpu, steps: number): Task {
    for (let i = 0; i < steps; i++) {
      const what = this.random.below(10);
      if (what < 5) yield* this.l2(vcpu);
      else if (what < 9) yield* this.rewrite(vcpu);
      else this.invept(vcpu);
      yield "next";
    }
  }

  /** The host moves memory of L1, takes a slot away and gives it back. */
  *host(steps: number): Task {
    const { lab, random } = this;
    const { vm } = lab;
    const hva = vm.mm.map(4 * PAGE, false);
    let added = false;
    for (let i = 0; i < steps; i++) {
      if (random.chance(15)) {
        const slot = { id: 40, baseGfn: EXTRA, pages: 4, hva, readOnly: false };
        if (added) yield* vm.deleteSlot(40);
        else yield* vm.addSlot(slot);
        added = !added;
        this.changed();
      } else {
        const gfn = random.of([...DATA, ...TABLES]);
        const start = hvaOf(vm.slotOf(gfn)!, gfn);
        this.counts.moved += yield* vm.mm.migrate(start, start + PAGE * (1 + random.below(2)));
      }
      for (let pause = random.below(40); pause > 0; pause--) yield "pause";
    }
  }
}

async function play(seed: number, steps: number, leftOut: readonly PolicyStep[] = []) {
  const lab = await ShadowLab.create({ cpus: 2, hugePages: seed % 2 === 0, leftOut });
  const game = new Game(lab, seed);
  const { scheduler } = lab.harness.l0;
  scheduler.choose = bySeed(seed);
  const actors = lab.vcpus.map((vcpu) =>
    scheduler.spawn(`vCPU ${vcpu.index}`, game.vcpuThread(vcpu, steps), () => lab.on(vcpu)),
  );
  const host = scheduler.spawn("host", game.host(steps));
  let left = steps * 20_000;
  while (actors.some(({ done }) => !done)) {
    if (!scheduler.stepAny()) throw new Error(`deadlock: ${scheduler.describe()}`);
    if (--left === 0) throw new Error(`no end: ${scheduler.describe()}`);
  }
  while (!host.done) if (!scheduler.stepAny()) throw new Error("deadlock of the host");
  return game;
}

/** Runs games by seed until one goes wrong; how it did, or undefined. */
async function findFault(
  leftOut: readonly PolicyStep[],
  seeds: number,
): Promise<string | undefined> {
  for (let seed = 1; seed <= seeds; seed++) {
    try {
      await play(seed, 150, leftOut);
    } catch (error) {
      return (error as Error).message;
    }
  }
  return undefined;
}

/** Steps without which some game must go wrong soon; shadow-mmu.test.ts has the others. */
const NEEDED: readonly PolicyStep[] = [
  "NoWriteProtect",
  "NoSync",
  "NoGpteRecheck",
  "NoAccessAccumulation",
  "NotifierSkipsShadow",
  "NoFlush",
];

describe("EPT02 under a hostile EPT12", () => {
  it("translates as EPT12 does, whatever L1 writes there", async () => {
    const sum = { ram: 0, exits: 0, devices: 0, protectedWrites: 0, moved: 0 };
    for (let seed = 1; seed <= 24; seed++) {
      let game: Game;
      try {
        game = await play(seed, 150);
      } catch (error) {
        throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
      }
      for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += game.counts[name];
    }
    expect(sum.ram).toBeGreaterThan(1000);
    expect(sum.exits).toBeGreaterThan(1000);
    expect(sum.devices).toBeGreaterThan(40);
    expect(sum.protectedWrites).toBeGreaterThan(20);
    expect(sum.moved).toBeGreaterThan(100);
  }, 120_000);

  for (const step of NEEDED) {
    it(`is caught without a step: ${step}`, async () => {
      const wrong = await findFault([step], 60);
      expect(wrong).toBeDefined();
    }, 120_000);
  }
});
