/** What memory shows of VMCSs that are active: nothing before VMCLEAR (or VMXOFF, or a full cache). */
import { beforeEach, expect, test } from "vitest";
import { STATE } from "../../src/generated/state.ts";
import { VMCS_REVISION } from "../../src/machine/vmx-capabilities.ts";
import { fieldOffset, VMCS_FIELDS } from "../../src/tables/vmx/fields.ts";
import { BareCore, DATA } from "../support/bare-core.ts";

const VMXON_HPA = 0x100000;
const REGIONS = 0x110000;
/** The operand of VMCLEAR and VMPTRLD. */
const POINTER = DATA;
const LAUNCH_STATE = 8;
const FIELD = VMCS_FIELDS.find(({ name }) => name === "guest_rip")!;
const OFFSET = fieldOffset(FIELD);

const mov = (register: number, value: number) => [
  0xb8 + register,
  ...[0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff),
];
/** mov [POINTER], region; the instruction with [rax]. */
const withPointer = (region: number, ...instruction: number[]) => [
  ...mov(0, POINTER),
  ...mov(1, region),
  ...[0x48, 0x89, 0x08],
  ...instruction,
];
const vmptrld = (region: number) => withPointer(region, 0x0f, 0xc7, 0x30);
const vmclear = (region: number) => withPointer(region, 0x66, 0x0f, 0xc7, 0x30);
const vmxon = (region: number) => withPointer(region, 0xf3, 0x0f, 0xc7, 0x30);
const vmwrite = (value: number) => [...mov(0, value), ...mov(1, FIELD.encoding), 0x0f, 0x79, 0xc8];
/** Into RBX. */
const vmread = () => [...mov(1, FIELD.encoding), 0x0f, 0x78, 0xcb];
const VMXOFF = [0x0f, 0x01, 0xc4];
const INTO_ROOT = [
  ...mov(1, 0x3a),
  ...mov(0, 5),
  ...mov(2, 0),
  ...[0x0f, 0x30],
  ...[0x0f, 0x20, 0xe0, 0x0d, 0x00, 0x20, 0x00, 0x00, 0x0f, 0x22, 0xe0],
  ...vmxon(VMXON_HPA),
];

const bare = await BareCore.create("skylake");
const region = (index: number) => REGIONS + index * 0x1000;
const word = (hpa: number) => bare.core.u32[(bare.ram + hpa) >> 2]!;
const setWord = (hpa: number, value: number) => {
  bare.core.u32[(bare.ram + hpa) >> 2] = value;
};
function run(...code: number[][]): void {
  expect(bare.run(code.flat()).vector).toBe(-1);
}

beforeEach(() => {
  bare.core.exports.resetAll();
  bare.reset();
  for (let i = 0; i < 12; i++) {
    bare.bytes(region(i), 0x1000).fill(0);
    setWord(region(i), VMCS_REVISION);
  }
  setWord(VMXON_HPA, VMCS_REVISION);
  run(INTO_ROOT);
});

test("a field written is in the region after VMCLEAR, not before", () => {
  run(vmclear(region(0)), vmptrld(region(0)), vmwrite(0x1234));
  expect(word(region(0) + OFFSET)).toBe(0);
  run(vmclear(region(0)));
  expect(word(region(0) + OFFSET)).toBe(0x1234);
  expect(word(region(0))).toBe(VMCS_REVISION);
});

test("a store to an active region changes no field and is lost at VMCLEAR", () => {
  run(vmclear(region(0)), vmptrld(region(0)), vmwrite(7));
  setWord(region(0) + OFFSET, 99);
  run(vmptrld(region(0)), vmread());
  expect(bare.gpr(3)).toBe(7n);
  run(vmclear(region(0)));
  expect(word(region(0) + OFFSET)).toBe(7);
});

test("VMPTRLD of another region leaves the first one active", () => {
  run(vmptrld(region(0)), vmwrite(1), vmptrld(region(1)), vmwrite(2), vmptrld(region(0)), vmread());
  expect(bare.gpr(3)).toBe(1n);
  expect([word(region(0) + OFFSET), word(region(1) + OFFSET)]).toEqual([0, 0]);
  // Only the region named, though it is not current.
  run(vmclear(region(1)));
  expect([word(region(0) + OFFSET), word(region(1) + OFFSET)]).toEqual([0, 2]);
  expect(bare.core.state64(STATE.VMCS_HPA)).toBe(BigInt(region(0)));
});

test("VMCLEAR of an inactive region clears its launch state alone", () => {
  setWord(region(2) + LAUNCH_STATE, 1);
  setWord(region(2) + OFFSET, 5);
  run(vmclear(region(2)));
  expect([word(region(2) + LAUNCH_STATE), word(region(2) + OFFSET)]).toEqual([0, 5]);
});

test("VMXOFF writes all active regions back", () => {
  run(vmptrld(region(0)), vmwrite(1), vmptrld(region(1)), vmwrite(2), VMXOFF);
  expect([word(region(0) + OFFSET), word(region(1) + OFFSET)]).toEqual([1, 2]);
});

test("more active regions than the processor holds are written back in turn, the current one last", () => {
  const all = Array.from({ length: 12 }, (_, i) => i);
  run(...all.map((i) => [...vmptrld(region(i)), ...vmwrite(i + 1)]));
  const written = all.filter((i) => word(region(i) + OFFSET) === i + 1);
  expect(written).toEqual([0, 1, 2, 3]);
  for (const i of all) {
    run(vmptrld(region(i)), vmread());
    expect(bare.gpr(3)).toBe(BigInt(i + 1));
  }
});

test("a region in which code was decoded takes the data at VMCLEAR", () => {
  // RET in the region's unused words, executed while the VMCS is active.
  const code = region(0) + OFFSET;
  bare.bytes(code, 1)[0] = 0xc3;
  const call = [...mov(0, code), 0xff, 0xd0];
  bare.core.setState64(STATE.GPR + 4 * 8, BigInt(DATA + 0x800));
  run(vmptrld(region(0)), call, vmwrite(0x90), vmclear(region(0)));
  // NOP, then zeros: ADD [RAX], AL until the page of the code ends; so only look at the bytes.
  expect(bare.bytes(code, 2)).toEqual(new Uint8Array([0x90, 0]));
});
