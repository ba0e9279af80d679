/** A core under EPT whose host follows translations: it notes what the core tells, and judges nothing. */
import { type Core, LAYOUT, MACHINE_WORD } from "../../src/core/core.ts";
import { FLUSH_OPERATIONS } from "../../src/tables/flush-operations.ts";
import { EptCore } from "./ept-core.ts";

export const WHAT = { LINEAR: 0, GUEST_PHYSICAL: 1, STRUCTURE: 2, EPT_STRUCTURE: 3 } as const;

export interface Step {
  readonly hpa: number;
  readonly value: bigint;
  readonly kind: number;
}

export interface Tags {
  readonly cpu: number;
  readonly vpid: number;
  readonly pcid: number;
  readonly ep4ta: number;
}

export interface Fill {
  readonly id: number;
  readonly what: number;
  readonly tags: Tags;
  readonly gla: bigint;
  readonly sizeLog: number;
  readonly hpa: number;
  readonly gpa: number;
  readonly rights: number;
  readonly access: number;
  readonly steps: readonly Step[];
}

export interface Flush {
  readonly operation: string;
  readonly vpid: number;
  readonly pcid: number;
  readonly ep4ta: bigint;
  readonly gla: bigint;
  readonly dropped: number;
}

const wide = (lo: number, hi: number) => (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);

export class FollowedCore {
  readonly ept: EptCore;
  fills: Fill[] = [];
  flushes: Flush[] = [];
  stores: [hpa: bigint, bytes: number][] = [];
  uses: { what: number; id: number; gla: bigint; access: number }[] = [];
  /** What `staleUse` answers. */
  answer = 0;
  /** Called at the end of `staleUse`. */
  onUse: () => void = () => {};

  private constructor(ept: EptCore) {
    this.ept = ept;
  }

  get core(): Core {
    return this.ept.core;
  }

  static async create(): Promise<FollowedCore> {
    let self: FollowedCore | undefined;
    const ept = await EptCore.create({
      tlbFill: (what, space, lo, hi, sizeLog) =>
        self?.fill(what, space, wide(lo, hi), sizeLog) ?? 0,
      staleUse: (what, id, _place, lo, hi, access) => {
        self!.uses.push({ what, id, gla: wide(lo, hi), access });
        self!.onUse();
        return self!.answer;
      },
      tableStore: (lo, hi, bytes) => self?.stores.push([wide(lo, hi), bytes]),
      flush: (operation, vpid, pcid, rootLo, rootHi, lo, hi, dropped) => {
        const name = FLUSH_OPERATIONS[operation]!.name;
        const ep4ta = wide(rootLo, rootHi);
        self?.flushes.push({
          operation: name,
          vpid,
          pcid: pcid >>> 0,
          ep4ta,
          gla: wide(lo, hi),
          dropped,
        });
      },
    });
    self = new FollowedCore(ept);
    return self;
  }

  private nextId = 1;

  reset(): void {
    this.ept.reset();
    this.nextId = 1;
    this.fills = [];
    this.flushes = [];
    this.stores = [];
    this.uses = [];
    this.answer = 0;
    this.onUse = () => {};
  }

  private word(at: number): number {
    return this.core.u32[at >> 2]!;
  }

  private double(at: number): bigint {
    return this.core.u64[at >> 3]!;
  }

  private fill(what: number, space: number, gla: bigint, sizeLog: number): number {
    const id = this.nextId++;
    const row = LAYOUT.SPACES + space * LAYOUT.SPACE_BYTES;
    const tags = {
      cpu: this.word(row + 28),
      vpid: this.word(row + 8),
      pcid: this.word(row + 12),
      ep4ta: Number(this.double(row + 16)),
    };
    const info = LAYOUT.FILL_INFO;
    const first = this.word(info + 24);
    const steps = Array.from({ length: this.word(info + 28) }, (_, i) => {
      const at = LAYOUT.WALK_STEPS + (first + i) * LAYOUT.WALK_STEP_BYTES;
      return { hpa: Number(this.double(at)), value: this.double(at + 8), kind: this.word(at + 16) };
    });
    this.fills.push({
      id,
      what,
      tags,
      gla,
      sizeLog,
      hpa: Number(this.double(info)),
      gpa: Number(this.double(info + 8)),
      rights: this.word(info + 16),
      access: this.word(info + 20),
      steps,
    });
    return id;
  }

  /** The last fill of this kind. */
  last(what: number): Fill {
    const found = this.fills.findLast((fill) => fill.what === what);
    if (!found) throw new Error("nothing was filled");
    return found;
  }

  /** In how many places the provenance stands. */
  places(id: number): number {
    return this.core.u16[(this.core.machine32(MACHINE_WORD.PROVENANCE_REFS) >> 1) + id]!;
  }

  mark({ what, id, gla, sizeLog }: Fill, on = true): void {
    const lo = Number(gla & 0xffffffffn);
    this.core.exports.markStale(what, id, lo, Number(gla >> 32n), sizeLog, on ? 1 : 0);
  }
}
