/** Seeds that `npm test` runs: one of each mode, and those that have found something. */
import { FUZZ_MODES, type FuzzMode, modeOf } from "./machine.ts";

/** The first seed of every mode. */
export function modeSeeds(): Map<FuzzMode, number> {
  const seeds = new Map<FuzzMode, number>();
  for (let seed = 1; seeds.size < FUZZ_MODES.length; seed++) {
    const mode = modeOf(seed);
    if (!seeds.has(mode)) seeds.set(mode, seed);
  }
  return seeds;
}

/** Seeds of `npm run fuzz` that failed once, with what was wrong. */
export const FOUND: readonly (readonly [seed: number, what: string])[] = [];
