/**
 * Traces in Chrome's JSON form, which Perfetto opens: one track for each thread of L0, stays in the guest
 * as slices, the other events as instants.
 */
import type { KvmEvent } from "./trace.ts";

/** One entry of the list `traceEvents`. Times are in microseconds. */
export interface ChromeEvent {
  readonly name: string;
  readonly ph: "M" | "X" | "i" | "B" | "E";
  readonly pid: number;
  readonly tid: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly s?: "t";
  readonly args?: Readonly<Record<string, unknown>>;
}

const PID = 1;

export class ChromeTrace {
  private readonly events: ChromeEvent[] = [];
  private readonly tracks = new Map<string, number>();
  /** Tracks whose vCPU is in the guest. */
  private readonly inGuest = new Set<number>();

  constructor(processName: string) {
    const args = { name: processName };
    this.events.push({ name: "process_name", ph: "M", pid: PID, tid: 0, args });
  }

  /** The track of a thread, made when it is first named. */
  private track(actor: string): number {
    let tid = this.tracks.get(actor);
    if (tid === undefined) {
      tid = this.tracks.size + 1;
      this.tracks.set(actor, tid);
      this.events.push({ name: "thread_name", ph: "M", pid: PID, tid, args: { name: actor } });
    }
    return tid;
  }

  /** A step that takes `micros` from `at` on. */
  slice(actor: string, name: string, at: number, micros: number, args = {}): void {
    const tid = this.track(actor);
    this.events.push({ name, ph: "X", pid: PID, tid, ts: at, dur: micros, args });
  }

  instant(actor: string, name: string, at: number, text: string): void {
    const tid = this.track(actor);
    this.events.push({ name, ph: "i", pid: PID, tid, ts: at, s: "t", args: { text } });
  }

  /** An event of L0 at its own time; entries and exits become a slice "guest". */
  event({ time, actor, name, text, pcpu }: KvmEvent): void {
    const ts = time / 1000;
    const tid = this.track(actor);
    if (name === "kvm_entry" && !this.inGuest.has(tid)) {
      this.inGuest.add(tid);
      this.events.push({ name: "guest", ph: "B", pid: PID, tid, ts, args: { text, pcpu } });
    } else if (name === "kvm_exit" && this.inGuest.delete(tid)) {
      this.events.push({ name: "guest", ph: "E", pid: PID, tid, ts, args: { text, pcpu } });
    } else {
      this.events.push({ name, ph: "i", pid: PID, tid, ts, s: "t", args: { text, pcpu } });
    }
  }

  /** The file: one line for each event. */
  *lines(): Generator<string> {
    yield '{"displayTimeUnit":"ns","traceEvents":[';
    const last = this.events.length - 1;
    for (const [i, event] of this.events.entries()) {
      yield `${JSON.stringify(event)}${i === last ? "" : ","}`;
    }
    yield "]}";
  }
}
