/**
 * The host's scheduler where there are more vCPUs than logical processors: threads wait in one queue for
 * a free processor, and give theirs back when they sleep or when others wait and their time is over.
 */
import { FIELD, SECONDARY } from "../generated/vmx.ts";
import type { Pcpu } from "./pcpu.ts";
import type { Task, Wait } from "./scheduler.ts";
import type { Vcpu } from "./vcpu.ts";
import { schedIn, schedOut } from "./vcpu-load.ts";

/** Virtual time that a thread may keep its processor while others wait, in ticks. */
export const TIME_SLICE_TICKS = 100_000;

const PROCBASED_CTLS2 = 0x48b;
/** Ticks between two PAUSEs of one loop at most, and of a loop before it exits (ple_gap, ple_window). */
const PLE_GAP = 128;
const PLE_WINDOW = 4096;

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

  /**
   * A vCPU that spins may wait for one that has no processor: PAUSE in a loop exits (SDM "PAUSE-loop
   * exiting"), with KVM's window.
   */
  exitFromSpinning({ hw }: Vcpu): void {
    if (hw.rdmsr(PROCBASED_CTLS2) === undefined) return;
    if ((hw.hi & SECONDARY.pause_loop_exiting) === 0) return;
    hw.change(FIELD.secondary_proc_controls, SECONDARY.pause_loop_exiting);
    hw.write(FIELD.ple_gap, PLE_GAP);
    hw.write(FIELD.ple_window, PLE_WINDOW);
  }

  /** It spins (kvm_vcpu_on_spin): whoever waits has its turn. */
  onSpin(vcpu: Vcpu): void {
    if (this.waiting.length > 0) vcpu.preempted = true;
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
