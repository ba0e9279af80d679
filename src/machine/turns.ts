/** How long a processor may run before the next one has its turn. */

/** Longest slice; V8 exchanges the code of a function only between its calls. */
const SLICE_TICKS = 50_000;
/** Turns of a processor among several, in ticks: drawn by the seed from this range. */
const QUANTUM_MIN = 500;
const QUANTUM_SPREAD = 1500;

export class Turns {
  private state: bigint;
  private rest = 0;

  constructor(seed: number) {
    this.state = BigInt(seed) ^ 0x9e3779b97f4a7c15n;
  }

  /** True when the processor whose turn it was goes on with it. */
  get isCut(): boolean {
    return this.rest > 0;
  }

  /** Ticks of the turn that begins or goes on. */
  take(hasOthers: boolean): number {
    if (this.rest > 0) return this.rest;
    return hasOthers ? this.quantum() : SLICE_TICKS;
  }

  /**
   * Ends a slice; `left` ticks of the turn remain when it was cut by the end of a run. The turn then
   * goes on as if it had not been cut: the seed alone decides whose turn it is.
   */
  end(left: number): void {
    this.rest = Math.max(left, 0);
  }

  private quantum(): number {
    // xorshift64: the order of processors must differ by seed and be the same for one.
    let x = this.state;
    x ^= BigInt.asUintN(64, x << 13n);
    x ^= x >> 7n;
    x ^= BigInt.asUintN(64, x << 17n);
    this.state = x;
    return QUANTUM_MIN + (Number(x & 0x7fffffffn) % QUANTUM_SPREAD);
  }
}
