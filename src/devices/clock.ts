/** Virtual time: a count of ticks and the timers that wait for one, in a binary heap. */
import type { Clock, Device, Timer } from "./device.ts";
import { openSnapshot, sealSnapshot } from "./snapshot.ts";

/** Largest time a timer can be armed for; later ones never come due. */
export const TIME_MAX = Number.MAX_SAFE_INTEGER;

const NOT_QUEUED = -1;

class HeapTimer implements Timer {
  /** Position in the heap, or NOT_QUEUED. */
  index = NOT_QUEUED;
  readonly time: number;
  readonly order: number;
  readonly sequence: number;
  readonly action: () => void;
  private readonly clock: VirtualClock;

  constructor(
    clock: VirtualClock,
    time: number,
    order: number,
    sequence: number,
    action: () => void,
  ) {
    this.clock = clock;
    this.time = time;
    this.order = order;
    this.sequence = sequence;
    this.action = action;
  }

  cancel(): void {
    this.clock.remove(this);
  }

  isBefore(other: HeapTimer): boolean {
    if (this.time !== other.time) return this.time < other.time;
    if (this.order !== other.order) return this.order < other.order;
    return this.sequence < other.sequence;
  }
}

/** A timer that has fired or never will. */
const SPENT: Timer = { cancel() {} };

export class VirtualClock implements Clock, Device {
  /**
   * Called when a timer is armed that is due before all others, so that whoever runs the
   * processors can shorten the slice under way.
   */
  onEarlierDeadline: ((time: number) => void) | undefined;
  private time = 0;
  private sequence = 0;
  private advancing = false;
  private readonly heap: HeapTimer[] = [];

  now(): number {
    return this.time;
  }

  /** @throws RangeError when `time` is not a number. */
  at(time: number, action: () => void, order = 0): Timer {
    if (Number.isNaN(time)) throw new RangeError("a timer needs a time");
    const due = Math.ceil(time);
    if (due <= this.time) {
      action();
      return SPENT;
    }
    if (due > TIME_MAX) return SPENT;
    const timer = new HeapTimer(this, due, order, this.sequence++, action);
    timer.index = this.heap.length;
    this.heap.push(timer);
    this.siftUp(timer.index);
    if (timer.index === 0) this.onEarlierDeadline?.(due);
    return timer;
  }

  /** Time of the timer that comes due first; Infinity when none waits. */
  nextDeadline(): number {
    return this.heap.length === 0 ? Number.POSITIVE_INFINITY : this.heap[0].time;
  }

  /** Timers that wait. */
  pendingCount(): number {
    return this.heap.length;
  }

  /**
   * Moves time forward to `time`, firing what comes due in order; each action sees its own time.
   * @throws RangeError when `time` is no integer or lies in the past; Error when an action calls.
   */
  advanceTo(time: number): void {
    if (!Number.isSafeInteger(time)) throw new RangeError(`virtual time ${time} is no integer`);
    if (time < this.time) throw new RangeError(`virtual time ${time} lies before ${this.time}`);
    if (this.advancing) throw new Error("a timer's action must not advance the clock");
    this.advancing = true;
    try {
      while (this.heap.length > 0 && this.heap[0].time <= time) {
        const timer = this.heap[0];
        this.remove(timer);
        this.time = timer.time;
        timer.action();
      }
      this.time = time;
    } finally {
      this.advancing = false;
    }
  }

  reset(): void {
    // Time goes on over a reset: the time-of-day clock and the TSC hook depend on it.
  }

  snapshot(): unknown {
    return sealSnapshot("clock", 1, { time: this.time });
  }

  /** Sets the time and drops every timer; the devices arm theirs when they are restored. */
  restore(data: unknown): void {
    const { time } = openSnapshot<{ time: number }>(data, "clock", 1);
    for (const timer of this.heap) timer.index = NOT_QUEUED;
    this.heap.length = 0;
    this.time = time;
  }

  /** Takes a timer off the heap; one that is not on it is left alone. */
  remove(timer: HeapTimer): void {
    const index = timer.index;
    if (index === NOT_QUEUED) return;
    timer.index = NOT_QUEUED;
    const last = this.heap.pop()!;
    if (last === timer) return;
    this.heap[index] = last;
    last.index = index;
    this.siftUp(index);
    this.siftDown(last.index);
  }

  private siftUp(start: number): void {
    const heap = this.heap;
    const timer = heap[start];
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!timer.isBefore(heap[parent])) break;
      heap[index] = heap[parent];
      heap[index].index = index;
      index = parent;
    }
    heap[index] = timer;
    timer.index = index;
  }

  private siftDown(start: number): void {
    const heap = this.heap;
    const timer = heap[start];
    let index = start;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1].isBefore(heap[child])) child++;
      if (!heap[child].isBefore(timer)) break;
      heap[index] = heap[child];
      heap[index].index = index;
      index = child;
    }
    heap[index] = timer;
    timer.index = index;
  }
}
