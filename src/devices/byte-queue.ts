/** A bounded first-in first-out queue of small numbers, without allocation after construction. */

export class ByteQueue {
  readonly capacity: number;
  private readonly items: Uint16Array;
  private head = 0;
  private count = 0;

  /** `capacity` is the number of items that fit. */
  constructor(capacity: number) {
    this.capacity = capacity;
    this.items = new Uint16Array(capacity);
  }

  get length(): number {
    return this.count;
  }

  get room(): number {
    return this.capacity - this.count;
  }

  /** Appends an item of up to 16 bits; false when the queue is full. */
  push(item: number): boolean {
    if (this.count === this.capacity) return false;
    this.items[(this.head + this.count) % this.capacity] = item;
    this.count++;
    return true;
  }

  /** The oldest item; 0 when there is none. */
  peek(): number {
    return this.count === 0 ? 0 : this.items[this.head];
  }

  /** Takes the oldest item; 0 when there is none. */
  shift(): number {
    if (this.count === 0) return 0;
    const item = this.items[this.head];
    this.head = (this.head + 1) % this.capacity;
    this.count--;
    return item;
  }

  /** Replaces the item `index` places behind the oldest. */
  replace(index: number, item: number): void {
    if (index < this.count) this.items[(this.head + index) % this.capacity] = item;
  }

  /** Whether any item is greater than `limit`. */
  hasAbove(limit: number): boolean {
    for (let i = 0; i < this.count; i++) {
      if (this.items[(this.head + i) % this.capacity] > limit) return true;
    }
    return false;
  }

  clear(): void {
    this.head = 0;
    this.count = 0;
  }

  toArray(): number[] {
    const result = [];
    for (let i = 0; i < this.count; i++) result.push(this.items[(this.head + i) % this.capacity]);
    return result;
  }

  /** Replaces the contents; items beyond the capacity are dropped. */
  fill(items: readonly number[]): void {
    this.clear();
    for (const item of items) this.push(item);
  }
}
