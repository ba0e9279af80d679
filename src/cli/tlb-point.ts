/** The point at which `vmxlab tlb` looks at the machine: `--at`. */
import type { SymbolTable } from "../loaders/symbols.ts";
import type { MachineHooks } from "../machine/hooks.ts";
import type { Machine } from "../machine/machine.ts";
import { oneLine, UsageError } from "./errors.ts";
import type { RunEnd } from "./exit-status.ts";

export type Point =
  | { readonly kind: "end" }
  | { readonly kind: "instructions"; readonly count: number }
  | { readonly kind: "vm-entry" | "vm-exit"; readonly count: number }
  /** An address or the name of a symbol, with an offset. */
  | { readonly kind: "place"; readonly text: string };

const HOW =
  "give a number of instructions, an address such as 0x101000, a symbol, entry:N, exit:N or end";

function countOf(digits: string, refuse: () => UsageError): number {
  const count = Number(digits);
  if (!Number.isSafeInteger(count) || count < 1) throw refuse();
  return count;
}

/** @throws UsageError */
export function parsePoint(option: string, text: string): Point {
  const refuse = () => new UsageError(`${option} "${oneLine(text)}": ${HOW}`);
  if (text === "end") return { kind: "end" };
  if (/^\d+$/.test(text)) return { kind: "instructions", count: countOf(text, refuse) };
  const event = /^(entry|exit):(\d+)$/.exec(text);
  if (event) {
    const kind = event[1] === "entry" ? "vm-entry" : "vm-exit";
    return { kind, count: countOf(event[2]!, refuse) };
  }
  if (!/^(?:0x[0-9a-f]{1,16}|[A-Za-z_.$][\w.$@]*(?:\+(?:0x[0-9a-f]+|\d+))?)$/i.test(text)) {
    throw refuse();
  }
  return { kind: "place", text };
}

/** The address that `text` names: a number, or a symbol with an offset. @throws UsageError */
export function resolveAddress(
  option: string,
  text: string,
  symbols: SymbolTable | undefined,
): bigint {
  const refuse = (why: string) => new UsageError(`${option} "${oneLine(text)}": ${why}`);
  if (/^(?:0x[0-9a-f]+|\d+)$/i.test(text)) {
    const value = BigInt(text);
    if (value >= 1n << 64n) throw refuse("an address has at most 64 bits");
    return value;
  }
  const match = /^([A-Za-z_.$][\w.$@]*?)(?:\+(0x[0-9a-f]+|\d+))?$/i.exec(text);
  if (!match) throw refuse("give an address such as 0x101000 or a symbol");
  const address = symbols?.addressOf(match[1]!);
  if (!address) {
    const none = symbols === undefined || symbols.count === 0;
    throw refuse(none ? "the image has no symbols: see --symbols" : "there is no such symbol");
  }
  const base = (BigInt(address.hi >>> 0) << 32n) | BigInt(address.lo >>> 0);
  return BigInt.asUintN(64, base + BigInt(match[2] ?? 0));
}

/** Ends the run before the next instruction: a request to stop alone is seen at some later event. */
function stopHere(machine: Machine): void {
  machine.stop();
  machine.core.exports.shortenSlice(machine.time);
}

/** Makes `machine` stop at the point. Returns the hooks that this takes. */
export function stopAt(
  point: Point,
  machine: Machine,
  symbols: SymbolTable | undefined,
): MachineHooks {
  switch (point.kind) {
    case "place":
      machine.addBreakpoint(resolveAddress("--at", point.text, symbols));
      return {};
    case "vm-entry": {
      let left = point.count;
      return {
        onVmEntry: () => {
          if (--left === 0) stopHere(machine);
        },
      };
    }
    case "vm-exit": {
      let left = point.count;
      return {
        onVmExit: () => {
          if (--left === 0) stopHere(machine);
        },
      };
    }
    default:
      return {};
  }
}

/** Whether a run that ended so came to the point. */
export function isReached(point: Point, end: RunEnd): boolean {
  switch (point.kind) {
    case "end":
      return end.kind !== "time-limit" && end.kind !== "aborted" && end.kind !== "output-closed";
    case "instructions":
      return end.kind === "instruction-limit";
    case "place":
      return end.kind === "breakpoint";
    default:
      return end.kind === "stopped";
  }
}

export function describePoint(point: Point): string {
  switch (point.kind) {
    case "end":
      return "the end";
    case "instructions":
      return `instruction ${point.count.toLocaleString("en-US")}`;
    case "vm-entry":
      return `VM entry ${point.count}`;
    case "vm-exit":
      return `VM exit ${point.count}`;
    case "place":
      return point.text;
  }
}
