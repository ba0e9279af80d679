/**
 * Values from genes. A gene is a 32-bit number; 0 always means the plainest choice, so that a
 * failure shrinks towards it.
 */

/** 64-bit operands at the edges of what instructions distinguish. */
export const EDGES: readonly bigint[] = [
  0n,
  1n,
  2n,
  0xffffffffffffffffn,
  0x7fn,
  0x80n,
  0xffn,
  0x7fffn,
  0x8000n,
  0xffffn,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  0x100000000n,
  0x7fffffffffffffffn,
  0x8000000000000000n,
  0xffffffffffffff80n,
  0xffffffffffff8000n,
  0xffffffff80000000n,
  0x0fn,
  0x10n,
  0x5555555555555555n,
  0xaaaaaaaaaaaaaaaan,
  0xfffffffffffffffen,
];

/** Mixes a gene into an unrelated 32-bit number; 0 stays 0. */
export function mix(gene: number): number {
  let x = gene | 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/** A second number from the same gene. */
export function mixAgain(gene: number): number {
  return mix(Math.imul(gene, 0x9e3779b1));
}

/** Low 32 bits of the value that the last `pick` left above it. */
export let pickedHigh = 0;

const EDGE_LOW = EDGES.map((edge) => Number(edge & 0xffffffffn));
const EDGE_HIGH = EDGES.map((edge) => Number(edge >> 32n));

/** A 64-bit operand: returns its low half and leaves the high half in `pickedHigh`. */
export function pick(gene: number): number {
  const detail = gene >>> 4;
  switch (gene & 15) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
    case 5: {
      const edge = detail % EDGES.length;
      pickedHigh = EDGE_HIGH[edge]!;
      return EDGE_LOW[edge]!;
    }
    case 6:
    case 7:
      pickedHigh = 0;
      return detail & 0x7f;
    case 8:
      pickedHigh = 0;
      return detail & 0xffff;
    case 9:
      pickedHigh = 0;
      return mix(gene);
    case 10: {
      // A small negative number.
      pickedHigh = 0xffffffff;
      return ~(detail & 0xff) >>> 0;
    }
    case 11: {
      // One bit set or one bit clear.
      const bit = detail & 31;
      const low = (detail & 32) !== 0 ? 0 : (1 << bit) >>> 0;
      const high = (detail & 32) !== 0 ? (1 << bit) >>> 0 : 0;
      const flip = (detail & 64) !== 0;
      pickedHigh = flip ? ~high >>> 0 : high;
      return flip ? ~low >>> 0 : low;
    }
    default:
      pickedHigh = mixAgain(gene);
      return mix(gene);
  }
}

/** The same as one number. */
export function pickBig(gene: number): bigint {
  const low = pick(gene);
  return (BigInt(pickedHigh) << 32n) | BigInt(low);
}

/** A fast generator of genes. */
export class Genes {
  private state: number;

  constructor(seed: number) {
    this.state = mix(seed + 1) || 1;
  }

  next(): number {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x;
    return x >>> 0;
  }

  fill(genome: Uint32Array): void {
    for (let i = 0; i < genome.length; i++) genome[i] = this.next();
  }
}
