/** The event counters that the core keeps, by name. */
import type { Core } from "../core/core.ts";
import { FLUSH_OPERATIONS, type FlushOperationName } from "../tables/flush-operations.ts";
import type { TlbProfile } from "../tables/tlb-profiles.ts";
import { PHYSICAL_ROW_FIRST, structureRow } from "./geometry.ts";

/** Cells of the core's counters (Counter in assembly/tlb/counters.ts), in their order from 0. */
export const COUNTER_CELLS = [
  "tlbHitL1",
  "tlbHitL2",
  "tlbMiss",
  "tlbFill",
  "tlbEviction",
  "walkReference",
  "invlpg",
  "invpcid",
  "cr3Flush",
  "cr3Keep",
  "flushAll",
  "blockDecoded",
  "blockInvalidated",
  "arenaFlush",
  "externalInterrupt",
  "nmi",
  "softwareInterrupt",
  "vmEntry",
  "vmExit",
  "vmEntryFailure",
  "invept",
  "invvpid",
  "eptReference",
  "guestPhysicalHit",
  "transitionFlush",
  "missLoad",
  "missStore",
  "missFetch",
  "fillCombined",
  "guestPhysicalFill",
] as const;
export type CounterName = (typeof COUNTER_CELLS)[number];

const EXCEPTION_CELL = 32;
const EXCEPTION_VECTORS = 32;
const EXIT_REASON_CELL = 64;
const EXIT_REASON_NUMBERS = 128;
export const ARRAY_CELL = 192;
const CELLS_AN_ARRAY = 4;
export const FLUSH_CELL = 320;

/** What one array of the caches of translations has seen, on all processors together. */
export interface CacheCounters {
  /** As in the TLB profile; of paging-structure caches "guest PDE" and the like. */
  readonly name: string;
  readonly group: "tlb" | "guest-physical" | "structure";
  /** Level of the TLB; 1 for the others. */
  readonly level: number;
  readonly kind: string;
  /** Of the first level of the TLB only those that the front caches have not hidden. */
  readonly hits: number;
  readonly fills: number;
  readonly evictions: number;
}

export interface FlushCounters {
  readonly operation: FlushOperationName;
  readonly times: number;
  /** Entries that went, of the TLB, of guest-physical mappings and of paging-structure caches. */
  readonly dropped: number;
}

export type MachineCounters = Readonly<Record<CounterName, number>> & {
  /** Exceptions that were to be delivered, by vector 0 to 31. */
  readonly exceptions: readonly number[];
  /** VM exits by basic exit reason 0 to 127; entries that failed late stand under 33 and 34. */
  readonly exitReasons: readonly number[];
  /** By array of the TLB profile. */
  readonly caches: readonly CacheCounters[];
  /** By operation; those that have occurred. */
  readonly flushes: readonly FlushCounters[];
};

export function readCounters(core: Core, profile?: TlbProfile): MachineCounters {
  const cells = COUNTER_CELLS.map((name, index) => [name, core.counter(index)] as const);
  const exceptions = Array.from({ length: EXCEPTION_VECTORS }, (_, vector) =>
    core.counter(EXCEPTION_CELL + vector),
  );
  const exitReasons = Array.from({ length: EXIT_REASON_NUMBERS }, (_, number) =>
    core.counter(EXIT_REASON_CELL + number),
  );
  const named = Object.fromEntries(cells) as Record<CounterName, number>;
  const caches = profile === undefined ? [] : readCaches(core, profile);
  return { ...named, exceptions, exitReasons, caches, flushes: readFlushes(core) };
}

function readCaches(core: Core, profile: TlbProfile): CacheCounters[] {
  const { arrays, guestPhysical = [], structures = [] } = profile;
  const read = (row: number) => {
    const cell = ARRAY_CELL + row * CELLS_AN_ARRAY;
    return {
      hits: core.counter(cell),
      fills: core.counter(cell + 1),
      evictions: core.counter(cell + 2),
    };
  };
  return [
    ...arrays.map(({ name, level, kind }, i) => {
      return { name, group: "tlb" as const, level, kind, ...read(i) };
    }),
    ...guestPhysical.map(({ name }, i) => {
      const rest = { level: 1, kind: "guest-physical", ...read(PHYSICAL_ROW_FIRST + i) };
      return { name, group: "guest-physical" as const, ...rest };
    }),
    ...structures.map((cache) => {
      const rest = { level: 1, kind: cache.entry, ...read(structureRow(cache)) };
      return { name: `${cache.tables} ${cache.entry}`, group: "structure" as const, ...rest };
    }),
  ];
}

function readFlushes(core: Core): FlushCounters[] {
  return FLUSH_OPERATIONS.map(({ name }, i) => ({
    operation: name,
    times: core.counter(FLUSH_CELL + i * 2),
    dropped: core.counter(FLUSH_CELL + i * 2 + 1),
  })).filter(({ times }) => times > 0);
}
