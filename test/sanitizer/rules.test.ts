import { expect, test } from "vitest";
import { FLUSH_RULES, type FlushScope, missOf, ruleOf } from "../../src/sanitizer/rules.ts";
import { type Miss, PCID_GLOBAL } from "../../src/sanitizer/types.ts";
import { FLUSH_OPERATIONS } from "../../src/tables/flush-operations.ts";

type Operation = Parameters<typeof ruleOf>[0];

/** A translation of page 4 on processor 0. */
const PAGE = {
  cpu: 0,
  linear: true,
  vpid: 1,
  pcid: 2,
  ep4ta: undefined,
  structure: false,
  page: 4,
  pages: 1,
  wholePage: 4,
  wholePages: 1,
};
const LINEAR = PAGE;
const GLOBAL = { ...PAGE, pcid: PCID_GLOBAL };
const COMBINED = { ...PAGE, ep4ta: 0x9000 };
const PHYSICAL = { ...PAGE, linear: false, vpid: 0x10000, pcid: 0, ep4ta: 0x9000 };
const STRUCTURE = { ...PAGE, structure: true, page: 0, pages: 512, wholePage: 0, wholePages: 512 };
const FAR_STRUCTURE = { ...STRUCTURE, page: 512, wholePage: 512 };
/** 4 KiB of a guest's page of 2 MiB. */
const PIECE = { ...PAGE, page: 9, wholePage: 0, wholePages: 512 };

const COMMON = { cpu: 0, vpid: 1, pcid: 2, ep4ta: 0x9000, glaPage: 4, gpaPage: undefined };

function miss(name: Operation, entry: typeof PAGE | typeof COMBINED, scope = {}): Miss | undefined {
  const operands: FlushScope = { ...COMMON, ...scope, rule: ruleOf(name) };
  return missOf(operands, entry);
}

/** Operation, then what becomes of each kind of entry: "-" removed, else why it stays. */
const TABLE: readonly (readonly [Operation, string, string, string, string])[] = [
  // linear, global, combined, guest-physical
  ["INVLPG", "-", "-", "-", "kind"],
  ["INVPCID_ADDRESS", "-", "global", "-", "kind"],
  ["INVPCID_CONTEXT", "-", "global", "-", "kind"],
  ["INVPCID_ALL_GLOBAL", "-", "-", "-", "kind"],
  ["INVPCID_ALL_NONGLOBAL", "-", "global", "-", "kind"],
  ["MOV_CR3", "-", "global", "-", "kind"],
  ["MOV_CR0", "-", "-", "-", "kind"],
  ["MOV_CR4", "-", "-", "-", "kind"],
  ["TASK_SWITCH", "-", "global", "-", "kind"],
  ["INVEPT_SINGLE", "kind", "kind", "-", "-"],
  ["INVEPT_ALL", "kind", "kind", "-", "-"],
  ["INVVPID_ADDRESS", "-", "-", "-", "kind"],
  ["INVVPID_SINGLE", "-", "-", "-", "kind"],
  ["INVVPID_ALL", "-", "-", "-", "kind"],
  ["INVVPID_RETAIN_GLOBALS", "-", "global", "-", "kind"],
  ["VM_ENTRY", "vpid", "vpid", "vpid", "kind"],
  ["VM_EXIT", "vpid", "vpid", "vpid", "kind"],
  ["EPTP_SWITCH", "kind", "kind", "vpid", "kind"],
  ["PAGE_FAULT", "-", "-", "-", "kind"],
  ["EPT_VIOLATION", "kind", "kind", "-", "address"],
  ["RESET", "-", "-", "-", "kind"],
  ["HOST_STATE", "-", "-", "-", "kind"],
  ["CONFIGURE", "-", "-", "-", "-"],
];

test("there is a rule for each operation of the core, and no other", () => {
  expect(FLUSH_RULES.map(({ name }) => name).sort()).toEqual(
    FLUSH_OPERATIONS.map(({ name }) => name).sort(),
  );
  expect(TABLE.map(([name]) => name).sort()).toEqual(FLUSH_RULES.map(({ name }) => name).sort());
});

test.each(TABLE)("%s reaches what it must", (name, linear, global, combined, physical) => {
  const found = [LINEAR, GLOBAL, COMBINED, PHYSICAL].map((entry) => miss(name, entry) ?? "-");
  expect(found).toEqual([linear, global, combined, physical]);
});

test("only what the host does to the whole machine reaches another processor", () => {
  for (const { name } of FLUSH_RULES) {
    const there = miss(name, { ...COMBINED, vpid: 0 }, { cpu: 1, vpid: 0 });
    expect(there).toBe(name === "CONFIGURE" ? undefined : "cpu");
  }
});

test("the current or named VPID alone is reached, by INVVPID of all every one but 0", () => {
  for (const name of ["INVLPG", "MOV_CR3", "INVVPID_SINGLE", "INVVPID_ADDRESS"] as const) {
    expect(miss(name, LINEAR, { vpid: 3 })).toBe("vpid");
  }
  expect(miss("INVVPID_ALL", LINEAR, { vpid: 0 })).toBeUndefined();
  expect(miss("INVVPID_ALL", { ...LINEAR, vpid: 0 }, { vpid: 0 })).toBe("vpid");
  for (const name of ["VM_ENTRY", "VM_EXIT"] as const) {
    expect(miss(name, { ...LINEAR, vpid: 0 }, { vpid: 0 })).toBeUndefined();
  }
});

test("PCIDs matter to INVLPG, INVPCID and MOV to CR3, not to INVVPID and INVEPT", () => {
  for (const name of ["INVLPG", "INVPCID_ADDRESS", "INVPCID_CONTEXT", "MOV_CR3"] as const) {
    expect(miss(name, LINEAR, { pcid: 7 })).toBe("pcid");
  }
  for (const name of ["INVPCID_ALL_GLOBAL", "INVVPID_SINGLE", "INVVPID_ADDRESS"] as const) {
    expect(miss(name, LINEAR, { pcid: 7 })).toBeUndefined();
  }
  expect(miss("INVEPT_SINGLE", COMBINED, { pcid: 7, vpid: 9 })).toBeUndefined();
});

test("INVLPG and INVVPID reach combined mappings of every EP4TA, INVEPT those of one", () => {
  for (const name of ["INVLPG", "MOV_CR3", "INVVPID_SINGLE", "INVEPT_ALL"] as const) {
    expect(miss(name, COMBINED, { ep4ta: 0xa000 })).toBeUndefined();
  }
  expect(miss("INVEPT_SINGLE", COMBINED, { ep4ta: 0xa000 })).toBe("ep4ta");
  expect(miss("INVEPT_SINGLE", PHYSICAL, { ep4ta: 0xa000 })).toBe("ep4ta");
});

test("addresses are those of the page", () => {
  for (const name of ["INVLPG", "INVPCID_ADDRESS", "INVVPID_ADDRESS", "PAGE_FAULT"] as const) {
    expect(miss(name, LINEAR, { glaPage: 5 })).toBe("address");
  }
  expect(miss("EPT_VIOLATION", PHYSICAL, { gpaPage: 4 })).toBeUndefined();
  expect(miss("EPT_VIOLATION", PHYSICAL, { gpaPage: 5 })).toBe("address");
  expect(miss("EPT_VIOLATION", COMBINED, { glaPage: 5 })).toBe("address");
});

test("INVLPG takes the paging-structure caches of the PCID whatever their address", () => {
  expect(miss("INVLPG", FAR_STRUCTURE)).toBeUndefined();
  expect(miss("INVLPG", { ...FAR_STRUCTURE, pcid: 7 })).toBe("pcid");
  expect(miss("INVVPID_ADDRESS", STRUCTURE)).toBeUndefined();
  expect(miss("INVVPID_ADDRESS", FAR_STRUCTURE)).toBe("address");
  expect(miss("PAGE_FAULT", FAR_STRUCTURE)).toBe("address");
});

test("the pieces of a guest's page go together, but not by a fault", () => {
  for (const name of ["INVLPG", "INVPCID_ADDRESS", "INVVPID_ADDRESS"] as const) {
    expect(miss(name, PIECE)).toBeUndefined();
  }
  expect(miss("PAGE_FAULT", PIECE)).toBe("address");
});
