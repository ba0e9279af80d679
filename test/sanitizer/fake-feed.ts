/** A scripted core: memory, tags and walks that a test makes up, and what the sanitizer asks of it. */
import {
  type CoreFeed,
  type FillDetails,
  STEP,
  type WalkStep,
  WHAT,
} from "../../src/sanitizer/feed.ts";
import { type FlushCall, Sanitizer, type SanitizerOptions } from "../../src/sanitizer/sanitizer.ts";
import type { Layer } from "../../src/sanitizer/types.ts";

export const OLD = 0x10_0000;
export const NEW = 0x20_0000;
export const TABLE = 0x3000;
export const GLA = 0x40_0000n;

export interface FakeTags {
  readonly cpu?: number;
  readonly vpid?: number;
  readonly pcid?: number;
  readonly ep4ta?: number;
}

/** A step that reads the entry at `hpa`, of level 1 unless said. */
export interface FakeStep {
  readonly hpa: number;
  readonly level?: number;
  readonly ept?: boolean;
  readonly narrow?: boolean;
  readonly reference?: number;
}

export class FakeFeed implements CoreFeed {
  cpu = 0;
  rip = 0x1000n;
  layer: Layer = "root";
  time = 0;
  user = false;
  vpid = 0;
  ep4ta: number | undefined;
  apicPage: number | undefined;
  /** What a walk of memory finds; undefined is a fault. */
  truth: (address: bigint) => number | undefined = () => NEW;
  readonly watched = new Set<number>();
  readonly marks: string[] = [];
  readonly memory = new Map<number, Uint32Array>();
  /** Ids of which the core has let go. */
  readonly released = new Set<number>();
  readonly sanitizer: Sanitizer;
  private readonly spaces: FakeTags[] = [];
  private steps: WalkStep[] = [];
  private details: FillDetails = { hpa: 0, gpa: 0, rights: 0, access: 0 };

  constructor(options: SanitizerOptions = {}) {
    this.sanitizer = new Sanitizer(this, options);
  }

  where() {
    return { cpu: this.cpu, rip: this.rip, layer: this.layer, time: this.time };
  }

  isUserMode = () => this.user;
  context = () => ({ vpid: this.vpid, ep4ta: this.ep4ta });
  apicAccessPage = () => this.apicPage;
  walkSteps = () => this.steps;
  fillDetails = () => this.details;
  references = (id: number) => Number(!this.released.has(id));
  probeWalk = (gla: bigint) => this.truth(gla);
  probeGuestPhysical = (gpa: number) => this.truth(BigInt(gpa));
  code = () => ({ bytes: Uint8Array.of(0x48, 0x8b, 0x07), bits: 64 as const });

  spaceTags(space: number) {
    const { cpu = 0, vpid = 0, pcid = 0, ep4ta } = this.spaces[space]!;
    return { cpu, vpid, pcid, ep4ta };
  }

  markStale(what: number, id: number, _address: bigint, _sizeLog: number, on: boolean): void {
    this.marks.push(`${on ? "+" : "-"}${what}:${id}`);
  }

  watchFrame(hpa: number, on: boolean): void {
    if (on) this.watched.add(hpa);
    else this.watched.delete(hpa);
  }

  frameWords(hpa: number): Uint32Array {
    let words = this.memory.get(hpa);
    if (!words) {
      words = new Uint32Array(1024);
      this.memory.set(hpa, words);
    }
    return words;
  }

  private words(hpa: number) {
    return this.frameWords(Math.floor(hpa / 4096) * 4096);
  }

  /** Puts a value into memory without telling, as before the run. */
  poke(hpa: number, value: bigint): void {
    const at = (hpa % 4096) >> 2;
    this.words(hpa)[at] = Number(value & 0xffff_ffffn);
    this.words(hpa)[at + 1] = Number(value >> 32n);
  }

  /** A store by the program at `rip`; 4 bytes where `bytes` says so. */
  write(hpa: number, value: bigint, rip = 0x2000n, bytes: 4 | 8 = 8): void {
    this.at(rip, () => {
      const at = (hpa % 4096) >> 2;
      this.words(hpa)[at] = Number(value & 0xffff_ffffn);
      if (bytes === 8) this.words(hpa)[at + 1] = Number(value >> 32n);
      if (this.watched.has(Math.floor(hpa / 4096) * 4096)) this.sanitizer.store(hpa, bytes);
    });
  }

  private at(rip: bigint, action: () => void): void {
    this.rip = rip;
    this.time += 10;
    action();
    this.rip = 0x1000n;
  }

  /** A walk that caches a translation; returns its id, with the mark where it is stale at once. */
  fill(
    tags: FakeTags,
    steps: readonly FakeStep[],
    {
      what = WHAT.linear as number,
      address = GLA,
      sizeLog = 12,
      hpa = OLD,
      gpa = OLD,
      rights = 7,
      access = 0,
    } = {},
  ): number {
    this.time += 10;
    this.spaces.push(tags);
    this.steps = steps.map(({ hpa: at, level = 1, ept = false, narrow = false, reference }) => {
      if (reference !== undefined) return { hpa: 0, lo: reference, hi: 0, kind: STEP.REFERENCE };
      const word = (at % 4096) >> 2;
      return {
        hpa: at,
        lo: this.words(at)[word]!,
        hi: narrow ? 0 : this.words(at)[word + 1]!,
        kind: level | (ept ? STEP.EPT : 0) | (narrow ? STEP.NARROW : 0),
      };
    });
    this.details = { hpa, gpa, rights, access };
    return this.sanitizer.fill(what, this.spaces.length - 1, address, sizeLog);
  }

  use(id: number, { what = WHAT.linear as number, address = GLA, access = 0 } = {}): void {
    this.at(0x4000n, () => this.sanitizer.use(what, id, address, access));
  }

  flush(operation: FlushCall["operation"], operands: Partial<FlushCall> = {}): void {
    this.at(0x5000n, () =>
      this.sanitizer.flush({
        operation,
        vpid: 0,
        pcid: 0xffffffff,
        ep4ta: undefined,
        gla: undefined,
        gpa: undefined,
        dropped: 0,
        ...operands,
      }),
    );
  }

  /** Kinds of the errors so far. */
  get errors(): string[] {
    const errors = this.sanitizer.reports.filter(({ level }) => level === "error");
    return errors.map(({ kind }) => kind);
  }
}

/** A feed with one linear translation of GLA to OLD, made from the entry at TABLE. */
export function withLinear(tags: FakeTags = {}, options: SanitizerOptions = {}) {
  const feed = new FakeFeed(options);
  feed.poke(TABLE, BigInt(OLD) | 7n);
  const id = feed.fill(tags, [{ hpa: TABLE }]);
  return { feed, id };
}

/** A feed with the guest-physical mapping of GLA to OLD, made from the EPT entry at TABLE. */
export function withPhysical(options: SanitizerOptions = {}) {
  const feed = new FakeFeed(options);
  feed.poke(TABLE, BigInt(OLD) | 7n);
  feed.ep4ta = 0x9000;
  const id = feed.fill({ vpid: 0x10000, ep4ta: 0x9000 }, [{ hpa: TABLE, ept: true }], {
    what: WHAT.physical,
  });
  return { feed, id };
}
