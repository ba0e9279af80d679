/** A set of interrupt vectors: the shape of the IRR, ISR and TMR. */

const WORDS = 8;
export const NO_VECTOR = -1;

export class VectorSet {
  /** Bit v % 32 of word v / 32 stands for vector v. */
  readonly words = new Uint32Array(WORDS);

  has(vector: number): boolean {
    return ((this.words[vector >> 5] >>> (vector & 31)) & 1) !== 0;
  }

  add(vector: number): void {
    this.words[vector >> 5] |= 1 << (vector & 31);
  }

  remove(vector: number): void {
    this.words[vector >> 5] &= ~(1 << (vector & 31));
  }

  /** The greatest vector in the set, or NO_VECTOR. */
  highest(): number {
    const words = this.words;
    for (let index = WORDS - 1; index >= 0; index--) {
      const word = words[index];
      if (word !== 0) return index * 32 + 31 - Math.clz32(word);
    }
    return NO_VECTOR;
  }

  clear(): void {
    this.words.fill(0);
  }
}
