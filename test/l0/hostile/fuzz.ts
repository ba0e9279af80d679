/** Case after case until so many actions are taken; a case that fails is cut to what it needs. */
import { type Action, makeActions } from "./actions.ts";
import { Random } from "./random.ts";
import { type CaseResult, HostileCase } from "./world.ts";

const ACTIONS_A_CASE = 1000;
/** One case in so many runs under the sanitizer. */
const SANITIZED_EVERY = 8;
const FAILURES_MAX = 3;
const SHRINK_RUNS = 150;

export interface FuzzOptions {
  readonly actions: number;
  readonly seed: number;
  /** The one case to run, by its number. */
  readonly only?: number;
  /** Whether a failing case is cut; default true. */
  readonly shrinks?: boolean;
  readonly log: (line: string) => void;
}

async function runCase(seed: number, sanitize: boolean, actions?: readonly Action[]) {
  const hostile = await HostileCase.create({ seed, sanitize });
  const list = actions ?? makeActions(new Random(seed), hostile.seen, ACTIONS_A_CASE);
  const result = hostile.run(list);
  hostile.machine.dispose();
  return { list, result };
}

/** First line of a message without its numbers, by which failures are compared. */
const kindOf = (message: string) =>
  message
    .split("\n")[0]!
    .replace(/0x[0-9a-f]+|\d+/g, "#")
    .slice(0, 60);

/** Cuts actions away as long as the case fails in the same way. */
async function shrink(
  seed: number,
  sanitize: boolean,
  list: readonly Action[],
  result: CaseResult,
) {
  let best = list.slice(0, result.taken);
  let message = result.failure!;
  const kind = kindOf(message);
  let runs = 0;
  for (
    let piece = Math.ceil(best.length / 2);
    piece >= 1 && runs < SHRINK_RUNS;
    piece = piece === 1 ? 0 : Math.ceil(piece / 2)
  ) {
    for (let at = 0; at < best.length && runs < SHRINK_RUNS; ) {
      const fewer = [...best.slice(0, at), ...best.slice(at + piece)];
      runs++;
      const { result: again } = await runCase(seed, sanitize, fewer);
      if (again.failure !== undefined && kindOf(again.failure) === kind) {
        best = fewer.slice(0, Math.max(again.taken, 1));
        message = again.failure;
      } else {
        at += piece;
      }
    }
  }
  return { list: best, message };
}

export async function fuzz({ actions, seed, only, shrinks = true, log }: FuzzOptions) {
  const sums = { taken: 0, l2Entries: 0, resets: 0 };
  const reported = new Map<string, number>();
  let passed = 0;
  let failed = 0;
  for (let index = only ?? 0; sums.taken < actions && failed < FAILURES_MAX; index++) {
    const caseSeed = seed * 100_003 + index;
    const sanitize = index % SANITIZED_EVERY === SANITIZED_EVERY - 1;
    const { list, result } = await runCase(caseSeed, sanitize);
    sums.taken += result.taken;
    sums.l2Entries += result.l2Entries;
    sums.resets += result.resets;
    for (const [kind, count] of result.reported)
      reported.set(kind, (reported.get(kind) ?? 0) + count);
    if (result.failure === undefined) {
      passed++;
    } else {
      failed++;
      log(`case ${index}${sanitize ? " (sanitized)" : ""} fails: ${result.failure}`);
      if (!shrinks) continue;
      const short = await shrink(caseSeed, sanitize, list, result);
      log(`  with these actions: ${short.message}`);
      for (const { name } of short.list) log(`    ${name}`);
    }
    if (only !== undefined) break;
  }
  const told = [...reported].map(([kind, count]) => `${count} ${kind}`).join(", ");
  const summary =
    `${sums.taken} actions, ${sums.l2Entries} entries to L2, ${sums.resets} resets of a vCPU` +
    `, L0 told of errors: ${told === "" ? "none" : told}`;
  return { passed, failed, summary };
}
