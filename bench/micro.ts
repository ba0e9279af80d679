/**
 * Costs of single mechanisms in nanoseconds. Each is a loop with the event minus a paired loop without
 * it, in CPU time, as the median of tinybench's samples; that each event really happened as named is
 * read from the machine's counters.
 */
import { Bench } from "tinybench";
import type { MachineCounters } from "../src/index.ts";
import { digits, type Figure, table } from "./measure.ts";
import { type Loop, perEvent, startCode, startLoop, startWalks } from "./micro-machine.ts";

const SAMPLE_MS = 600;
const WARM_UP_MS = 400;
const EVENTS_A_ROUND = 16;
const TOLERANCE = 0.02;

export interface Mechanism {
  readonly name: string;
  readonly event: () => Promise<Loop>;
  readonly without: () => Promise<Loop>;
  /** What the loop with the event counts for each. */
  readonly counts: (counters: MachineCounters) => number;
  readonly expected: number;
  readonly tolerance?: number;
}

function loop(name: string, tlb?: string): () => Promise<Loop> {
  return () => startLoop(name, EVENTS_A_ROUND, tlb);
}

const MECHANISMS: readonly Mechanism[] = [
  {
    name: "decode an instruction",
    event: () => startCode(true),
    without: () => startCode(false),
    // A block has up to 64 instructions, for a conditional jump does not end it.
    counts: (c) => c.blockDecoded * 64,
    expected: 1,
    // Where a slice ends, another block begins.
    tolerance: 0.6,
  },
  {
    name: "load: TLB hit in the front cache",
    event: loop("load"),
    without: loop("move"),
    counts: (c) => c.tlbHitL1 + c.tlbHitL2 + c.tlbMiss,
    expected: 0,
  },
  {
    name: "load: hit in the modelled TLB",
    event: loop("conflict"),
    without: loop("move"),
    counts: (c) => c.tlbHitL1,
    expected: 1,
  },
  {
    name: "load: 4-level walk",
    event: loop("load", "none"),
    without: loop("move", "none"),
    counts: (c) => c.walkReference / 4,
    expected: 1,
  },
  {
    name: "load: 4-level walk, warm",
    event: () => startWalks("conflict", EVENTS_A_ROUND, false),
    without: () => startWalks("move", EVENTS_A_ROUND, false),
    counts: (c) => c.walkReference,
    expected: 1,
  },
  {
    name: "load: two-dimensional walk, warm",
    event: () => startWalks("conflict", EVENTS_A_ROUND, true),
    without: () => startWalks("move", EVENTS_A_ROUND, true),
    // One entry of the guest's tables; the data page by the cache of guest-physical mappings.
    counts: (c) => (c.walkReference + c.guestPhysicalHit) / 2 + c.eptReference,
    expected: 1,
  },
  {
    name: "exception round trip: #DE to IRETQ",
    event: loop("exception"),
    without: loop("add"),
    counts: (c) => c.exceptions[0]!,
    expected: 1,
  },
  {
    name: "read of a UART's port",
    event: loop("port"),
    without: loop("move"),
    counts: () => 0,
    expected: 0,
  },
  {
    name: "interrupt: delivery to IRETQ",
    event: loop("interrupt"),
    without: loop("request"),
    counts: (c) => c.externalInterrupt,
    expected: 1,
  },
];

/** Nanoseconds of one event: median and the quartile distance of the samples. */
interface Cost {
  readonly median: number;
  readonly spread: number;
}

async function time(bench: Bench, name: string, { batch }: Loop): Promise<() => Cost> {
  bench.add(name, async () => {
    const ms = await batch.run();
    return { overriddenDuration: ms / batch.events, overriddenIterationCost: ms };
  });
  return () => {
    const result = bench.getTask(name)?.result;
    if (result?.state !== "completed") throw new Error(`${name}: ${result?.state}`);
    const { p50, p75, min } = result.latency;
    return { median: p50 * 1e6, spread: (p75 - min) * 1e6 };
  };
}

/** Costs of one event, with it and without. @throws Error when the counters do not show the event */
export async function measureMechanism(
  mechanism: Mechanism,
  log: (line: string) => void,
  section = "mechanisms",
) {
  const { name, counts, expected, tolerance = TOLERANCE } = mechanism;
  log(`${section}: ${name}`);
  const event = await mechanism.event();
  const without = await mechanism.without();
  const bench = new Bench({ time: SAMPLE_MS, warmupTime: WARM_UP_MS, throws: true });
  const withCost = await time(bench, "event", event);
  const withoutCost = await time(bench, "without", without);
  await bench.run();
  const counted = await perEvent(event, counts);
  if (Math.abs(counted - expected) > tolerance) {
    throw new Error(`${name}: counted ${counted} for an event instead of ${expected}`);
  }
  return { name, event: withCost(), without: withoutCost() };
}

/** Measures the mechanisms whose names contain one of `only`, or all. */
export async function measureMechanisms(
  only: readonly string[],
  log: (line: string) => void,
  print: (text: string) => void,
): Promise<Figure[]> {
  const figures: Figure[] = [];
  const rows: string[][] = [];
  for (const mechanism of MECHANISMS) {
    const { name } = mechanism;
    if (only.length > 0 && !only.some((part) => name.includes(part))) continue;
    const { event, without } = await measureMechanism(mechanism, log);
    const value = event.median - without.median;
    figures.push({ section: "mechanisms", name, value, unit: "ns", samples: [] });
    rows.push([name, digits(value), digits(event.median), digits(without.median)]);
  }
  if (rows.length > 0) print(table(["mechanism", "ns", "loop with", "loop without"], rows));
  return figures;
}
