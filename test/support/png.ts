/** Reads pictures that Chromium writes: PNG with 8 bits a channel, RGB or RGBA, not interlaced. */
import { inflateSync } from "node:zlib";

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** How many pixels have each colour, as #rrggbb. */
  readonly colours: ReadonlyMap<string, number>;
}

/** Restores a line from its difference to its neighbours (PNG, "Filtering"). */
function unfilter(type: number, line: Uint8Array, above: Uint8Array, step: number): void {
  for (let i = 0; i < line.length; i++) {
    const left = i >= step ? line[i - step]! : 0;
    const up = above[i]!;
    const corner = i >= step ? above[i - step]! : 0;
    let guess = 0;
    if (type === 1) guess = left;
    else if (type === 2) guess = up;
    else if (type === 3) guess = (left + up) >> 1;
    else if (type === 4) {
      const near = left + up - corner;
      const [a, b, c] = [left, up, corner].map((value) => Math.abs(near - value));
      guess = a! <= b! && a! <= c! ? left : b! <= c! ? up : corner;
    }
    line[i] = (line[i]! + guess) & 0xff;
  }
}

export function readPng(bytes: Buffer): Picture {
  const width = bytes.readUInt32BE(16);
  const height = bytes.readUInt32BE(20);
  const [depth, type, , , interlaced] = bytes.subarray(24, 29);
  const step = type === 6 ? 4 : 3;
  if (depth !== 8 || (type !== 2 && type !== 6) || interlaced !== 0) throw new Error("no such PNG");
  const data: Buffer[] = [];
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    if (bytes.toString("latin1", at + 4, at + 8) === "IDAT") {
      data.push(bytes.subarray(at + 8, at + 8 + length));
    }
    at += length + 12;
  }
  const raw = inflateSync(Buffer.concat(data));
  const colours = new Map<string, number>();
  let above = new Uint8Array(width * step);
  for (let y = 0; y < height; y++) {
    const start = y * (width * step + 1);
    const line = Uint8Array.from(raw.subarray(start + 1, start + 1 + width * step));
    unfilter(raw[start]!, line, above, step);
    for (let x = 0; x < width * step; x += step) {
      const colour = `#${Buffer.from(line.subarray(x, x + 3)).toString("hex")}`;
      colours.set(colour, (colours.get(colour) ?? 0) + 1);
    }
    above = line;
  }
  return { width, height, colours };
}
