/** The legacy frame of LZ4 in which kernels are packed, unpacked. */

/** First word of a legacy frame. */
export const LZ4_LEGACY_MAGIC = 0x184c2102;

const SHORTEST_MATCH = 4;
const NIBBLE_FULL = 15;

/**
 * Unpacks a legacy frame: after the magic, blocks with their packed size in front.
 * @throws RangeError when it does not give exactly `size` bytes.
 */
export function unpackLz4Legacy(frame: Uint8Array, size: number): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  if (view.getUint32(0, true) !== LZ4_LEGACY_MAGIC) throw new RangeError("no legacy LZ4 frame");
  const out = new Uint8Array(size);
  let written = 0;
  for (let at = 4; at < frame.length; ) {
    const packed = view.getUint32(at, true);
    written = unpackBlock(frame.subarray(at + 4, at + 4 + packed), out, written);
    at += 4 + packed;
  }
  if (written !== size) throw new RangeError(`${written} bytes instead of ${size}`);
  return out;
}

/** Appends one block to `out` from `start`; returns where it ends. */
function unpackBlock(block: Uint8Array, out: Uint8Array, start: number): number {
  let from = 0;
  let to = start;
  /** A nibble of the token, with the bytes that lengthen it. */
  const length = (nibble: number): number => {
    let sum = nibble;
    if (nibble < NIBBLE_FULL) return sum;
    for (;;) {
      const more = block[from++]!;
      sum += more;
      if (more !== 255) return sum;
    }
  };
  while (from < block.length) {
    const token = block[from++]!;
    const literals = length(token >> 4);
    if (from + literals > block.length || to + literals > out.length) {
      throw new RangeError("literals beyond the end");
    }
    out.set(block.subarray(from, from + literals), to);
    from += literals;
    to += literals;
    // The last sequence has literals only.
    if (from >= block.length) break;
    const distance = block[from]! | (block[from + 1]! << 8);
    from += 2;
    const matched = length(token & NIBBLE_FULL) + SHORTEST_MATCH;
    if (distance === 0 || to - distance < start || to + matched > out.length) {
      throw new RangeError("a match outside the block");
    }
    copyMatch(out, to, distance, matched);
    to += matched;
  }
  return to;
}

/** Copies what lies `distance` back; a match may overlap itself. */
function copyMatch(out: Uint8Array, to: number, distance: number, length: number): void {
  if (distance >= length) out.copyWithin(to, to - distance, to - distance + length);
  else for (let i = 0; i < length; i++) out[to + i] = out[to + i - distance]!;
}
