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

/** Writes the file line by line, so that it need not be held in memory. */
export class ChromeTrace {
  private readonly writeLine: (line: string) => void;
  private readonly tracks = new Map<string, number>();
  /** Tracks whose vCPU is in the guest. */
  private readonly inGuest = new Set<number>();
  /** Time of the last event, at which slices end that are still open. */
  private last = 0;

  constructor(processName: string, writeLine: (line: string) => void) {
    this.writeLine = writeLine;
    const first = { name: "process_name", ph: "M", pid: PID, tid: 0, args: { name: processName } };
    writeLine(`{"displayTimeUnit":"ns","traceEvents":[\n${JSON.stringify(first)}`);
  }

  /** The track of a thread, made when it is first named. */
  private track(actor: string): number {
    let tid = this.tracks.get(actor);
    if (tid === undefined) {
      tid = this.tracks.size + 1;
      this.tracks.set(actor, tid);
      this.add({ name: "thread_name", ph: "M", pid: PID, tid, args: { name: actor } });
    }
    return tid;
  }

  /** A step that takes `micros` from `at` on. */
  slice(actor: string, name: string, at: number, micros: number): void {
    const tid = this.track(actor);
    this.add({ name, ph: "X", pid: PID, tid, ts: at, dur: micros });
  }

  instant(actor: string, name: string, at: number, text: string): void {
    const tid = this.track(actor);
    this.add({ name, ph: "i", pid: PID, tid, ts: at, s: "t", args: { text } });
  }

  /** An event of L0 at its own time; entries and exits become a slice "guest". */
  event({ time, actor, name, text, pcpu }: KvmEvent): void {
    const ts = time / 1000;
    const tid = this.track(actor);
    const args = { text, pcpu };
    this.last = ts;
    if (name === "kvm_entry" && !this.inGuest.has(tid)) {
      this.inGuest.add(tid);
      this.add({ name: "guest", ph: "B", pid: PID, tid, ts, args });
    } else if (name === "kvm_exit" && this.inGuest.delete(tid)) {
      this.add({ name: "guest", ph: "E", pid: PID, tid, ts, args });
    } else {
      this.add({ name, ph: "i", pid: PID, tid, ts, s: "t", args });
    }
  }

  /** Ends the file. */
  end(): void {
    for (const tid of this.inGuest) {
      this.add({ name: "guest", ph: "E", pid: PID, tid, ts: this.last });
    }
    this.writeLine("]}");
  }

  private add(event: ChromeEvent): void {
    this.writeLine(`,${JSON.stringify(event)}`);
  }
}
