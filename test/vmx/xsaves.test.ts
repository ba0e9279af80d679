/** XSAVES and XRSTORS in VMX non-root operation: the control that lends them, and their exits. */
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { STATE } from "../../src/generated/state.ts";
import { EptCore } from "../support/ept-core.ts";

const AREA = 0x20000;
const ENABLE_XSAVES_XRSTORS = 1 << 20;
/** A supervisor component; no model has one, so the register is set behind the processor's back. */
const SUPERVISOR = 0x800n;
const VECTOR_UD = 6;

const FORMS = [
  { name: "XSAVES", digit: 5, reason: 63 },
  { name: "XRSTORS", digit: 3, reason: 64 },
] as const;

let ept: EptCore;
beforeAll(async () => {
  ept = await EptCore.create();
});
beforeEach(() => {
  ept.reset();
  ept.core.setState64(STATE.XSS, 0n);
  ept.field("xss_exiting_bitmap", 0n);
});

/** NAME [RBX + 0x10] with EDX:EAX naming x87 and the supervisor component. */
function run(digit: number) {
  ept.bare.setGpr(0, SUPERVISOR | 1n);
  ept.bare.setGpr(2, 0n);
  ept.bare.setGpr(3, BigInt(AREA - 0x10));
  // A header in the compacted format with nothing in use, for XRSTORS.
  ept.write64(AREA + 512, 0n);
  ept.write64(AREA + 520, 0x8000000000000001n);
  return ept.bare.run([0x0f, 0xc7, 0x43 | (digit << 3), 0x10]);
}

describe.each(FORMS)("$name", ({ digit, reason }) => {
  test("is undefined unless the control lends it", () => {
    ept.controls(0);
    expect(run(digit).vector).toBe(VECTOR_UD);
  });

  test("runs when no named component is enabled by IA32_XSS", () => {
    ept.controls(ENABLE_XSAVES_XRSTORS);
    ept.field("xss_exiting_bitmap", SUPERVISOR);
    expect(run(digit).vector).toBe(-1);
    expect(ept.core.state32(STATE.VMX_OPERATION)).toBe(2);
  });

  test("exits when the bitmap names a component that it touches", () => {
    ept.controls(ENABLE_XSAVES_XRSTORS);
    ept.core.setState64(STATE.XSS, SUPERVISOR);
    ept.field("xss_exiting_bitmap", SUPERVISOR);
    expect(run(digit).vector).toBe(-1);
    expect(ept.core.state32(STATE.VMX_OPERATION)).toBe(1);
    expect(Number(ept.readField("exit_reason"))).toBe(reason);
    expect(ept.readField("exit_qualification")).toBe(0x10n);
    expect(Number(ept.readField("exit_instruction_length"))).toBe(4);
    // Base RBX, no index, 64-bit addresses, DS.
    const info = (2 << 7) | (3 << 15) | (1 << 22) | (3 << 23);
    expect(Number(ept.readField("exit_instruction_info"))).toBe(info);
  });
});
