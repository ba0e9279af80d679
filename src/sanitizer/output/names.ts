/** How addresses of the guest are shown, in all kinds of output. */
import type { Site } from "../types.ts";

/** What the reader of a report can look up; what it cannot is left out. */
export interface Names {
  /** `name+0x12` for a linear address. */
  symbol?(address: bigint): string | undefined;
  /** The instruction in `code`, which lies at `address`. */
  disassemble?(code: Uint8Array, bits: 16 | 32 | 64, address: bigint): string | undefined;
}

export function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}

/** `CPU 0 at 0x1012c0 <change_entry>`, or the name of the host's function. */
export function placeText(site: Site, names: Names): string {
  if (site.actor !== undefined) return `${site.actor} on CPU ${site.cpu}`;
  if (site.layer === "host") return "the host";
  const symbol = names.symbol?.(site.rip);
  const mode = site.layer === "non-root" ? ", in VMX non-root operation," : "";
  return `CPU ${site.cpu}${mode} at ${hex(site.rip)}${symbol === undefined ? "" : ` <${symbol}>`}`;
}
