import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { STATE } from "../../src/generated/state.ts";
import {
  CAP_ALL,
  EPT_PML4,
  EPT_PML4_B,
  EPTP_LIST,
  EptCore,
  READ,
  RWX,
  SECONDARY,
} from "../support/ept-core.ts";

const PAGE = 0x30000;
const OTHER = 0x31000;
const DESCRIPTOR = 0x20000;
const INVEPT = 0x80;
const INVVPID = 0x81;
const EPTP_A = BigInt(EPT_PML4) | 0x1en;
const EPTP_B = BigInt(EPT_PML4_B) | 0x1en;

const CF = 1;
const ZF = 0x40;
const ARITHMETIC = 0x8d5;

let ept: EptCore;
beforeAll(async () => {
  ept = await EptCore.create();
});
beforeEach(() => {
  ept.reset();
  ept.leave();
  ept.field("vm_instruction_error", 0n);
});

/** INVEPT or INVVPID RAX, [RBX] with all flags set before. */
function run(opcode: number, type: bigint, low: bigint, high = 0n, pointer = BigInt(DESCRIPTOR)) {
  ept.write64(DESCRIPTOR, low);
  ept.write64(DESCRIPTOR + 8, high);
  ept.bare.setGpr(0, type);
  ept.bare.setGpr(3, pointer);
  ept.core.exports.setFlagsWord(2 | ARITHMETIC);
  return ept.bare.run([0x66, 0x0f, 0x38, opcode, 0x03]);
}

/** How the instruction ended: "succeed", the number of VMfailValid, "invalid". */
function ending(...operands: Parameters<typeof run>): string | number {
  expect(run(...operands).vector).toBe(-1);
  const flags = ept.core.exports.readFlags() & ARITHMETIC;
  if (flags === 0) return "succeed";
  if (flags === CF) return "invalid";
  expect(flags).toBe(ZF);
  return Number(ept.readField("vm_instruction_error"));
}

describe("INVEPT", () => {
  test.each([
    [1n, EPTP_A, 0n, "succeed"],
    [2n, 0n, 0n, "succeed"],
    [2n, ~0n, ~0n, "succeed"],
    [0n, EPTP_A, 0n, 28],
    [3n, EPTP_A, 0n, 28],
    [1n << 32n, EPTP_A, 0n, 28],
    [~0n, EPTP_A, 0n, 28],
    [1n, EPTP_A, 1n, 28],
    [1n, EPTP_A & ~6n, 0n, "succeed"],
    [1n, (EPTP_A & ~7n) | 1n, 0n, 28],
    [1n, (EPTP_A & ~0x38n) | 0x10n, 0n, 28],
    [1n, (EPTP_A & ~0x38n) | 0x20n, 0n, "succeed"],
    [1n, EPTP_A | 0x40n, 0n, "succeed"],
    [1n, EPTP_A | 0x80n, 0n, 28],
    [1n, EPTP_A | 0x100n, 0n, 28],
    [1n, EPTP_A | (1n << 46n), 0n, 28],
    [1n, EPTP_A | (1n << 45n), 0n, "succeed"],
  ])("type %i, descriptor %x %x: %s", (type, low, high, expected) => {
    expect(ending(INVEPT, type, low, high)).toBe(expected);
  });

  test("a type that the capabilities leave out", () => {
    ept.capability(CAP_ALL & ~(1n << 25n));
    expect(ending(INVEPT, 1n, EPTP_A)).toBe(28);
    expect(ending(INVEPT, 2n, 0n)).toBe("succeed");
  });

  test("without a current VMCS VMfail is VMfailInvalid", () => {
    ept.core.setState32(STATE.VMCS_PTR, 0);
    expect(ending(INVEPT, 0n, 0n)).toBe("invalid");
  });

  test("VMfail leaves the translations and success the error number", () => {
    ept.field("vm_instruction_error", 12n);
    expect(ending(INVEPT, 1n, EPTP_A)).toBe("succeed");
    expect(ept.readField("vm_instruction_error")).toBe(12n);
  });
});

describe("INVVPID", () => {
  test.each([
    [0n, 1n, BigInt(PAGE), "succeed"],
    [1n, 0xffffn, 0n, "succeed"],
    [2n, 0n, 0n, "succeed"],
    [3n, 1n, 0n, "succeed"],
    [4n, 1n, 0n, 28],
    [1n << 32n, 1n, 0n, 28],
    [-1n, 1n, 0n, 28],
    [0n, 0n, BigInt(PAGE), 28],
    [1n, 0n, 0n, 28],
    [3n, 0n, 0n, 28],
    [1n, 0x10001n, 0n, 28],
    [2n, 1n << 63n, 0n, 28],
    [0n, 1n, 1n << 57n, 28],
    [0n, 1n, 0xff00000000000000n, "succeed"],
    [1n, 1n, 1n << 57n, "succeed"],
  ])("type %i, descriptor %x %x: %s", (type, low, high, expected) => {
    expect(ending(INVVPID, type, low, high)).toBe(expected);
  });

  test.each([0n, 1n, 2n, 3n])("type %i needs its capability", (type) => {
    ept.capability(CAP_ALL & ~(1n << (40n + type)));
    expect(ending(INVVPID, type, 1n)).toBe(28);
  });
});

describe.each([
  ["INVEPT", INVEPT, 50, 20n],
  ["INVVPID", INVVPID, 53, 32n],
])("%s", (_name, opcode, reason, capability) => {
  const UD = 6;
  const valid = opcode === INVEPT ? EPTP_A : 1n;

  test("is #UD outside VMX operation, without the capability, and with a register", () => {
    ept.core.setState32(STATE.VMX_OPERATION, 0);
    expect(run(opcode, 1n, valid).vector).toBe(UD);
    ept.core.setState32(STATE.VMX_OPERATION, 1);
    expect(ept.bare.run([0x66, 0x0f, 0x38, opcode, 0xc3]).vector).toBe(UD);
    ept.capability(CAP_ALL & ~(1n << capability));
    expect(run(opcode, 1n, valid).vector).toBe(UD);
  });

  test("is #UD in compatibility mode", () => {
    ept.core.setState32(STATE.SEG_ACCESS + 4, 0xc09b);
    expect(run(opcode, 1n, valid).vector).toBe(UD);
  });

  test("is #GP(0) at CPL 3, before anything about the operands", () => {
    ept.core.setState32(STATE.CPL, 3);
    expect(run(opcode, 7n, valid)).toMatchObject({ vector: 13, error: 0 });
  });

  test("reads its descriptor when the type is good, whatever the type", () => {
    for (const type of [1n, 2n]) {
      expect(run(opcode, type, valid, 0n, 1n << 60n)).toMatchObject({ vector: 13 });
      expect(run(opcode, type, valid, 0n, 0x7fffff000000n)).toMatchObject({ vector: 14 });
    }
    expect(run(opcode, 9n, valid, 0n, 0x7fffff000000n).vector).toBe(-1);
  });

  test("exits in non-root operation with displacement and instruction information", () => {
    ept.enter({ vpid: 1 });
    // op R10, [RBX + RCX * 4 - 8]
    const exit = ept.runToExit([0x66, 0x44, 0x0f, 0x38, opcode, 0x54, 0x8b, 0xf8]);
    // Scaling 4, 64-bit addresses, DS, index RCX, base RBX, register R10.
    const info = (2 | (2 << 7) | (3 << 15) | (1 << 18) | (3 << 23) | (10 << 28)) >>> 0;
    expect(exit).toEqual({ reason, qualification: 2n ** 64n - 8n, length: 8, info });
  });

  test("exits at CPL 3 as well, but is #UD first in compatibility mode", () => {
    ept.enter({ vpid: 1 });
    ept.core.setState32(STATE.CPL, 3);
    expect(ept.runToExit([0x66, 0x0f, 0x38, opcode, 0x03])).toMatchObject({ reason });
    ept.enter({ vpid: 1 });
    ept.core.setState32(STATE.SEG_ACCESS + 4, 0xc09b);
    expect(ept.bare.run([0x66, 0x0f, 0x38, opcode, 0x03]).vector).toBe(UD);
  });
});

describe("VMFUNC 0", () => {
  const VMFUNC = [0x0f, 0x01, 0xd4];

  beforeEach(() => {
    ept.controls(SECONDARY.VM_FUNCTIONS);
    ept.field("vm_function_controls", 1n);
    ept.field("eptp_list_addr", BigInt(EPTP_LIST));
    ept.field("eptp", EPTP_A);
    ept.write64(EPTP_LIST + 3 * 8, EPTP_B);
    ept.write64(EPTP_LIST + 511 * 8, EPTP_B);
    ept.write64(ept.ept(PAGE, EPT_PML4_B), BigInt(OTHER) | RWX);
    ept.enter({ vpid: 1 });
    ept.forget();
  });

  function vmfunc(leaf: bigint, index: bigint): readonly number[] {
    ept.bare.setGpr(0, leaf);
    ept.bare.setGpr(1, index);
    return VMFUNC;
  }

  test.each([3n, 511n, (1n << 32n) | 3n])("switches to entry %x", (index) => {
    expect(ept.access(PAGE, READ)).toEqual({ hpa: PAGE });
    expect(ept.bare.run(vmfunc(0n, index)).vector).toBe(-1);
    expect(ept.core.state64(STATE.EPTP)).toBe(EPTP_B);
    expect(ept.readField("eptp")).toBe(EPTP_B);
    expect(ept.readField("eptp_index")).toBe(index & 0xffffn);
    expect(ept.access(PAGE, READ)).toEqual({ hpa: OTHER });
  });

  test("the code behind it runs under the new root, at CPL 3 as well", () => {
    ept.core.u32[(ept.bare.ram + OTHER) >> 2] = 0x1234;
    ept.bare.setGpr(3, BigInt(PAGE));
    // MOV EAX, [RBX] on either side.
    expect(ept.bare.run([0x8b, 0x13, ...vmfunc(0n, 3n), 0x8b, 0x03]).vector).toBe(-1);
    expect(ept.bare.gpr(2)).toBe(0n);
    expect(ept.bare.gpr(0)).toBe(0x1234n);
  });

  test.each([
    ["a function that is off", 1n, 3n],
    ["the last function number", 63n, 3n],
    ["an index beyond the list", 0n, 512n],
    ["an invalid EPTP", 0n, 0n],
  ])("exits for %s", (_name, leaf, index) => {
    const exit = { reason: 59, qualification: 0n, length: 3 };
    expect(ept.runToExit(vmfunc(leaf, index))).toMatchObject(exit);
  });

  test("exits for another walk length", () => {
    ept.write64(EPTP_LIST, (EPTP_B & ~0x38n) | 0x20n);
    expect(ept.runToExit(vmfunc(0n, 0n))).toMatchObject({ reason: 59 });
    expect(ept.core.state64(STATE.EPTP)).not.toBe(ept.read64(EPTP_LIST));
  });

  test("is #UD for larger numbers, without the control, and in root operation", () => {
    expect(ept.bare.run(vmfunc(64n, 3n)).vector).toBe(6);
    ept.controls(0);
    expect(ept.bare.run(vmfunc(0n, 3n)).vector).toBe(6);
    ept.controls(SECONDARY.VM_FUNCTIONS);
    ept.leave();
    expect(ept.bare.run(vmfunc(0n, 3n)).vector).toBe(6);
  });

  test("keeps what is cached of the old root, with a VPID", () => {
    expect(ept.access(PAGE, READ)).toEqual({ hpa: PAGE });
    ept.write64(ept.pte(PAGE), 0x50007n);
    ept.bare.runKeeping(vmfunc(0n, 3n));
    expect(ept.access(PAGE, READ)).toEqual({ hpa: 0x50000 });
    ept.enter({ vpid: 1 });
    expect(ept.access(PAGE, READ)).toEqual({ hpa: PAGE });
  });

  test("drops combined mappings of VPID 0, and no linear ones, without VPIDs", () => {
    ept.leave();
    expect(ept.access(PAGE, READ)).toEqual({ hpa: PAGE });
    ept.enter({ vpid: 0 });
    expect(ept.access(PAGE, READ)).toEqual({ hpa: PAGE });
    ept.write64(ept.pte(PAGE), 0x50007n);
    ept.bare.runKeeping(vmfunc(0n, 3n));
    ept.enter({ vpid: 0 });
    expect(ept.access(PAGE, READ)).toEqual({ hpa: 0x50000 });
    ept.leave();
    expect(ept.access(PAGE, READ)).toEqual({ hpa: PAGE });
  });
});
