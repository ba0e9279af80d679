/** Locks of L0's threads. */
import type { Task, Wait } from "./scheduler.ts";

/** A lock for many readers or one writer, as KVM's mmu_lock. */
export class RwLock {
  private readers = 0;
  private writer = false;
  private readonly forRead: Wait;
  private readonly forWrite: Wait;

  constructor(readonly name: string) {
    this.forRead = { why: `${name} (read)`, ready: () => !this.writer };
    this.forWrite = { why: `${name} (write)`, ready: () => !this.writer && this.readers === 0 };
  }

  get isHeld(): boolean {
    return this.writer || this.readers > 0;
  }

  get isWriteHeld(): boolean {
    return this.writer;
  }

  *lockRead(): Task {
    while (this.writer) yield this.forRead;
    this.readers++;
  }

  unlockRead(): void {
    if (this.readers === 0) throw new Error(`${this.name}: not held for reading`);
    this.readers--;
  }

  *lockWrite(): Task {
    while (this.writer || this.readers > 0) yield this.forWrite;
    this.writer = true;
  }

  unlockWrite(): void {
    if (!this.writer) throw new Error(`${this.name}: not held for writing`);
    this.writer = false;
  }
}

/** A lock for one holder. */
export class Mutex {
  private held = false;
  private readonly free: Wait;

  constructor(readonly name: string) {
    this.free = { why: name, ready: () => !this.held };
  }

  get isHeld(): boolean {
    return this.held;
  }

  *lock(): Task {
    while (this.held) yield this.free;
    this.held = true;
  }

  unlock(): void {
    if (!this.held) throw new Error(`${this.name}: not held`);
    this.held = false;
  }
}
