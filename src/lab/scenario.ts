/** What a scenario is: a world, threads beside its vCPUs, promises, and variants that break them. */
import type { PolicyStep } from "../l0/policy.ts";
import type { Task } from "../l0/scheduler.ts";
import type { ReportKind } from "../sanitizer/types.ts";
import type { InvariantId } from "./invariants.ts";
import type { World, WorldOptions } from "./world.ts";

/** A promise of the one scenario; a sentence when it is broken. */
export interface OwnPromise {
  readonly id: string;
  /** What is promised, in one sentence. */
  readonly text: string;
  /** After each step, or at the end. */
  readonly when: "step" | "end";
  readonly check: (world: World) => string | undefined;
}

/**
 * What shows first that a variant is wrong: an invariant, "progress" (somebody waits or loops for ever),
 * a promise of the scenario's own, a report of the sanitizer; "nothing" for one that is benign.
 */
export type Catch = InvariantId | ReportKind | "progress" | "nothing" | (string & {});

export interface Variant {
  /** The steps of L0 that are left out or done wrongly. */
  readonly breaks: readonly PolicyStep[];
  readonly expect: Catch;
  /** Where a needless flush is billed, for "redundant-flush". */
  readonly site?: string;
  /** Why it goes wrong, or why it does not. */
  readonly why: string;
}

export interface Scenario {
  /** The story in a few words, with hyphens. */
  readonly name: string;
  /** Where it is from: "S4" of the list of scenarios, "bug 11" of that of bugs. */
  readonly ids: readonly string[];
  readonly title: string;
  readonly story: string;
  readonly world: WorldOptions;
  /** Threads by name: lower case, no spaces. */
  readonly threads: Readonly<Record<string, (world: World) => Task>>;
  readonly promises: readonly InvariantId[];
  readonly own?: readonly OwnPromise[];
  readonly variants: readonly Variant[];
}

/** A scenario of the list that cannot be run. */
export interface Unbuilt {
  readonly id: string;
  readonly title: string;
  readonly reason: string;
}

/** What a variant is called: its steps joined by "+". */
export const variantName = ({ breaks }: Variant) => breaks.join("+");
