/** The event counters that the core keeps, by name. */
import type { Core } from "../core/core.ts";

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
] as const;
export type CounterName = (typeof COUNTER_CELLS)[number];

const EXCEPTION_CELL = 32;
const EXCEPTION_VECTORS = 32;
const EXIT_REASON_CELL = 64;
const EXIT_REASON_NUMBERS = 128;

export type MachineCounters = Readonly<Record<CounterName, number>> & {
  /** Exceptions that were to be delivered, by vector 0 to 31. */
  readonly exceptions: readonly number[];
  /** VM exits by basic exit reason 0 to 127; entries that failed late stand under 33 and 34. */
  readonly exitReasons: readonly number[];
};

export function readCounters(core: Core): MachineCounters {
  const cells = COUNTER_CELLS.map((name, index) => [name, core.counter(index)] as const);
  const exceptions = Array.from({ length: EXCEPTION_VECTORS }, (_, vector) =>
    core.counter(EXCEPTION_CELL + vector),
  );
  const exitReasons = Array.from({ length: EXIT_REASON_NUMBERS }, (_, number) =>
    core.counter(EXIT_REASON_CELL + number),
  );
  return { ...(Object.fromEntries(cells) as Record<CounterName, number>), exceptions, exitReasons };
}
