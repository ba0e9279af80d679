import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { STATE } from "../../src/generated/state.ts";
import {
  CAP_ALL,
  EPT_PML4,
  EPT_PML5,
  EptCore,
  FETCH,
  IMPLICIT,
  READ,
  RWX,
  SECONDARY,
  USER,
  WRITE,
  WRITE_BACK,
} from "../support/ept-core.ts";

const PAGE = 0x30000;
const OTHER = 0x31000;
const VIOLATION = 48;
const MISCONFIGURATION = 49;
const LINEAR = 0x80;
const TRANSLATION = 0x180;
/** Advanced information of the guest's page: user-mode, writable, not execute-disabled. */
const ADVANCED = 0x600;

let ept: EptCore;
beforeAll(async () => {
  ept = await EptCore.create();
});
beforeEach(() => {
  ept.reset();
});

/** A violation of the translation of `gla`, which maps to itself. */
function violation(gla: number, bits: number) {
  const qualification = TRANSLATION | ADVANCED | bits;
  return { exit: VIOLATION, qualification, gla: BigInt(gla), gpa: BigInt(gla) };
}

describe("translation", () => {
  test("a page goes where the EPT says", () => {
    expect(ept.access(PAGE + 0x123, READ)).toEqual({ hpa: PAGE + 0x123 });
    ept.write64(ept.ept(PAGE), BigInt(OTHER) | RWX);
    ept.forget();
    for (const access of [READ, WRITE, FETCH, READ | USER, WRITE | USER, READ | IMPLICIT]) {
      expect(ept.access(PAGE + 0x123, access)).toEqual({ hpa: OTHER + 0x123 });
    }
  });

  test.each([
    ["2 MiB", 2, 1n << 21n],
    ["1 GiB", 3, 1n << 30n],
  ] as const)("a page of %s", (_name, level, gpa) => {
    ept.write64(EPT_PML4 + (4 - level) * 0x1000 + 8, 0x80n | RWX);
    ept.write64(ept.pte(PAGE), gpa | 0x34000n | 7n);
    expect(ept.access(PAGE + 0x123, WRITE)).toEqual({ hpa: 0x34123 });
  });

  test("a walk of five levels", () => {
    ept.enter({ root: EPT_PML5 });
    expect(ept.access(PAGE, WRITE)).toEqual({ hpa: PAGE });
    ept.write64(EPT_PML5, 0n);
    ept.forget();
    const ending = ept.access(PAGE, READ);
    expect(ending).toMatchObject({ exit: VIOLATION, gpa: 0x1000n });
  });

  test("a guest-physical address wider than the walk is a violation", () => {
    // The guest maps the page to bit 48, which needs a physical-address width above 48.
    ept.core.setMachine32(0x3c, 52);
    ept.write64(ept.pte(PAGE), (1n << 48n) | 7n);
    expect(ept.access(PAGE, READ)).toMatchObject({ exit: VIOLATION, gpa: 1n << 48n });
    ept.core.setMachine32(0x3c, 46);
  });

  test("without EPT nothing goes through it", () => {
    ept.write64(ept.ept(PAGE), 0n);
    ept.leave();
    expect(ept.access(PAGE, READ)).toEqual({ hpa: PAGE });
  });

  test("without guest paging the linear address is guest-physical", () => {
    ept.write64(ept.ept(PAGE), BigInt(OTHER) | 1n | WRITE_BACK);
    ept.core.setState64(STATE.CR0, 0x33n);
    ept.enter({});
    ept.forget();
    expect(ept.access(PAGE + 4, READ)).toEqual({ hpa: OTHER + 4 });
    expect(ept.access(PAGE + 4, WRITE)).toEqual(violation(PAGE + 4, 2 | 8));
    expect(ept.access(PAGE + 4, FETCH)).toEqual(violation(PAGE + 4, 4 | 8));
  });

  test("the effective page is the smaller one", () => {
    // The guest maps 2 MiB in one piece; a neighbour keeps its own EPT page.
    ept.write64(0x3000, 0x87n);
    ept.forget();
    expect(ept.access(PAGE, READ)).toEqual({ hpa: PAGE });
    ept.write64(ept.ept(OTHER), BigInt(PAGE) | RWX);
    expect(ept.access(OTHER, READ)).toEqual({ hpa: PAGE });
    // What is cached of the first page covers no more than that page.
    ept.write64(ept.ept(PAGE), BigInt(0x40000) | RWX);
    expect(ept.access(PAGE, READ)).toEqual({ hpa: PAGE });
  });
});

describe("rights of the EPT", () => {
  const rights = [0n, 1n, 3n, 4n, 5n, 7n];
  for (const right of rights) {
    for (const access of [READ, WRITE, FETCH]) {
      const needed = access === READ ? 1 : access === WRITE ? 2 : 4;
      const granted = (Number(right) & needed) === needed;
      for (const level of [1, 2, 3, 4]) {
        if (level > 1 && right === 0n) continue;
        const name = `rights ${right} at level ${level}: ${["read", "write", "fetch"][access]}`;
        test(name, () => {
          if (level > 1) {
            branch(level, Number(right), access, granted);
            return;
          }
          ept.write64(ept.ept(PAGE), right === 0n ? 0n : BigInt(PAGE) | right | WRITE_BACK);
          ept.forget();
          const expected = granted ? { hpa: PAGE } : violation(PAGE, needed | (Number(right) << 3));
          expect(ept.access(PAGE, access)).toEqual(expected);
        });
      }
    }
  }

  /**
   * Puts PAGE at a guest-physical address that has the limited entry at `level` above it: a branch
   * of its own, so that the guest's tables stay accessible.
   */
  function branch(level: number, right: number, access: number, granted: boolean): void {
    const needed = access === READ ? 1 : access === WRITE ? 2 : 4;
    const gpa = level === 4 ? 1n << 39n : level === 3 ? 1n << 30n : 1n << 21n;
    const tables = [0x230000, 0x231000, 0x232000];
    let table = EPT_PML4 + (4 - level) * 0x1000;
    let index = 1;
    for (let at = level; at > 1; at--) {
      const next = tables[at - 2]!;
      const bits = at === level ? BigInt(right) : 7n;
      ept.write64(table + index * 8, BigInt(next) | bits);
      table = next;
      index = 0;
    }
    ept.write64(table, BigInt(PAGE) | RWX);
    ept.write64(ept.pte(PAGE), gpa | 7n);
    ept.forget();
    const exit = {
      exit: VIOLATION,
      qualification: TRANSLATION | ADVANCED | needed | (right << 3),
      gla: BigInt(PAGE + 8),
      gpa: gpa + 8n,
    };
    expect(ept.access(PAGE + 8, access)).toEqual(granted ? { hpa: PAGE + 8 } : exit);
  }

  test("what is cached from a permitted access does not permit another", () => {
    ept.write64(ept.ept(PAGE), BigInt(PAGE) | 1n | WRITE_BACK);
    ept.forget();
    expect(ept.access(PAGE, READ)).toEqual({ hpa: PAGE });
    expect(ept.access(PAGE, WRITE)).toEqual(violation(PAGE, 2 | 8));
    expect(ept.access(PAGE, READ)).toEqual({ hpa: PAGE });
    expect(ept.access(PAGE, FETCH)).toEqual(violation(PAGE, 4 | 8));
    ept.write64(ept.ept(PAGE), BigInt(PAGE) | 4n | WRITE_BACK);
    ept.forget();
    expect(ept.access(PAGE, FETCH)).toEqual({ hpa: PAGE });
    expect(ept.access(PAGE, READ)).toEqual(violation(PAGE, 1 | 0x20));
  });

  test("a violation drops what was cached of the address: a right added needs no INVEPT", () => {
    ept.write64(ept.ept(PAGE), BigInt(PAGE) | 1n | WRITE_BACK);
    ept.forget();
    expect(ept.access(PAGE, READ)).toEqual({ hpa: PAGE });
    expect(ept.access(PAGE, WRITE)).toMatchObject({ exit: VIOLATION });
    ept.write64(ept.ept(PAGE), BigInt(OTHER) | RWX);
    expect(ept.access(PAGE, WRITE)).toEqual({ hpa: OTHER });
  });

  test("the guest's page fault goes before a violation of the page", () => {
    ept.write64(ept.ept(PAGE), 0n);
    ept.write64(ept.pte(PAGE), BigInt(PAGE) | 1n);
    ept.core.setState64(STATE.CR0, 0x80010033n);
    ept.enter({});
    ept.forget();
    expect(ept.access(PAGE, WRITE)).toEqual({ fault: 14, error: 3, address: BigInt(PAGE) });
    expect(ept.access(PAGE, READ | USER)).toEqual({ fault: 14, error: 5, address: BigInt(PAGE) });
    expect(ept.access(PAGE, READ)).toMatchObject({ exit: VIOLATION });
  });
});

describe("advanced information", () => {
  test.each([
    [7n, 0x600],
    [3n, 0x400],
    [5n, 0x200],
    [1n, 0],
    [7n | (1n << 63n), 0xe00],
  ])("guest entry %x", (bits, advanced) => {
    ept.write64(ept.ept(PAGE), 0n);
    ept.write64(ept.pte(PAGE), BigInt(PAGE) | bits);
    ept.forget();
    const expected = { exit: VIOLATION, qualification: TRANSLATION | 1 | advanced };
    expect(ept.access(PAGE, READ)).toMatchObject(expected);
  });

  test("is left out without the capability", () => {
    ept.capability(CAP_ALL & ~(1n << 22n));
    ept.write64(ept.ept(PAGE), 0n);
    ept.forget();
    expect(ept.access(PAGE, READ)).toMatchObject({ qualification: TRANSLATION | 1 });
  });

  test("bit 12 tells of NMIs that an IRET has unblocked", () => {
    ept.write64(ept.ept(PAGE), 0n);
    ept.forget();
    ept.core.setState32(STATE.NMI_UNBLOCKED, 1);
    const qualification = TRANSLATION | ADVANCED | 1 | 0x1000;
    expect(ept.access(PAGE, READ)).toMatchObject({ qualification });
  });
});

describe("misconfigurations", () => {
  const leaf = BigInt(PAGE) | RWX;
  const wrong: [string, number, bigint][] = [
    ["write without read", 1, BigInt(PAGE) | 2n | WRITE_BACK],
    ["write and execute without read", 1, BigInt(PAGE) | 6n | WRITE_BACK],
    ["memory type 2", 1, BigInt(PAGE) | 7n | (2n << 3n)],
    ["memory type 3", 1, BigInt(PAGE) | 7n | (3n << 3n)],
    ["memory type 7", 1, BigInt(PAGE) | 7n | (7n << 3n)],
    ["address bit 46", 1, leaf | (1n << 46n)],
    ["address bit 51", 1, leaf | (1n << 51n)],
    ["write without read at level 4", 4, 2n],
    ["bit 3 at level 2", 2, 8n],
    ["bit 6 at level 3", 3, 0x40n],
    ["bit 7 at level 4", 4, 0x80n],
    ["address bit 47 at level 3", 3, 1n << 47n],
    ["bit 12 of a 2 MiB page", 2, 0x1080n | WRITE_BACK],
    ["bit 20 of a 2 MiB page", 2, 0x100080n | WRITE_BACK],
    ["bit 29 of a 1 GiB page", 3, 0x20000080n | WRITE_BACK],
  ];
  for (const [name, level, bits] of wrong) {
    for (const access of [READ, WRITE, FETCH]) {
      test(`${name}, access ${access}`, () => {
        const gpa =
          level === 4 ? 1n << 39n : level === 3 ? 1n << 30n : level === 2 ? 1n << 21n : 0n;
        if (level === 1) {
          ept.write64(ept.ept(PAGE), bits);
        } else {
          const present = name.startsWith("write") ? bits : bits | 7n;
          ept.write64(EPT_PML4 + (4 - level) * 0x1000 + 8, present);
          ept.write64(ept.pte(PAGE), gpa | 7n);
        }
        ept.forget();
        const address = level === 1 ? BigInt(PAGE) : gpa;
        expect(ept.access(PAGE, access)).toMatchObject({ exit: MISCONFIGURATION, gpa: address });
      });
    }
  }

  test("execute-only needs the capability", () => {
    ept.write64(ept.ept(PAGE), BigInt(PAGE) | 4n | WRITE_BACK);
    ept.forget();
    expect(ept.access(PAGE, FETCH)).toEqual({ hpa: PAGE });
    ept.capability(CAP_ALL & ~1n);
    ept.forget();
    expect(ept.access(PAGE, FETCH)).toMatchObject({ exit: MISCONFIGURATION });
  });

  test("user-mode execute-only needs it, too, with mode-based execute control", () => {
    ept.write64(ept.ept(PAGE), BigInt(PAGE) | 0x400n | WRITE_BACK);
    ept.capability(CAP_ALL & ~1n);
    ept.forget();
    expect(ept.access(PAGE, FETCH)).toMatchObject({ exit: VIOLATION });
    ept.controls(SECONDARY.MBEC);
    expect(ept.access(PAGE, FETCH)).toMatchObject({ exit: MISCONFIGURATION });
  });

  test("large pages need their capabilities", () => {
    ept.write64(EPT_PML4 + 0x1000 + 8, 0x80n | RWX);
    ept.write64(EPT_PML4 + 0x2000 + 8, 0x80n | RWX);
    for (const [gpa, cap] of [
      [1n << 30n, 1n << 17n],
      [1n << 21n, 1n << 16n],
    ] as const) {
      ept.capability(CAP_ALL);
      ept.write64(ept.pte(PAGE), gpa | 7n);
      ept.forget();
      expect(ept.access(PAGE, READ)).toEqual({ hpa: 0 });
      ept.capability(CAP_ALL & ~cap);
      ept.forget();
      expect(ept.access(PAGE, READ)).toMatchObject({ exit: MISCONFIGURATION, gpa });
    }
  });

  test("an entry that is not present is a violation whatever its other bits", () => {
    ept.write64(ept.ept(PAGE), ~7n);
    ept.forget();
    expect(ept.access(PAGE, READ)).toEqual(violation(PAGE, 1));
  });

  test("ignored bits are ignored", () => {
    ept.write64(ept.ept(PAGE), leaf | 0xf80n | (0xfffn << 52n));
    ept.forget();
    expect(ept.access(PAGE, WRITE)).toEqual({ hpa: PAGE });
    expect(ept.read64(ept.ept(PAGE))).toBe(leaf | 0xf80n | (0xfffn << 52n));
  });
});

describe("guest paging structures", () => {
  // The guest's PTEs lie at guest-physical 0x4000.
  const entry = BigInt(0x4000 + (PAGE >> 12) * 8);

  test("are read where the EPT puts them", () => {
    ept.write64(ept.ept(0x4000), 0x50000n | RWX);
    ept.write64(0x50000 + (PAGE >> 12) * 8, BigInt(OTHER) | 7n);
    ept.forget();
    expect(ept.access(PAGE, WRITE)).toEqual({ hpa: OTHER });
    expect(ept.read64(0x50000 + (PAGE >> 12) * 8)).toBe(BigInt(OTHER) | 0x67n);
    expect(ept.read64(0x4000 + (PAGE >> 12) * 8)).toBe(BigInt(PAGE) | 7n);
  });

  test.each([
    ["PML4", 0x1000, 0n],
    ["PDPT", 0x2000, 0n],
    ["PD", 0x3000, 0n],
    ["PT", 0x4000, BigInt((PAGE >> 12) * 8)],
  ])("a %s that is not mapped", (_name, table, index) => {
    ept.write64(ept.ept(table), 0n);
    ept.forget();
    expect(ept.access(PAGE, FETCH)).toEqual({
      exit: VIOLATION,
      qualification: LINEAR | 1,
      gla: BigInt(PAGE),
      gpa: BigInt(table) + index,
    });
  });

  test("setting a flag needs the right to write", () => {
    ept.write64(ept.ept(0x4000), 0x4000n | 1n | WRITE_BACK);
    ept.forget();
    const exit = { exit: VIOLATION, qualification: LINEAR | 3 | 8, gla: BigInt(PAGE), gpa: entry };
    expect(ept.access(PAGE, READ)).toEqual(exit);
    ept.write64(0x4000 + (PAGE >> 12) * 8, BigInt(PAGE) | 0x27n);
    expect(ept.access(PAGE, READ)).toEqual({ hpa: PAGE });
    expect(ept.access(PAGE, WRITE)).toEqual(exit);
    ept.write64(0x4000 + (PAGE >> 12) * 8, BigInt(PAGE) | 0x67n);
    expect(ept.access(PAGE, WRITE)).toEqual({ hpa: PAGE });
  });

  test("with A/D flags each access to them is a write", () => {
    ept.write64(ept.ept(0x4000), 0x4000n | 1n | WRITE_BACK);
    ept.write64(0x4000 + (PAGE >> 12) * 8, BigInt(PAGE) | 0x67n);
    ept.enter({ ad: true });
    ept.forget();
    const exit = { exit: VIOLATION, qualification: LINEAR | 3 | 8, gla: BigInt(PAGE), gpa: entry };
    for (const access of [READ, WRITE, FETCH]) expect(ept.access(PAGE, access)).toEqual(exit);
  });

  test("need no right to be fetched from", () => {
    ept.write64(ept.ept(0x4000), 0x4000n | 3n | WRITE_BACK);
    ept.forget();
    expect(ept.access(PAGE, FETCH)).toEqual({ hpa: PAGE });
  });

  test("32-bit paging goes through the EPT as well", () => {
    ept.core.setState64(STATE.EFER, 0n);
    ept.core.setState64(STATE.CR4, 0n);
    ept.core.u32[(ept.bare.ram + 0x60000) >> 2] = 0x61007;
    ept.core.u32[(ept.bare.ram + 0x62000 + (PAGE >> 10)) >> 2] = OTHER | 7;
    ept.write64(ept.ept(0x1000), 0x60000n | RWX);
    ept.write64(ept.ept(0x61000), 0x62000n | RWX);
    ept.enter({});
    ept.forget();
    expect(ept.access(PAGE + 0x10, READ)).toEqual({ hpa: OTHER + 0x10 });
    ept.write64(ept.ept(0x61000), 0n);
    ept.forget();
    const gpa = BigInt(0x61000 + (PAGE >> 10));
    const exit = { exit: VIOLATION, qualification: LINEAR | 1, gla: BigInt(PAGE + 0x10), gpa };
    expect(ept.access(PAGE + 0x10, READ)).toEqual(exit);
  });

  test("looking an address up leaves no trace", () => {
    ept.write64(ept.ept(PAGE), 0n);
    ept.enter({ ad: true });
    ept.forget();
    expect(ept.core.exports.translateLinear(OTHER, 0)).toBe(1);
    expect(ept.core.exports.translateLinear(PAGE, 0)).toBe(0);
    expect(ept.core.state32(STATE.FAULT)).toBe(0);
    expect(ept.core.state32(STATE.WALK_EXIT)).toBe(0);
    expect(ept.read64(ept.pte(OTHER))).toBe(BigInt(OTHER) | 7n);
    expect(ept.read64(ept.ept(OTHER))).toBe(BigInt(OTHER) | RWX);
  });
});
