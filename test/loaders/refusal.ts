/** What every refused image must show: an ImageError of one line, and memory untouched. */

import { expect } from "vitest";
import {
  ImageError,
  type ImageFormat,
  type LoadOptions,
  loadAs,
  loadImage,
} from "../../src/loaders/loader.ts";
import { RecordedRam } from "./recorded-ram.ts";

export interface Attempt {
  readonly image: Uint8Array;
  readonly options?: LoadOptions;
  readonly mib?: number;
  readonly format?: ImageFormat;
}

/** Loads an image that must be good; gives memory and result. */
export function load({ image, options = {}, mib = 64, format }: Attempt) {
  const ram = new RecordedRam(mib);
  const loaded = format ? loadAs(format, ram, image, options) : loadImage(ram, image, options);
  return { ram, loaded };
}

/** Loads an image that must be bad, and whose message must match. */
export function expectRefusal({ image, options = {}, mib = 64, format }: Attempt, message: RegExp) {
  const ram = new RecordedRam(mib);
  let caught: unknown;
  try {
    if (format) loadAs(format, ram, image, options);
    else loadImage(ram, image, options);
  } catch (error) {
    caught = error;
  }
  expect(caught).toBeInstanceOf(ImageError);
  expect((caught as ImageError).message).toMatch(message);
  expect((caught as ImageError).message).not.toContain("\n");
  expect(ram.writes).toEqual([]);
}
