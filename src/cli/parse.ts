/** Reads the values of options; what makes no sense is a UsageError that quotes it. */
import { UsageError } from "./errors.ts";

const UNITS: Readonly<Record<string, number>> = { "": 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/** A size in bytes: a number, with K, M or G behind it for KiB, MiB or GiB. */
export function parseSize(option: string, text: string): number {
  const match = /^(\d{1,15})([kmg]?)(?:ib|b)?$/i.exec(text);
  const unit = UNITS[match?.[2]?.toLowerCase() ?? "?"];
  if (!match || unit === undefined) {
    throw new UsageError(`${option} "${text}": give a size such as 64M, 1G or 65536`);
  }
  return Number(match[1]) * unit;
}

/** An integer from `min` to `max`, decimal or with 0x. */
export function parseInteger(option: string, text: string, min: number, max: number): number {
  const value = /^(?:\d+|0x[0-9a-f]+)$/i.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw new UsageError(`${option} "${text}": give an integer from ${min} to ${max}`);
  }
  return value;
}

/** A physical address, hexadecimal with 0x or decimal. */
export function parseAddress(option: string, text: string): number {
  const value = /^(?:\d+|0x[0-9a-f]+)$/i.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) {
    throw new UsageError(`${option} "${text}": give an address such as 0x7c00`);
  }
  return value;
}

const TIMEOUT_SECONDS_MAX = 2_000_000;

/** Seconds of wall time, with a fraction if need be; the result is in milliseconds. */
export function parseSeconds(option: string, text: string): number {
  const value = /^(?:\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
  if (!(value > 0 && value <= TIMEOUT_SECONDS_MAX)) {
    throw new UsageError(`${option} "${text}": give seconds, more than 0 and at most 2000000`);
  }
  return value * 1000;
}

/** A moment as ISO 8601 or in seconds since 1970; the result is in seconds. */
export function parseMoment(option: string, text: string): number {
  const seconds = /^\d+$/.test(text) ? Number(text) : Math.floor(Date.parse(text) / 1000);
  // The clock has two digits for the year and two for the century.
  if (!Number.isSafeInteger(seconds) || seconds < 0 || seconds >= 253_402_300_800) {
    throw new UsageError(`${option} "${text}": give a date such as 2026-01-31T12:00:00Z`);
  }
  return seconds;
}

export interface CpuChoice {
  readonly model: string | undefined;
  readonly features: readonly string[];
}

/** NAME,+feature,-feature; the name may be left out to change the default model. */
export function parseCpu(option: string, text: string): CpuChoice {
  const parts = text.split(",").map((part) => part.trim());
  const named = parts[0] !== "" && !/^[+-]/.test(parts[0]!);
  const features = named ? parts.slice(1) : parts;
  for (const feature of features) {
    if (!/^[+-]\w+$/.test(feature)) {
      throw new UsageError(`${option} "${text}": write NAME,+feature,-feature`);
    }
  }
  return { model: named ? parts[0] : undefined, features };
}

/** FILE[,cmdline]; two commas stand for one in the name. */
export function parseModule(
  option: string,
  text: string,
): { readonly path: string; readonly cmdline: string | undefined } {
  const match = /^((?:[^,]|,,)*)(?:,([\s\S]*))?$/.exec(text);
  const path = (match?.[1] ?? "").replaceAll(",,", ",");
  if (path === "") throw new UsageError(`${option} "${text}": give a file`);
  return { path, cmdline: match?.[2] };
}

/** A list of words separated by commas, each one of `known`; "all" stands for all of them. */
export function parseKinds<T extends string>(
  option: string,
  text: string,
  known: readonly T[],
): ReadonlySet<T> {
  const words = text.split(",").map((word) => word.trim());
  if (words.includes("all")) return new Set(known);
  for (const word of words) {
    if (!known.includes(word as T)) {
      throw new UsageError(`${option} "${word}": use ${known.join(", ")} or all`);
    }
  }
  return new Set(words as T[]);
}
