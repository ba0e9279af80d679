/** Results of the made-up workloads; the same job always has the same one. */
import { COUNTS } from "../../../dist/lab/flush/types.js";

/** A number from 0 to 1 that text and seed decide. */
function chance(text, seed) {
  let hash = 2166136261 ^ seed;
  for (const letter of text) hash = Math.imul(hash ^ letter.charCodeAt(0), 16777619);
  return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32;
}

const FACTORS = { F0: 1.5, F1: 1, F3: 0.9, F2x: 0.5, lazy: 0.4 };

/** F3 is cheaper than F1 by more, the lower the locality is, and dearer above 0.6. */
function costOf({ strategy, parameters, seed }) {
  const { rate = 10, locality = 0.5 } = parameters;
  const factor = strategy === "F3" ? 1 + (locality - 0.6) / 2 : FACTORS[strategy];
  const chanceOfSeed = 1 + 0.02 * chance("seed", seed);
  return Math.round(1000 * (1 + rate) * factor * chanceOfSeed);
}

export function fakeResult(job, version) {
  const { strategy, seed } = job;
  const flushes = strategy === "lazy" ? 0 : 10 + seed;
  const counts = Object.fromEntries(Object.keys(COUNTS).map((name) => [name, 0]));
  Object.assign(counts, {
    invalidations: 20,
    invalidationsHit: 15,
    inveptAll: flushes,
    ipis: seed,
  });
  const cycles = costOf(job);
  const isWrong = strategy === "F2x" && seed % 2 === 0;
  if (isWrong) counts.staleUses = 1;
  const costs = [
    { event: "INVEPT_ALL", count: flushes, cyclesEach: 10, cycles: flushes * 10 },
    { event: "walk", count: 1, cyclesEach: cycles - flushes * 10, cycles: cycles - flushes * 10 },
  ];
  const site = {
    site: "flush_all",
    operation: "INVEPT all",
    times: flushes,
    timesNeeded: seed % 2,
  };
  const sites = flushes === 0 ? [] : [{ ...site, dropped: flushes * 3, droppedStale: 1 }];
  const witness = {
    ticks: 1000 - seed,
    message: "a translation was used that had to be gone",
    timeline: "step  notifier | vcpu0\n   0  zap      |\n   1           | guest <stale>",
  };
  const verdict = isWrong ? "wrong" : "right";
  return {
    format: 1,
    version,
    job,
    verdict,
    counts,
    sites,
    costs,
    cycles,
    ...(isWrong && { witness }),
  };
}
