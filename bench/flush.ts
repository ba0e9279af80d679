/**
 * Costs of each flush operation and each walk in nanoseconds of the host: alone, and with the refill of
 * 64 translations behind it. What was measured is kept for each version, and compared with what was kept
 * last.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { FlushOperationName } from "../src/tables/flush-operations.ts";
import { type Code, OPERATION, type Place, startFlushLoop, touch } from "./flush-machine.ts";
import { digits, type Figure, table } from "./measure.ts";
import { type Mechanism, measureMechanism } from "./micro.ts";

const SECTION = "flush";
const FOLDER = fileURLToPath(new URL("./results", import.meta.url));
const PAGES = 64;
const IN_A_ROUND = 16;
/** A round may end behind the last instruction of a batch. */
const TOLERANCE = 0.1;

interface Operation {
  readonly name: string;
  readonly code: Code;
  readonly place: Place;
  readonly counts: FlushOperationName;
}

const OPERATIONS: readonly Operation[] = [
  { name: "INVLPG", code: OPERATION.invlpg, place: "bare", counts: "INVLPG" },
  {
    name: "INVPCID, individual address",
    code: OPERATION.invpcid(0),
    place: "bare",
    counts: "INVPCID_ADDRESS",
  },
  {
    name: "INVPCID, single context",
    code: OPERATION.invpcid(1),
    place: "bare",
    counts: "INVPCID_CONTEXT",
  },
  {
    name: "INVPCID, all with globals",
    code: OPERATION.invpcid(2),
    place: "bare",
    counts: "INVPCID_ALL_GLOBAL",
  },
  { name: "MOV to CR3", code: OPERATION.movCr3, place: "bare", counts: "MOV_CR3" },
  { name: "change of CR4.PGE", code: OPERATION.movCr4, place: "bare", counts: "MOV_CR4" },
  {
    name: "INVEPT, single context",
    code: OPERATION.invept(1),
    place: "root",
    counts: "INVEPT_SINGLE",
  },
  { name: "INVEPT, all contexts", code: OPERATION.invept(2), place: "root", counts: "INVEPT_ALL" },
  {
    name: "INVVPID, single context",
    code: OPERATION.invvpid(1),
    place: "root",
    counts: "INVVPID_SINGLE",
  },
  {
    name: "INVVPID, all contexts",
    code: OPERATION.invvpid(2),
    place: "root",
    counts: "INVVPID_ALL",
  },
];

/** Operations that drop what a bare machine has cached, so that a refill follows. */
const DROPPING = ["MOV to CR3", "change of CR4.PGE", "INVPCID, all with globals"];

const countOf = (name: FlushOperationName): Mechanism["counts"] => {
  return ({ flushes }) => flushes.find(({ operation }) => operation === name)?.times ?? 0;
};

function alone({ name, code, place, counts }: Operation): Mechanism {
  const repeat = (body: Code) => Array.from({ length: IN_A_ROUND }, () => body);
  const start = (body: Code) => () =>
    startFlushLoop({ place, body: repeat(body), events: IN_A_ROUND });
  return {
    name,
    event: start(code),
    without: start(OPERATION.none),
    counts: countOf(counts),
    expected: 1,
    tolerance: TOLERANCE,
  };
}

function withRefill({ name, code, counts }: Operation, place: "bare" | "guest"): Mechanism {
  const start = (body: Code) => () =>
    startFlushLoop({ place, body: [touch(PAGES), body], events: 1 });
  const how = place === "bare" ? "walks" : "two-dimensional walks";
  return {
    name: `${name}, and ${PAGES} ${how}`,
    event: start(code),
    without: start(OPERATION.none),
    counts: countOf(counts),
    expected: 1,
    tolerance: TOLERANCE,
  };
}

/** A walk without anything cached on the way: the profile "none", one load a page. */
function coldWalk(place: "bare" | "guest"): Mechanism {
  const start = (pages: number) => () =>
    startFlushLoop({ place, body: [touch(pages)], events: pages, tlb: "none" });
  return {
    name: place === "bare" ? "walk of 4 entries" : "two-dimensional walk of 24 entries",
    event: start(PAGES),
    without: () => startFlushLoop({ place, body: [touch(PAGES)], events: PAGES, tlb: "skylake" }),
    counts: (c) => (c.walkReference + c.eptReference) / (place === "bare" ? 4 : 24),
    expected: 1,
    tolerance: TOLERANCE,
  };
}

function mechanisms(): Mechanism[] {
  const dropping = OPERATIONS.filter(({ name }) => DROPPING.includes(name));
  return [
    ...OPERATIONS.map(alone),
    ...dropping.map((operation) => withRefill(operation, "bare")),
    withRefill(dropping.find(({ name }) => name === "MOV to CR3")!, "guest"),
    coldWalk("bare"),
    coldWalk("guest"),
  ];
}

/** What a file of bench/results holds. */
interface Kept {
  readonly version: string;
  readonly processor: string;
  readonly threads: number;
  readonly node: string;
  readonly commit: string;
  readonly figures: readonly Pick<Figure, "name" | "value" | "unit">[];
}

export type About = Omit<Kept, "figures">;

/** What was kept last: for this version, else for the highest one. */
function lastKept(version: string): Kept | undefined {
  if (!existsSync(FOLDER)) return undefined;
  const names = readdirSync(FOLDER).filter((name) => /^flush-.*\.json$/.test(name));
  const own = names.find((name) => name === `flush-${version}.json`);
  const last = own ?? names.sort((a, b) => a.localeCompare(b, "en", { numeric: true })).at(-1);
  return last === undefined ? undefined : JSON.parse(readFileSync(join(FOLDER, last), "utf8"));
}

function keep(about: About, figures: readonly Figure[]): void {
  mkdirSync(FOLDER, { recursive: true });
  const rows = figures.map(({ name, value, unit }) => {
    return { name, value: Number(value.toPrecision(4)), unit };
  });
  const kept: Kept = { ...about, figures: rows };
  writeFileSync(join(FOLDER, `flush-${about.version}.json`), `${JSON.stringify(kept, null, 2)}\n`);
}

/** Measures, prints beside what was kept last, and keeps it if `save`. */
export async function measureFlush(
  about: About,
  save: boolean,
  log: (line: string) => void,
  print: (text: string) => void,
): Promise<Figure[]> {
  const last = lastKept(about.version);
  const figures: Figure[] = [];
  const rows: string[][] = [];
  for (const mechanism of mechanisms()) {
    const { name } = mechanism;
    const { event, without } = await measureMechanism(mechanism, log, SECTION);
    const value = event.median - without.median;
    figures.push({ section: SECTION, name, value, unit: "ns", samples: [] });
    const before = last?.figures.find((figure) => figure.name === name)?.value;
    const change = before === undefined ? "" : digits(value / before);
    rows.push([name, digits(value), before === undefined ? "" : digits(before), change]);
  }
  print(table(["flush operation or walk", "ns", "kept", "x"], rows));
  if (last !== undefined) {
    print(`kept: version ${last.version}, commit ${last.commit}, ${last.processor}`);
  }
  if (save) keep(about, figures);
  return figures;
}
