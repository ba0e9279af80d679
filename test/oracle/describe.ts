/** Prints a case as a person reads it, and as a regression test. */
import type { Mismatch } from "./compare.ts";
import { FLAGS, flagBits, flagNames } from "./compare.ts";
import type { Form } from "./forms.ts";
import {
  CASE_FLAGS_AT,
  CASE_FLOATING_AT,
  FS_BASE_AT,
  GS_BASE_AT,
  LENGTH_AT,
  LOAD_SEGMENTS,
  OWN_FLOATING,
  PAGES,
  PATCH_COUNT_AT,
  PATCHES_AT,
  RFLAGS_AT,
  RIP_AT,
  SELECTORS_AT,
} from "./layout.ts";

export const REGISTER_NAMES = "RAX RCX RDX RBX RSP RBP RSI RDI R8 R9 R10 R11 R12 R13 R14 R15".split(
  " ",
);

export interface Placed {
  readonly address: bigint;
  readonly bytes: Uint8Array;
}

/** Everything that a case says, taken out of its bytes. */
export interface CaseState {
  readonly registers: readonly bigint[];
  readonly rip: bigint;
  readonly flags: number;
  readonly fsBase: bigint;
  readonly gsBase: bigint;
  readonly selectors: readonly number[];
  readonly ownSegments: boolean;
  /** Bytes of the instruction under test. */
  readonly length: number;
  readonly memory: readonly Placed[];
  /** x87 and SSE state as FXSAVE writes it, where the case brings one. */
  readonly floating: Uint8Array | undefined;
}

export function readCase(memory: Uint8Array, at: number): CaseState {
  const view = new DataView(memory.buffer, memory.byteOffset);
  const placed: { address: bigint; bytes: Uint8Array }[] = [];
  for (let i = 0; i < view.getUint16(at + PATCH_COUNT_AT, true); i++) {
    const row = at + PATCHES_AT + i * 8;
    const page = PAGES[view.getUint16(row, true)]!;
    const from = at + view.getUint16(row + 6, true);
    placed.push({
      address: page.address + BigInt(view.getUint16(row + 2, true)),
      bytes: memory.slice(from, from + view.getUint16(row + 4, true)),
    });
  }
  return {
    registers: Array.from({ length: 16 }, (_, r) => view.getBigUint64(at + r * 8, true)),
    rip: view.getBigUint64(at + RIP_AT, true),
    flags: view.getUint32(at + RFLAGS_AT, true),
    fsBase: view.getBigUint64(at + FS_BASE_AT, true),
    gsBase: view.getBigUint64(at + GS_BASE_AT, true),
    selectors: Array.from({ length: 6 }, (_, i) => view.getUint16(at + SELECTORS_AT + i * 2, true)),
    ownSegments: (view.getUint16(at + CASE_FLAGS_AT, true) & LOAD_SEGMENTS) !== 0,
    length: view.getUint32(at + LENGTH_AT, true),
    memory: placed,
    floating: floatingOf(view, memory, at),
  };
}

function floatingOf(view: DataView, memory: Uint8Array, at: number): Uint8Array | undefined {
  if ((view.getUint16(at + CASE_FLAGS_AT, true) & OWN_FLOATING) === 0) return undefined;
  return memory.slice(at + CASE_FLOATING_AT, at + CASE_FLOATING_AT + 512);
}

/** The image as an argument of floatingImage() of test/support/user-program.ts. */
function floatingText(image: Uint8Array): string {
  const view = new DataView(image.buffer);
  const wide = (at: number, bytes: number) => {
    let value = 0n;
    for (let i = bytes - 1; i >= 0; i--) value = (value << 8n) | BigInt(image[at + i]!);
    return `0x${value.toString(16)}n`;
  };
  const list = (first: number, count: number, bytes: number) =>
    Array.from({ length: count }, (_, i) => wide(first + i * 16, bytes)).join(", ");
  return [
    "floatingImage({",
    `      fcw: ${hex(view.getUint16(0, true))}, fsw: ${hex(view.getUint16(2, true))},`,
    `      ftw: ${hex(image[4]!)}, mxcsr: ${hex(view.getUint32(24, true))},`,
    `      st: [${list(32, 8, 10)}],`,
    `      xmm: [${list(160, 16, 16)}],`,
    "    })",
  ].join("\n");
}

const hex = (value: number | bigint) => `0x${value.toString(16)}`;

function bytesText(bytes: Uint8Array): string {
  return Array.from(bytes, (b) => hex(b)).join(", ");
}

/** What the processor gave, as an assertion on the `end` that runUser returns. */
function expectation(what: string, native: string): string {
  const page = /^memory (\w+)\+(0x[0-9a-f]+)$/.exec(what);
  if (page) {
    const address = PAGES.find(({ name }) => name === page[1])!.address + BigInt(page[2]!);
    const bytes = Buffer.from(native, "hex");
    return `expect(end.memory(${hex(address)}n, ${bytes.length})).toEqual([${bytesText(bytes)}]);`;
  }
  const floating = /^(ST|XMM)(\d+)$/.exec(what);
  if (floating) {
    const name = floating[1]!.toLowerCase();
    return `expect(readFloating(end.floating).${name}[${floating[2]}]).toBe(${native}n);`;
  }
  switch (what) {
    case "vector":
      return `expect(end.vector).toBe(${native});`;
    case "error code":
      return `expect(end.error).toBe(${native});`;
    case "RFLAGS":
      return `expect(end.flags & ${hex(FLAGS)}).toBe(${hex(flagBits(native))});`;
    case "RIP":
    case "CR2":
      return `expect(end.${what.toLowerCase()}).toBe(${native}n);`;
    case "FCW":
    case "FSW":
    case "FTW":
    case "MXCSR":
      return `expect(readFloating(end.floating).${what.toLowerCase()}).toBe(${native});`;
    default:
      if (REGISTER_NAMES.includes(what)) return `expect(end.registers.${what}).toBe(${native}n);`;
      return `// compare ${what} by hand`;
  }
}

/** A regression test of the case, with what the processor did as the expectation. */
export function regressionTest(
  forms: readonly Form[],
  state: CaseState,
  mismatches: readonly Mismatch[],
): string {
  const lines = [
    `test("${forms.map((f) => `${f.row.mnemonic} ${f.row.operands}`).join("; ")}", async () => {`,
  ];
  lines.push("  const end = await runUser({");
  lines.push(`    mode: ${forms[0]!.mode},`);
  lines.push(`    rip: ${hex(state.rip)}n,`);
  const registers = state.registers
    .map((value, r) => (value === 0n ? "" : `${REGISTER_NAMES[r]}: ${hex(value)}n`))
    .filter(Boolean);
  lines.push(`    registers: { ${registers.join(", ")} },`);
  lines.push(`    flags: ${hex(state.flags)}, // ${flagNames(state.flags)}`);
  if (state.fsBase !== 0n) lines.push(`    fsBase: ${hex(state.fsBase)}n,`);
  if (state.gsBase !== 0n) lines.push(`    gsBase: ${hex(state.gsBase)}n,`);
  if (state.ownSegments) lines.push(`    selectors: [${state.selectors.map(hex).join(", ")}],`);
  if (state.floating) lines.push(`    floating: ${floatingText(state.floating)},`);
  lines.push("    memory: [");
  for (const { address, bytes } of state.memory) {
    lines.push(`      [${hex(address)}n, [${bytesText(bytes)}]],`);
  }
  lines.push("    ],", "  });");
  for (const { what, native, ours } of mismatches) {
    lines.push(`  // ${what}: the processor gives ${native}, the core gave ${ours}`);
    lines.push(`  ${expectation(what, native)}`);
  }
  lines.push("});");
  return lines.join("\n");
}
