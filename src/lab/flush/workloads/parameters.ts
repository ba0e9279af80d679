/** Parameters that many workloads have. */
import type { ParameterSpec } from "../types.ts";

const whole = (name: string, text: string, value: number, min: number, max: number) =>
  ({ name, text, default: value, min, max, integer: true }) as const satisfies ParameterSpec;

/** The same for powers of two. */
export const power = (name: string, text: string, value: number, min: number, max: number) =>
  ({ ...whole(name, text, value, min, max), powerOfTwo: true }) as const satisfies ParameterSpec;

export const share = (name: string, text: string, value: number): ParameterSpec => ({
  name,
  text,
  default: value,
  min: 0,
  max: 1,
});

/** Geometries for which runs stay short; "scenario" keeps everything. */
export const LAB_TLBS = ["skylake", "haswell", "icelake", "zen3", "adversarial", "scenario"];

export const TICKS = whole(
  "ticks",
  "length of the run in ticks of virtual time: 1 for an instruction, 400 for a VM exit or entry",
  500_000,
  1000,
  100_000_000,
);
export const RATE: ParameterSpec = {
  name: "rate",
  text: "events in 100,000 ticks",
  default: 50,
  min: 0,
  max: 10_000,
};
export const PAGES = power("pages", "pages that a guest walks through", 128, 8, 512);
export const LOCALITY = share("locality", "share of accesses to the hot eighth of the pages", 0.8);
export const WRITES = share("writes", "share of accesses that write as well", 0.2);
export const RANGE = whole("range", "pages of one change", 1, 1, 64);
export type ChangeKind = "remap" | "migrate" | "swap" | "cow" | "age";
export const CHANGE: ParameterSpec = {
  name: "change",
  text: "what the host does: munmap and mmap, migration, swapping out, sharing for copy-on-write, ageing",
  default: "migrate",
  oneOf: ["remap", "migrate", "swap", "cow", "age"] satisfies ChangeKind[],
};
export const VCPUS = whole("vcpus", "virtual processors", 1, 1, 4);
export const CPUS = whole("cpus", "logical processors", 2, 1, 5);
export const MIGRATIONS: ParameterSpec = {
  name: "migrations",
  text: "moves of vCPUs to other logical processors in 100,000 ticks",
  default: 0,
  min: 0,
  max: 10_000,
};
export const TLB: ParameterSpec = {
  name: "tlb",
  text: "geometry of the caches of translations",
  default: "skylake",
  oneOf: LAB_TLBS,
};
export const REUSE: ParameterSpec = {
  name: "reuse",
  text: "the host hands out at once what was freed last",
  default: true,
};
export const SLICE = whole("slice", "ticks between two looks at the other threads", 50, 1, 10_000);

/** Those that all workloads have. */
export const COMMON = [
  TICKS,
  RATE,
  PAGES,
  LOCALITY,
  WRITES,
  VCPUS,
  CPUS,
  MIGRATIONS,
  TLB,
  SLICE,
  REUSE,
];

export { whole };
