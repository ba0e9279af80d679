import { beforeAll, beforeEach, expect, test } from "vitest";
import { STATE } from "../../src/generated/state.ts";
import { EptCore, READ, RWX, WRITE_BACK } from "../support/ept-core.ts";

const PAGE = 0x30000;
const TABLE = 0x60020;

let ept: EptCore;
beforeAll(async () => {
  ept = await EptCore.create();
});
beforeEach(() => {
  ept.reset();
  const { core } = ept;
  core.setState64(STATE.EFER, 0n);
  core.setState64(STATE.CR0, 0x80000033n);
  core.setState64(STATE.CR4, 0x20n);
  core.setState32(STATE.SEG_ACCESS + 4, 0xc09b);
  ept.enter({});
  // The table of PDPTEs that MOV to CR3 is to load lies elsewhere for the EPT.
  ept.write64(ept.ept(TABLE), 0x61000n | 1n | WRITE_BACK);
  ept.write64(0x61020, 0x3001n);
  for (let i = 0; i < 4; i++) core.setState64(STATE.PDPTE + i * 8, i === 0 ? 0x3001n : 0n);
  ept.forget();
});

/** MOV CR3, EAX */
const MOV_CR3 = [0x0f, 0x22, 0xd8];

test("PAE paging walks from its registers through the EPT", () => {
  ept.write64(ept.ept(0x3000), 0x62000n | RWX);
  ept.write64(0x62000, 0x4007n);
  ept.write64(0x3000, 0n);
  expect(ept.access(PAGE, READ)).toEqual({ hpa: PAGE });
});

test("MOV to CR3 reads them through the EPT, with the right to read alone", () => {
  for (const ad of [false, true]) {
    ept.core.setState64(STATE.EPTP, 0x20001en | (ad ? 0x40n : 0n));
    ept.core.setState64(STATE.PDPTE, 0x3001n);
    ept.forget();
    ept.bare.setGpr(0, BigInt(TABLE));
    ept.write64(0x61020, 0x3001n | 0xe00n);
    expect(ept.bare.run(MOV_CR3).vector).toBe(-1);
    expect(ept.core.state64(STATE.PDPTE)).toBe(0x3e01n);
  }
});

test("an entry with reserved bits is #GP and loads nothing", () => {
  ept.write64(0x61028, 0x3n);
  ept.bare.setGpr(0, BigInt(TABLE));
  expect(ept.bare.run(MOV_CR3)).toMatchObject({ vector: 13, error: 0 });
  // What the guest had when it came to its end for want of a handler.
  expect(ept.readField("exit_reason")).toBe(2n);
  expect(ept.readField("guest_cr3")).toBe(0x1000n);
  expect(ept.readField("guest_pdpte0")).toBe(0x3001n);
});

test("a violation has no linear address", () => {
  ept.write64(ept.ept(TABLE), 0x61000n | 4n | WRITE_BACK);
  ept.forget();
  ept.bare.setGpr(0, BigInt(TABLE));
  const exit = { reason: 48, qualification: 0x21n };
  expect(ept.runToExit(MOV_CR3)).toMatchObject(exit);
});
