/**
 * The threads of L0 as coroutines: vCPU threads, callers of the notifier, userspace. In front of each
 * step that another thread can see they yield its name; locks and waits yield what they wait for.
 */

/** Something that a thread waits for. */
export interface Wait {
  readonly why: string;
  ready(): boolean;
}

/** A stay in the guest: the processor runs instead of the thread. */
export interface GuestStay {
  readonly why: "guest";
  /** Whether the processor is there for it, and the guest has something to do. */
  ready(): boolean;
  /** Runs the guest for some time. True when the thread is to go on. */
  run(): boolean;
}

/** What a thread yields: the name of the step that comes next, a wait, or a stay in the guest. */
export type Step = string | Wait | GuestStay;
export type Task<T = void> = Generator<Step, T, void>;

export interface Actor {
  readonly name: string;
  readonly task: Task<unknown>;
  /** What it yielded last. */
  at: Step;
  done: boolean;
  /** Called before each of its steps: the processor becomes the one that its thread runs on. */
  readonly resume: (() => void) | undefined;
}

/** Who goes on: one of `runnable`, which is never empty. */
export type Chooser = (runnable: readonly Actor[], last: Actor | undefined) => Actor;

/** Lets the thread that ran last go on as long as it can; then the next in order. */
export const inOrder: Chooser = (runnable, last) =>
  last !== undefined && runnable.includes(last) ? last : runnable[0]!;

/** Chooses by a seed, another actor at every point. */
export function bySeed(seed: number): Chooser {
  let state = (seed ^ 0x9e3779b9) >>> 0 || 1;
  return (runnable) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return runnable[state % runnable.length]!;
  };
}

export class Scheduler {
  readonly actors: Actor[] = [];
  choose: Chooser;
  /** Told of each step that is about to be made. */
  onStep: ((actor: Actor, step: string) => void) | undefined;
  /** An actor makes a step. */
  isStepping = false;
  private last: Actor | undefined;
  private current: Actor | undefined;

  constructor(choose: Chooser = inOrder) {
    this.choose = choose;
  }

  /** Name of the actor that makes a step, or made the last. */
  get currentName(): string {
    return this.current?.name ?? "L0";
  }

  spawn(name: string, task: Task<unknown>, resume?: () => void): Actor {
    const actor: Actor = { name, task, at: "start", done: false, resume };
    this.actors.push(actor);
    return actor;
  }

  /** Actors that can make a step. */
  runnable(): Actor[] {
    return this.actors.filter(({ at, done }) => !done && (typeof at === "string" || at.ready()));
  }

  /** One step of an actor that can make one. */
  step(actor: Actor): void {
    const { at } = actor;
    this.current = actor;
    this.onStep?.(actor, typeof at === "string" ? at : at.why);
    this.isStepping = true;
    try {
      if (typeof at === "object" && "run" in at && !at.run()) return;
      actor.resume?.();
      const { value, done } = actor.task.next();
      if (done) {
        actor.done = true;
        this.actors.splice(this.actors.indexOf(actor), 1);
      } else {
        actor.at = value;
      }
    } finally {
      this.isStepping = false;
    }
  }

  /** One step of whoever is chosen; false when nobody can make one. */
  stepAny(): boolean {
    const runnable = this.runnable();
    if (runnable.length === 0) return false;
    const actor = this.choose(runnable, this.last);
    this.last = actor;
    this.step(actor);
    return true;
  }

  /**
   * Runs `task` to its end together with all others, whom the chooser chooses or, with `inTurn`, each in
   * its turn. @throws Error when it can never end.
   */
  complete<T>(name: string, task: Task<T>, inTurn = false): T {
    let result: { value: T } | undefined;
    const wrapped = function* (): Task {
      result = { value: yield* task };
    };
    const actor = this.spawn(name, wrapped());
    const chosen = this.choose;
    let turn = 0;
    if (inTurn) this.choose = (runnable) => runnable[turn++ % runnable.length]!;
    try {
      while (!actor.done) {
        if (!this.stepAny()) throw new Error(`deadlock: ${this.describe()}`);
      }
    } finally {
      this.choose = chosen;
    }
    return result!.value;
  }

  /** Each actor and what it is at, for messages. */
  describe(): string {
    return this.actors
      .map(({ name, at }) => `${name}: ${typeof at === "string" ? at : at.why}`)
      .join("; ");
  }
}

/** Runs a task at once where no other thread can be in its way. @throws Error when it has to wait. */
export function runNow<T>(task: Task<T>): T {
  for (;;) {
    const { value, done } = task.next();
    if (done) return value;
    if (typeof value === "object" && !value.ready()) {
      throw new Error(`has to wait for ${value.why}`);
    }
  }
}
