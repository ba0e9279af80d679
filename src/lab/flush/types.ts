/** What the flush lab runs and what comes out: jobs, results, and what they count. */
import type { StrategyHooks } from "../../l0/flush-strategy.ts";

export type ParameterValue = number | string | boolean;
/** By name; those left out have their defaults. */
export type Parameters = Readonly<Record<string, ParameterValue>>;

/** One run: a strategy, a workload with its parameters, a seed. It always gives the same result. */
export interface FlushJob {
  readonly strategy: string;
  readonly workload: string;
  /** All parameters of the workload, defaults included. */
  readonly parameters: Parameters;
  /** 1 to 2^32 - 1. */
  readonly seed: number;
}

/** A parameter of a workload. */
export interface ParameterSpec {
  readonly name: string;
  /** One sentence with the unit. */
  readonly text: string;
  readonly default: ParameterValue;
  /** Range of a number, ends included; whole numbers only if `integer`, and of these powers of two. */
  readonly min?: number;
  readonly max?: number;
  readonly integer?: boolean;
  readonly powerOfTwo?: boolean;
  /** All values of a string. */
  readonly oneOf?: readonly string[];
}

/** When flushes happen and what they cover: the whole of a policy. */
export interface FlushStrategy {
  /** "F3", "F7b", "F2x": as in docs/flush-strategies.md. */
  readonly name: string;
  readonly title: string;
  /** What must hold for no stale translation ever to be used; the sanitizer checks it. */
  readonly condition: string;
  /** What it costs where it does too much. */
  readonly cost: string;
  /** "exists" in a kernel, was there ("historical"), was "discussed", or is for comparison only. */
  readonly status: "exists" | "historical" | "discussed" | "comparison" | "broken";
  /** The strategy for one virtual machine. */
  readonly make: () => StrategyHooks;
}

/** What is counted, by name; every result has all of them. */
export const COUNTS = {
  invalidations: "changes of the host's memory of which the notifier was told",
  invalidationsHit: "of these, those that zapped an entry",
  flushRequests: "flushes of all vCPUs that L0 asked for",
  inveptSingle: "INVEPT of one EP4TA that L0 executed",
  inveptAll: "INVEPT of all contexts that L0 executed",
  invvpid: "INVVPID that L0 executed",
  ipis: "interrupts to other logical processors for requests",
  forcedExits: "vCPUs that left the guest for a request",
  notifierBlocked: "ticks for which callers of the notifier waited for vCPUs",
  dropped: "cached translations that flushes dropped",
  droppedStale: "of these, those that had to go",
  refills: "translations dropped although still right and walked for again",
  refillReferences: "paging-structure entries read for these",
  walks: "walks of the paging structures",
  walkReferences: "entries of the guest's tables read by walks",
  eptReferences: "entries of the EPT read by walks",
  vmExits: "VM exits",
  vmEntries: "VM entries",
  nestedEntries: "entries to L2",
  reloadSpins: "reloads of the APIC-access page that had to be tried again",
  faultRetries: "faults that had to be taken again for an invalidation",
  migrations: "moves of a vCPU to another logical processor",
  notes: "what the strategy wrote down or compared: roots, processors, generations",
  retags: "new VPIDs in place of a flush",
  instructions: "instructions that guests executed",
  staleUses: "uses of translations that had to be gone",
} as const;
export type CountName = keyof typeof COUNTS;
export type Counts = Readonly<Record<CountName, number>>;

/** A row of the modelled costs. */
export interface CostRow {
  readonly event: string;
  readonly count: number;
  /** Cycles of one; where they are from is in the table of costs (docs/flush-strategies.md). */
  readonly cyclesEach: number;
  readonly cycles: number;
}

/** What one place of L0 that flushes has done, from the beginning of the run on. */
export interface FlushSiteRow {
  /** Function of L0 by KVM's name. */
  readonly site: string;
  /** "INVEPT single-context". */
  readonly operation: string;
  readonly times: number;
  /** Times at which a translation that had to go was there. */
  readonly timesNeeded: number;
  readonly dropped: number;
  readonly droppedStale: number;
}

/** The first use of a translation that had to be gone. */
export interface Witness {
  /** Ticks of virtual time by then. */
  readonly ticks: number;
  readonly message: string;
  /** The last steps up to it, one a line, a column for each thread. */
  readonly timeline: string;
}

export type JobVerdict = "right" | "wrong" | "failed";

export interface JobResult {
  readonly format: 1;
  /** Version of vmxlab. */
  readonly version: string;
  readonly job: FlushJob;
  /** "wrong": a stale translation was used. "failed": the strategy threw, or the run did not end. */
  readonly verdict: JobVerdict;
  readonly counts: Counts;
  /** By the place in L0; a place whose flushes were never needed is redundant in this run. */
  readonly sites: readonly FlushSiteRow[];
  readonly costs: readonly CostRow[];
  /** Sum of `costs`: cycles that translation, flushes and exits took in all. */
  readonly cycles: number;
  readonly witness?: Witness;
  /** Why it failed, in one sentence. */
  readonly error?: string;
}
