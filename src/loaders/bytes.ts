/** Bounded little-endian reads of an untrusted image, and the text that goes into guest memory. */

import { ImageError } from "./image.ts";

/** Formats an address or a size for a message. */
export function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}

/** Smallest multiple of `align` (a power of two) that is not below `value`. */
export function alignUp(value: number, align: number): number {
  return Math.ceil(value / align) * align;
}

/** Largest multiple of `align` (a power of two) that is not above `value`. */
export function alignDown(value: number, align: number): number {
  return Math.floor(value / align) * align;
}

/** Reads an image; every read outside it throws an ImageError that says "truncated". */
export class ImageReader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get length(): number {
    return this.bytes.length;
  }

  /** Throws unless `length` bytes at `offset` lie inside the image. */
  need(offset: number, length: number, what: string): void {
    if (offset >= 0 && length >= 0 && offset + length <= this.length) return;
    throw new ImageError(
      `truncated image: ${what} needs bytes ${hex(offset)} to ${hex(offset + length)}, ` +
        `the file has ${hex(this.length)}; fetch or build it again`,
    );
  }

  u8(offset: number): number {
    this.need(offset, 1, "a field");
    return this.#view.getUint8(offset);
  }

  u16(offset: number): number {
    this.need(offset, 2, "a field");
    return this.#view.getUint16(offset, true);
  }

  u32(offset: number): number {
    this.need(offset, 4, "a field");
    return this.#view.getUint32(offset, true);
  }

  u64(offset: number): bigint {
    this.need(offset, 8, "a field");
    return this.#view.getBigUint64(offset, true);
  }

  /** A view (not a copy) of part of the image. */
  slice(offset: number, length: number, what: string): Uint8Array {
    this.need(offset, length, what);
    return this.bytes.subarray(offset, offset + length);
  }
}

/** A structure under construction, written little-endian at fixed offsets. */
export class StructWriter {
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
    this.#view = new DataView(this.bytes.buffer);
  }

  u8(offset: number, value: number): void {
    this.#view.setUint8(offset, value);
  }

  u16(offset: number, value: number): void {
    this.#view.setUint16(offset, value, true);
  }

  u32(offset: number, value: number): void {
    this.#view.setUint32(offset, value, true);
  }

  /** `value` is a non-negative safe integer. */
  u64(offset: number, value: number): void {
    this.#view.setUint32(offset, value % 0x1_0000_0000, true);
    this.#view.setUint32(offset + 4, Math.floor(value / 0x1_0000_0000), true);
  }
}

/**
 * Encodes a string for guest memory as UTF-8 with a closing NUL.
 * Throws an ImageError when it holds a NUL or is longer than `bytesMax` without the closing one.
 */
export function cString(text: string, bytesMax: number, what: string): Uint8Array {
  if (text.includes("\0")) {
    throw new ImageError(`${what} contains a NUL character: remove it`);
  }
  const encoded = new TextEncoder().encode(text);
  if (encoded.length > bytesMax) {
    throw new ImageError(
      `${what} is ${encoded.length} bytes long, the limit is ${bytesMax}: shorten it`,
    );
  }
  const bytes = new Uint8Array(encoded.length + 1);
  bytes.set(encoded);
  return bytes;
}
