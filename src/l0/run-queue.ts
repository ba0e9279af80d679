/**
 * The host's scheduler where there are more vCPUs than logical processors: threads wait in one queue for
 * a free processor, and give theirs back when they sleep or when others wait and their time is over.
 */
import type { Pcpu } from "./pcpu.ts";
import type { Task, Wait } from "./scheduler.ts";
import type { Vcpu } from "./vcpu.ts";
import { schedIn, schedOut } from "./vcpu-load.ts";

/** Virtual time that a thread may keep its processor while others wait, in ticks. */
export const TIME_SLICE_TICKS = 100_000;

export class RunQueue {
  private readonly pcpus: readonly Pcpu[];
  private readonly now: () => number;
  private readonly waiting: Vcpu[] = [];
  /** When each thread came to its processor. */
  private readonly since = new Map<Vcpu, number>();

  constructor(pcpus: readonly Pcpu[], now: () => number) {
    this.pcpus = pcpus;
    this.now = now;
  }

  /** Waits for a processor, and takes it. */
  *acquire(vcpu: Vcpu): Task {
    this.waiting.push(vcpu);
    const wait: Wait = {
      why: `vCPU ${vcpu.index}: a processor`,
      ready: () => this.processorFor(vcpu) !== undefined,
    };
    let pcpu = this.processorFor(vcpu);
    while (pcpu === undefined) {
      yield wait;
      pcpu = this.processorFor(vcpu);
    }
    this.waiting.splice(this.waiting.indexOf(vcpu), 1);
    this.since.set(vcpu, this.now());
    yield* schedIn(vcpu, pcpu);
  }

  /** The thread sleeps without a processor until `wait` is over. */
  *sleep(vcpu: Vcpu, wait: Wait): Task {
    schedOut(vcpu);
    while (!wait.ready()) yield wait;
    yield* this.acquire(vcpu);
  }

  /** The thread goes to the end of the queue. */
  *yieldProcessor(vcpu: Vcpu): Task {
    vcpu.preempted = false;
    schedOut(vcpu);
    yield "schedule";
    yield* this.acquire(vcpu);
  }

  /** A stay in the guest on `pcpu` is over, or goes on: whether its thread has to make room. */
  tick(pcpu: Pcpu): void {
    const { vcpu } = pcpu;
    if (vcpu === undefined || vcpu.preempted || this.waiting.length === 0) return;
    if (this.now() - (this.since.get(vcpu) ?? 0) < TIME_SLICE_TICKS) return;
    vcpu.preempted = true;
    vcpu.kick();
  }

  /** A free processor, when it is this thread's turn: the one where it ran last if that is free. */
  private processorFor(vcpu: Vcpu): Pcpu | undefined {
    const free = this.pcpus.filter((pcpu) => pcpu.vcpu === undefined);
    const place = this.waiting.indexOf(vcpu);
    if (place >= free.length) return undefined;
    const last = free.find(({ index }) => index === vcpu.loadedVmcs.cpu);
    return last ?? free[place];
  }
}
