/** Addresses of a case: where its code begins, its operands lie and its jumps lead. */
import type { Mode } from "./forms.ts";
import { besideCode } from "./instruction.ts";
import { CODE, DATA, END, END32, PAGE, STACK16_HIGH } from "./layout.ts";
import { mix, pickBig } from "./values.ts";

/** Canonical and non-canonical addresses at the edges of the halves. */
const EDGE_ADDRESSES: readonly bigint[] = [
  0x7ffffffffff8n,
  0x7fffffffffffn,
  0x800000000000n,
  0xffff7ffffffffff9n,
  0xffff800000000000n,
  0xfffffffffffffff8n,
  0xffffffffffffffffn,
  0n,
  0x1000n,
  0x100000000n,
];

/** A linear address for an operand. */
export function chooseTarget(gene: number, long: boolean): bigint {
  const detail = gene >>> 5;
  switch (gene & 31) {
    case 16:
    case 17:
    case 18:
      return BigInt(DATA + 0x1000 - 1 - (detail % 17));
    case 19:
      return BigInt(DATA + 0x2000 - 1 - (detail % 17));
    case 20:
      return BigInt(DATA + 0x3000 - (detail % 17));
    case 21:
      return BigInt(DATA + 0x2000 + (detail & 0xfff));
    case 22:
      return BigInt(DATA - (detail % 17));
    case 23:
      if (long) return 0x123456789000n + BigInt((detail & 0xfff) - 8);
      return (detail & 0x1000) !== 0 ? BigInt(0xf000 + (detail & 0xfff)) : 0xfffff800n;
    case 24:
      return 0xfffffff0n + BigInt(detail & 15);
    case 25:
      return long ? EDGE_ADDRESSES[detail % EDGE_ADDRESSES.length]! : BigInt(detail & 0xffff);
    case 26:
      return BigInt(CODE + (detail & 0x1fff));
    case 27:
      // Around the limits of the LDT's segments.
      return BigInt(DATA + [0x17f0, 0x7f8, 0x2ff8, 0xfff8][detail & 3]! + ((detail >>> 2) & 15));
    case 28:
      return BigInt(0x21000000 + (detail & 0xffff));
    case 29:
    case 30:
    case 31:
      return BigInt(DATA + (detail & 0x1fff));
    default:
      return BigInt(DATA + 0x100 + (detail & 0x7f) * 16);
  }
}

/** A near target, relative to the code segment at `base`. */
export function nearTarget(gene: number, mode: Mode, base: bigint): bigint {
  const detail = gene >>> 3;
  if ((gene & 7) < 2) return BigInt(mode === 64 ? END : END32);
  if ((gene & 7) < 6) return BigInt(CODE + besideCode(detail)) - base;
  if ((gene & 7) === 6 && mode === 64) return EDGE_ADDRESSES[detail % EDGE_ADDRESSES.length]!;
  return pickBig(gene);
}

/** Where the code begins: seldom at the end of a page or of the code. */
export function chooseStart(gene: number): number {
  const detail = gene >>> 4;
  if ((gene & 15) >= 14) return CODE + PAGE - 1 - (detail % 20);
  if ((gene & 15) === 13) return CODE + 2 * PAGE - 1 - (detail % 20);
  return CODE + 0x800 + (detail & 0x3f);
}

/** True near pages that are the worker's natively. */
export function isHarness(address: bigint): boolean {
  const frame = BigInt(STACK16_HIGH << 16);
  const end = BigInt(END);
  return (
    (address > end - 64n && address < end + 0x2000n) ||
    (address > frame && address < frame + 0x10000n)
  );
}

export function isCanonical(address: bigint): boolean {
  return BigInt.asUintN(64, BigInt.asIntN(48, address)) === address;
}

/** A canonical segment base. */
export function baseFrom(gene: number): bigint {
  switch (gene & 7) {
    case 5:
      return BigInt(mix(gene)) << 8n;
    case 6:
      return 0xffffffff00000000n | BigInt(mix(gene));
    case 7:
      return BigInt(DATA + (gene >>> 20));
    default:
      return 0n;
  }
}
