/** What an instruction left, on the core and above L0, and how the two differ. */

export interface Result {
  /** The exception that ended the instruction, or -1. */
  readonly vector: number;
  readonly error: number;
  readonly cr2: bigint;
  readonly rip: bigint;
  readonly rflags: number;
  readonly gpr: readonly bigint[];
  /** Selector, base, limit and access of ES to TR. */
  readonly segments: readonly (readonly [number, bigint, number, number])[];
  readonly gdtr: readonly [bigint, number];
  readonly idtr: readonly [bigint, number];
  readonly cr0: number;
  readonly floating: Uint8Array;
  readonly device: Uint8Array;
  readonly pages: readonly Uint8Array[];
}

const SEGMENT_NAMES = ["ES", "CS", "SS", "DS", "FS", "GS", "LDTR", "TR"];
const FLAG_BITS: Readonly<Record<string, number>> = {
  o: 0x800,
  s: 0x80,
  z: 0x40,
  a: 0x10,
  p: 4,
  c: 1,
};
const UNUSABLE = 0x10000;

const hex = (value: bigint | number) => `0x${value.toString(16)}`;

/** An unusable register but for SS says nothing beyond its selector. */
function segmentText([selector, base, limit, access]: Result["segments"][number], name: string) {
  if ((access & UNUSABLE) === 0) return [selector, base, limit, access].map(hex).join(" ");
  return name === "SS" ? `${hex(selector)} null ${(access >> 5) & 3}` : `${hex(selector)} null`;
}

function bytesDiffer(name: string, a: Uint8Array, b: Uint8Array): string[] {
  if (Buffer.compare(a, b) === 0) return [];
  const at = a.findIndex((byte, i) => byte !== b[i]);
  const show = (bytes: Uint8Array) => Buffer.from(bytes.slice(at, at + 12)).toString("hex");
  return [`${name}+${hex(at)}: ${show(a)}, above L0 ${show(b)}`];
}

/** Differences in words; `undefinedFlags` are letters of flags that count for nothing. */
export function differences(core: Result, l0: Result, undefinedFlags: string): string[] {
  const found: string[] = [];
  const compare = (name: string, a: unknown, b: unknown) => {
    if (a !== b) found.push(`${name}: ${a}, above L0 ${b}`);
  };
  compare("exception", core.vector, l0.vector);
  compare("error code", hex(core.error), hex(l0.error));
  compare("CR2", hex(core.cr2), hex(l0.cr2));
  compare("RIP", hex(core.rip), hex(l0.rip));
  // A fault pushes RF, which its exit has in the saved image already.
  const resume = core.vector >= 0 ? 0x10000 : 0;
  const ignored = [...undefinedFlags].reduce(
    (mask, letter) => mask | (FLAG_BITS[letter] ?? 0),
    resume,
  );
  compare("RFLAGS", hex((core.rflags & ~ignored) >>> 0), hex((l0.rflags & ~ignored) >>> 0));
  core.gpr.forEach((value, i) => {
    compare(`register ${i}`, hex(value), hex(l0.gpr[i]!));
  });
  SEGMENT_NAMES.forEach((name, i) => {
    compare(name, segmentText(core.segments[i]!, name), segmentText(l0.segments[i]!, name));
  });
  compare("GDTR", core.gdtr.join(), l0.gdtr.join());
  compare("IDTR", core.idtr.join(), l0.idtr.join());
  compare("CR0", hex(core.cr0), hex(l0.cr0));
  found.push(...bytesDiffer("x87 and SSE", core.floating, l0.floating));
  found.push(...bytesDiffer("device", core.device, l0.device));
  core.pages.forEach((page, i) => {
    found.push(...bytesDiffer(`page ${i}`, page, l0.pages[i]!));
  });
  return found;
}
