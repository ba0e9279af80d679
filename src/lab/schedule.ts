/**
 * Who goes on in a run of a scenario. The base order lets a thread go on until it has to wait, ends, or
 * goes round a loop; then the next one has its turn. A schedule is a list of the places where the run
 * departs from that order.
 */
import type { Actor } from "../l0/scheduler.ts";

/** At decision `at`, thread `actor` goes on instead of the one whose turn it is. */
export interface Switch {
  readonly at: number;
  readonly actor: string;
}

export type Schedule = readonly Switch[];

/** One step of a run. */
export interface Decision {
  readonly actor: string;
  /** The step that it makes: the name that it yielded, "guest", or what it had waited for. */
  readonly step: string;
  /** Whose turn it was. */
  readonly base: string;
  /** Everybody who could have gone on. */
  readonly options: readonly string[];
  /** The one who went on before could have gone on: another one is a preemption. */
  readonly preempts: boolean;
}

/** Times that a thread passes the same place in one turn. */
const ROUNDS = 2;

export const actorId = (name: string) => name.toLowerCase().replaceAll(" ", "");

export const stepName = ({ at }: Actor) => (typeof at === "string" ? at : at.why);

/** Chooses by a schedule, or by a seed, and notes what it has chosen. */
export class Chooser {
  readonly decisions: Decision[] = [];
  private readonly switches: Map<number, string>;
  private readonly random: (() => number) | undefined;
  private readonly passed = new Map<string, number>();
  private last: Actor | undefined;

  constructor(by: { readonly schedule: Schedule } | { readonly seed: number }) {
    this.switches = new Map("schedule" in by ? by.schedule.map((s) => [s.at, s.actor]) : []);
    this.random = "seed" in by ? randomNumbers(by.seed) : undefined;
  }

  readonly choose = (runnable: readonly Actor[]): Actor => {
    const { last } = this;
    const base = this.turn(runnable);
    const preempts = last !== undefined && runnable.includes(last);
    const actor = this.wanted(runnable) ?? base;
    this.decisions.push({
      actor: actorId(actor.name),
      step: stepName(actor),
      base: actorId(base.name),
      options: runnable.map(({ name }) => actorId(name)),
      preempts,
    });
    this.note(actor);
    return actor;
  };

  private wanted(runnable: readonly Actor[]): Actor | undefined {
    if (this.random !== undefined) return runnable[this.random() % runnable.length];
    const wanted = this.switches.get(this.decisions.length);
    return wanted === undefined ? undefined : runnable.find(({ name }) => actorId(name) === wanted);
  }

  /** Whose turn it is. */
  private turn(runnable: readonly Actor[]): Actor {
    const { last } = this;
    if (last === undefined) return runnable[0]!;
    const at = runnable.indexOf(last);
    const isLooping = (this.passed.get(stepName(last)) ?? 0) >= ROUNDS;
    if (at >= 0 && !(isLooping && runnable.length > 1)) return last;
    if (at >= 0) return runnable[(at + 1) % runnable.length]!;
    return runnable[0]!;
  }

  private note(actor: Actor): void {
    if (actor !== this.last) this.passed.clear();
    this.last = actor;
    const step = stepName(actor);
    const times = this.passed.get(step) ?? 0;
    // Alone in a loop it begins a new turn.
    this.passed.set(step, times >= ROUNDS ? 1 : times + 1);
  }
}

/** xorshift, as the scheduler of L0 has it. */
export function randomNumbers(seed: number): () => number {
  let state = (seed ^ 0x9e3779b9) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
}

/** The departures from the base order that make these decisions. */
export function scheduleOf(decisions: readonly Decision[]): Schedule {
  return decisions.flatMap(({ actor, base }, at) => (actor === base ? [] : [{ at, actor }]));
}

/** Preemptions: somebody else goes on although the one before could have. */
export function preemptions(decisions: readonly Decision[]): number {
  return decisions.filter(({ actor, base, preempts }) => preempts && actor !== base).length;
}

/** "12:notifier,30:vcpu0"; "base" for no departure. */
export function formatSchedule(schedule: Schedule): string {
  if (schedule.length === 0) return "base";
  return schedule.map(({ at, actor }) => `${at}:${actor}`).join(",");
}

/** Reads what `formatSchedule` writes; undefined when it is something else. */
export function parseSchedule(text: string): Schedule | undefined {
  if (text === "base") return [];
  const switches: Switch[] = [];
  for (const part of text.split(",")) {
    const match = /^(\d{1,6}):([a-z][a-z0-9-]*)$/.exec(part.trim());
    if (!match) return undefined;
    switches.push({ at: Number(match[1]), actor: match[2]! });
  }
  return switches.every(({ at }, i) => i === 0 || at > switches[i - 1]!.at) ? switches : undefined;
}
