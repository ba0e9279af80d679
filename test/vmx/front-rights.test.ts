/**
 * The front caches stay through transitions, so what was judged by the control bits of one side
 * must never be used under others.
 */
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { STATE } from "../../src/generated/state.ts";
import { EptCore } from "../support/ept-core.ts";

const PAGE = 0x30000;
const PF = 14;
const WP = 0x10000n;
const SMAP = 1n << 21n;
const SMEP = 1n << 20n;

let ept: EptCore;
beforeAll(async () => {
  ept = await EptCore.create();
});
beforeEach(() => {
  ept.reset();
  ept.bare.setGpr(3, BigInt(PAGE));
});

/** MOV [RBX], EAX; MOV EAX, [RBX] */
const STORE = [0x89, 0x03];
const LOAD = [0x8b, 0x03];

/** Vector of the exception that the code, run twice, ends in; it ends the guest, too. */
function run(code: readonly number[]): number {
  return ept.bare.runKeeping([...code, ...code]).vector;
}

/** Sets a control register for the next context. */
function set(register: number, value: bigint): void {
  ept.core.setState64(register, value);
}

const CR0 = 0x80000033n;
const CR4 = 0x40620n;

describe("a guest's CR0.WP", () => {
  beforeEach(() => {
    ept.write64(ept.pte(PAGE), BigInt(PAGE) | 0x65n);
    ept.forget();
  });

  test("changed by the hypervisor between exit and entry", () => {
    expect(run(STORE)).toBe(-1);
    ept.leave();
    set(STATE.CR0, CR0 | WP);
    ept.enter({});
    expect(run(STORE)).toBe(PF);
  });

  test("changed by the guest, then back by the hypervisor", () => {
    set(STATE.CR0, CR0 | WP);
    ept.enter({});
    expect(run(STORE)).toBe(PF);
    set(STATE.CR0, CR0 | WP);
    ept.enter({});
    // MOV CR0, RAX without WP: the guest may store now.
    ept.bare.setGpr(0, CR0);
    expect(run([0x0f, 0x22, 0xc0])).toBe(-1);
    expect(run(STORE)).toBe(-1);
    ept.leave();
    set(STATE.CR0, CR0 | WP);
    ept.enter({});
    expect(run(STORE)).toBe(PF);
  });

  test("of another guest", () => {
    expect(run(STORE)).toBe(-1);
    ept.leave();
    set(STATE.CR0, CR0 | WP);
    ept.enter({ vpid: 2 });
    expect(run(STORE)).toBe(PF);
    set(STATE.CR0, CR0);
    ept.leave();
    ept.enter({ vpid: 1 });
    expect(run(STORE)).toBe(-1);
  });

  test("and the host's own", () => {
    expect(run(STORE)).toBe(-1);
    set(STATE.CR0, CR0 | WP);
    ept.leave();
    expect(run(STORE)).toBe(PF);
    set(STATE.CR0, CR0);
    ept.enter({});
    expect(run(STORE)).toBe(-1);
  });
});

test.each([
  ["SMAP", SMAP, LOAD],
  // A jump into the page and back is not needed: the code's own page is a user page.
  ["SMEP", SMEP, [0x90]],
])("CR4.%s", (_name, bit, code) => {
  expect(run(code)).toBe(-1);
  ept.leave();
  set(STATE.CR4, CR4 | bit);
  ept.enter({});
  expect(run(code)).toBe(PF);
  set(STATE.CR4, CR4);
  ept.leave();
  expect(run(code)).toBe(-1);
  ept.enter({});
  expect(run(code)).toBe(-1);
});

test("data breakpoints of a guest are met behind an entry", () => {
  expect(run(LOAD)).toBe(-1);
  ept.leave();
  set(STATE.DR, BigInt(PAGE));
  set(STATE.DR + 56, 0xf0403n);
  ept.enter({});
  expect(run(LOAD)).toBe(1);
  set(STATE.DR + 56, 0x400n);
});

test("EPT rights hold for what the front caches", () => {
  expect(run(LOAD)).toBe(-1);
  // A write through the front needs the EPT's permission, which a cached read does not show.
  ept.write64(ept.ept(PAGE), BigInt(PAGE) | 0x31n);
  ept.forget();
  expect(run(LOAD)).toBe(-1);
  expect(ept.runToExit(STORE)).toMatchObject({ reason: 48 });
});
