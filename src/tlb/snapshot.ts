/** Reads the caches of translations out of the core's memory (assembly/tlb), changing nothing. */
import { type Core, LAYOUT, MACHINE_WORD } from "../core/core.ts";
import { STATE } from "../generated/state.ts";
import { PHYSICAL_ROW_FIRST, structureRow } from "../machine/geometry.ts";
import type { LogicalProcessor } from "../machine/processor.ts";
import type { StructureCache, TlbProfile } from "../tables/tlb-profiles.ts";
import { memoryType } from "./memory-type.ts";
import type {
  CacheArray,
  CacheContext,
  CacheEntry,
  CacheTag,
  ProcessorCaches,
  TlbSnapshot,
} from "./snapshot-types.ts";
import type { Rights } from "./walk-types.ts";

// A row of TLB_ARRAYS, and an entry of an array: assembly/tlb/array.ts.
const A_OFFSET = 0;
const ENTRY_BYTES = 32;
const E_DATA = 8;
const E_SPACE = 16;
const E_EXTRA = 24;
const FRAME = 0x000f_ffff_ffff_f000n;

// A row of SPACES: assembly/tlb/space.ts.
const S_VPID = 8;
const S_PCID = 12;
const S_EP4TA = 16;
const STATE_LIVE = 1;
const PCID_GLOBAL = 0x1000;
const VPID_PHYSICAL = 0x10000;

// assembly/tlb/tlb.ts.
const RIGHT = { write: 1, user: 2, execute: 4, dirty: 8, global: 16 } as const;
const KEY_SHIFT = 5;
const TYPE_SHIFT = 9;
const GPA_UNREADABLE = 1;

const SIZES = [2 ** 12, 2 ** 21, 2 ** 22, 2 ** 30] as const;
const LEVELS = { PDE: 2, PDPTE: 3, PML4E: 4, PML5E: 5 } as const;
/** Mode of an entry of the guest's tables that 32-bit paging has made. */
const MODE_32 = 1;
const OPERATIONS = ["none", "VMX root", "VMX non-root"] as const;
const CR4_PCIDE = 1n << 17n;

interface Place {
  readonly at: number;
  readonly set: number;
  readonly way: number;
}

/** What the caches of all processors hold. */
export function readTlb(
  core: Core,
  profile: TlbProfile,
  cpus: readonly LogicalProcessor[],
): TlbSnapshot {
  return {
    profile: profile.name,
    processors: cpus.map((cpu) => new CacheReader(core, cpu).read(profile)),
  };
}

class CacheReader {
  private readonly core: Core;
  private readonly cpu: LogicalProcessor;
  private readonly base: number;

  constructor(core: Core, cpu: LogicalProcessor) {
    this.core = core;
    this.cpu = cpu;
    const bytes = core.machine32(MACHINE_WORD.TLB_CPU_BYTES);
    this.base = core.machine32(MACHINE_WORD.TLB_BASE) + cpu.index * bytes;
  }

  read({ arrays, guestPhysical = [], structures = [] }: TlbProfile): ProcessorCaches {
    return {
      cpu: this.cpu.index,
      context: this.context(),
      arrays: [
        ...arrays.map(({ name, level, kind, pages, sets, ways, replacement }, i): CacheArray => {
          const shape = { level, holds: kind, pages, sets, ways, replacement };
          const entries = this.entries(i, shape, (place) => this.translation(place));
          return { name, group: "tlb", ...shape, entries };
        }),
        ...guestPhysical.map(({ name, pages, sets, ways, replacement }, i): CacheArray => {
          const shape = { level: 1, holds: "guest-physical", pages, sets, ways, replacement };
          const row = PHYSICAL_ROW_FIRST + i;
          const entries = this.entries(row, shape, (place) => this.guestPhysical(place));
          return { name, group: "guest-physical", ...shape, entries };
        }),
        ...structures.map((cache): CacheArray => {
          const { tables, entry, sets, ways, replacement } = cache;
          const shape = { level: 1, holds: entry, pages: [], sets, ways, replacement };
          const read = (place: Place) => this.structure(place, cache);
          const entries = this.entries(structureRow(cache), shape, read);
          return { name: `${tables} ${entry}`, group: "structure", ...shape, entries };
        }),
      ],
    };
  }

  private context(): CacheContext {
    const { cpu } = this;
    const eptp = cpu.wide(STATE.EPTP);
    return {
      operation: OPERATIONS[cpu.word(STATE.VMX_OPERATION)] ?? "none",
      vpid: cpu.word(STATE.VPID),
      pcid: (cpu.get("cr4") & CR4_PCIDE) === 0n ? 0 : Number(cpu.get("cr3") & 0xfffn),
      ep4ta: eptp === 0n ? undefined : Number(eptp & FRAME),
    };
  }

  private entries(
    row: number,
    { sets, ways }: { readonly sets: number; readonly ways: number },
    read: (place: Place) => CacheEntry | undefined,
  ): CacheEntry[] {
    const first = this.word(LAYOUT.TLB_ARRAYS + row * LAYOUT.TLB_ARRAY_BYTES + A_OFFSET);
    const list: CacheEntry[] = [];
    for (let i = 0; i < sets * ways; i++) {
      const at = this.base + first + i * ENTRY_BYTES;
      if ((this.word(at) & 1) === 0) continue;
      const entry = read({ at, set: Math.floor(i / ways), way: i % ways });
      if (entry) list.push(entry);
    }
    return list;
  }

  private word(at: number): number {
    return this.core.u32[at >> 2]!;
  }

  private double(at: number): bigint {
    return this.core.u64[at >> 3]!;
  }

  /** Tag of address space `space`; undefined when all that carries it has been dropped. */
  private tagOf(space: number): CacheTag | undefined {
    const row = LAYOUT.SPACES + space * LAYOUT.SPACE_BYTES;
    if (this.core.u8[row] !== STATE_LIVE) return undefined;
    const vpid = this.word(row + S_VPID);
    const pcid = this.word(row + S_PCID);
    const ep4ta = this.double(row + S_EP4TA);
    const root = ep4ta === 0n ? undefined : Number(ep4ta & FRAME);
    if (vpid === VPID_PHYSICAL) {
      return { kind: "guest-physical", vpid: undefined, pcid: undefined, ep4ta: root };
    }
    return {
      kind: root === undefined ? "linear" : "combined",
      vpid,
      pcid: pcid === PCID_GLOBAL ? "global" : pcid,
      ep4ta: root,
    };
  }

  private isCurrent(space: number, ...words: readonly number[]): boolean {
    return words.some((offset) => this.cpu.word(offset) === space);
  }

  private translation({ at, set, way }: Place): CacheEntry | undefined {
    const space = this.word(at + E_SPACE);
    const tag = this.tagOf(space);
    if (!tag) return undefined;
    const data = this.double(at + E_DATA);
    const rights = Number(data & 0xfffn);
    const extra = this.double(at + E_EXTRA);
    const low = Number(extra & 7n);
    const piece = low >> 1;
    const patIndex = rights >> TYPE_SHIFT;
    return {
      type: "translation",
      set,
      way,
      tag,
      inContext: this.isCurrent(space, STATE.SPACE_ID, STATE.SPACE_GLOBAL),
      gla: this.double(at) & ~0xfffn,
      pageBytes: this.pageBytes(at),
      hpa: Number(data & FRAME),
      gpa: Number(extra & FRAME),
      rights: linearRights(rights, (low & GPA_UNREADABLE) === 0),
      dirty: (rights & RIGHT.dirty) !== 0,
      global: (rights & RIGHT.global) !== 0,
      protectionKey: (rights >> KEY_SHIFT) & 15,
      patIndex,
      patType: memoryType(this.cpu, patIndex),
      pieceOf: piece === 0 ? undefined : SIZES[piece],
    };
  }

  private pageBytes(at: number): number {
    return SIZES[(this.word(at) >> 1) & 3]!;
  }

  private guestPhysical({ at, set, way }: Place): CacheEntry | undefined {
    const space = this.word(at + E_SPACE);
    const tag = this.tagOf(space);
    if (!tag) return undefined;
    const data = this.double(at + E_DATA);
    return {
      type: "guest-physical",
      set,
      way,
      tag,
      inContext: this.usesEpt && this.isCurrent(space, STATE.SPACE_PHYSICAL),
      gpa: Number(this.double(at) & FRAME),
      pageBytes: this.pageBytes(at),
      hpa: Number(data & FRAME),
      rights: eptRights(Number(data & 15n)),
    };
  }

  private get usesEpt(): boolean {
    return this.cpu.wide(STATE.EPTP) !== 0n;
  }

  private structure(
    { at, set, way }: Place,
    { tables, entry }: StructureCache,
  ): CacheEntry | undefined {
    const word = this.word(at + E_SPACE);
    const space = word & (LAYOUT.SPACES_MAX - 1);
    if (this.word(LAYOUT.STRUCTURE_WORDS + space * 4) !== word) return undefined;
    const tag = this.tagOf(space);
    if (!tag) return undefined;
    const mode = (this.word(at) >> 1) & 7;
    const level = LEVELS[entry];
    const reach = tables === "guest" && mode === MODE_32 ? 22 : 3 + level * 9;
    const data = this.double(at + E_DATA);
    const rights = Number(data & 0xfffn);
    const guest = tables === "guest";
    const current = guest
      ? this.isCurrent(space, STATE.SPACE_ID)
      : this.usesEpt && this.isCurrent(space, STATE.SPACE_PHYSICAL);
    return {
      type: "structure",
      set,
      way,
      tag,
      inContext: current,
      tables,
      entry,
      level,
      address: this.double(at) & ~0xfffn,
      reachBytes: 2 ** reach,
      tableHpa: Number(data & FRAME),
      tableGpa: Number(this.double(at + E_EXTRA) & FRAME),
      rights: guest ? linearRights(rights, true) : eptRights(rights & 15),
    };
  }
}

function linearRights(rights: number, read: boolean): Rights {
  const execute = (rights & RIGHT.execute) !== 0;
  const user = (rights & RIGHT.user) !== 0;
  return {
    read,
    write: (rights & RIGHT.write) !== 0,
    execute,
    user,
    executeUser: execute && user,
  };
}

function eptRights(rights: number): Rights {
  return {
    read: (rights & 1) !== 0,
    write: (rights & 2) !== 0,
    execute: (rights & 4) !== 0,
    user: false,
    executeUser: (rights & 8) !== 0,
  };
}
