/**
 * How wide each invalidation is: with a TLB that keeps whatever it may, a translation that an
 * operation must drop follows the changed tables, and one that it need not drop does not.
 */
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { STATE } from "../../src/generated/state.ts";
import {
  CAP_ALL,
  type Context,
  EPT_PML4,
  EPT_PML4_B,
  EptCore,
  READ,
  RWX,
} from "../support/ept-core.ts";

const PAGE = 0x30000;
const GLOBAL = 0x32000;
const MOVED = 0x40000;
const DESCRIPTOR = 0x20000;

let ept: EptCore;
beforeAll(async () => {
  ept = await EptCore.create();
});
beforeEach(() => {
  ept.reset();
  // CR4.PGE and CR4.PCIDE.
  ept.core.setState64(STATE.CR4, 0x606a0n);
  ept.write64(ept.pte(GLOBAL), BigInt(GLOBAL) | 0x107n);
});

const ROOT: Context = { vpid: 0, root: 0 };

/** Contexts with a translation of PAGE and of GLOBAL each. */
const CONTEXTS: Record<string, Context> = {
  "root, PCID 0": ROOT,
  "root, PCID 1": { ...ROOT, pcid: 1 },
  "VPID 1, EPT A": { vpid: 1, root: EPT_PML4 },
  "VPID 1, EPT A, PCID 1": { vpid: 1, root: EPT_PML4, pcid: 1 },
  "VPID 1, EPT B": { vpid: 1, root: EPT_PML4_B },
  "VPID 1, no EPT": { vpid: 1, root: 0 },
  "VPID 2, EPT A": { vpid: 2, root: EPT_PML4 },
  "VPID 2, EPT B, PCID 1": { vpid: 2, root: EPT_PML4_B, pcid: 1 },
  "VPID 0, EPT A": { vpid: 0, root: EPT_PML4 },
};

function go(context: Context): void {
  if (context.vpid === 0 && context.root === 0) ept.leave(context);
  else ept.enter(context);
}

/** Fills every context, changes the guest's tables, and performs `operation` in `where`. */
function survivors(where: Context, operation: () => void): Record<string, string> {
  for (const context of Object.values(CONTEXTS)) {
    go(context);
    for (const gla of [PAGE, PAGE + 0x1000, GLOBAL]) {
      expect(ept.access(gla, READ)).toEqual({ hpa: gla });
    }
  }
  for (const gla of [PAGE, PAGE + 0x1000, GLOBAL]) {
    const global = gla === GLOBAL ? 0x100n : 0n;
    ept.write64(ept.pte(gla), BigInt(MOVED) | 7n | global);
  }
  go(where);
  operation();
  const left: Record<string, string> = {};
  for (const [name, context] of Object.entries(CONTEXTS)) {
    go(context);
    const kept = [PAGE, PAGE + 0x1000, GLOBAL].map((gla) => {
      const ending = ept.access(gla, READ);
      return "hpa" in ending && ending.hpa === gla;
    });
    left[name] = ["page", "next", "global"].filter((_, i) => kept[i]).join(" ");
  }
  return left;
}

const ALL = "page next global";
const EVERYTHING = Object.fromEntries(Object.keys(CONTEXTS).map((name) => [name, ALL]));

/** What is left when only the named contexts lose something. */
function lost(changes: Record<string, string>): Record<string, string> {
  for (const name of Object.keys(changes)) expect(Object.keys(CONTEXTS)).toContain(name);
  return { ...EVERYTHING, ...changes };
}

/** MOV RAX, type; INVPCID / INVVPID / INVEPT RAX, [RBX] */
function invalidate(opcode: number, type: number, low: bigint, high = 0n): void {
  ept.write64(DESCRIPTOR, low);
  ept.write64(DESCRIPTOR + 8, high);
  ept.bare.setGpr(0, BigInt(type));
  ept.bare.setGpr(3, BigInt(DESCRIPTOR));
  runKeeping([0x66, 0x0f, 0x38, opcode, 0x03]);
}

/** Runs code without the flush by which the host otherwise announces new state. */
function runKeeping(code: readonly number[]): void {
  expect(ept.bare.runKeeping(code).vector).toBe(-1);
}

const INVEPT = 0x80;
const INVVPID = 0x81;
const INVPCID = 0x82;

test("a change of context drops nothing", () => {
  expect(survivors(ROOT, () => {})).toEqual(EVERYTHING);
});

describe("transitions", () => {
  test("without VPIDs drop VPID 0, whatever its EP4TA", () => {
    const gone = { "root, PCID 0": "", "root, PCID 1": "", "VPID 0, EPT A": "" };
    expect(survivors(ROOT, () => ept.leave({ flush: true }))).toEqual(lost(gone));
    ept.reset();
    ept.core.setState64(STATE.CR4, 0x606a0n);
    ept.write64(ept.pte(GLOBAL), BigInt(GLOBAL) | 0x107n);
    const enter = () => ept.enter({ vpid: 0, root: EPT_PML4_B, flush: true });
    expect(survivors(ROOT, enter)).toEqual(lost(gone));
  });
});

describe("INVLPG", () => {
  /** INVLPG [RBX] */
  function invlpg(gla: number): void {
    ept.bare.setGpr(3, BigInt(gla));
    runKeeping([0x0f, 0x01, 0x3b]);
  }

  test("in root operation: VPID 0, current PCID, every EP4TA", () => {
    const gone = { "root, PCID 0": "next global", "VPID 0, EPT A": "next global" };
    expect(survivors(ROOT, () => invlpg(PAGE))).toEqual(lost(gone));
  });

  test("of a global page: in every PCID", () => {
    const gone = {
      "root, PCID 0": "page next",
      "root, PCID 1": "page next",
      "VPID 0, EPT A": "page next",
    };
    expect(survivors(ROOT, () => invlpg(GLOBAL))).toEqual(lost(gone));
  });

  test("in non-root operation: the VPID, current PCID, every EP4TA and none", () => {
    const gone = {
      "VPID 1, EPT A": "next global",
      "VPID 1, EPT B": "next global",
      "VPID 1, no EPT": "next global",
    };
    const where = { vpid: 1, root: EPT_PML4 };
    expect(survivors(where, () => invlpg(PAGE))).toEqual(lost(gone));
  });
});

describe("a large page of the guest in small pages of the EPT", () => {
  const REST = PAGE + 0x5000;

  /** Fills two pieces, moves the guest's page, performs `operation`; what the pieces give then. */
  function pieces(operation: () => void): boolean[] {
    ept.write64(EPT_PML4 + 0x2000 + 8, 0x80n | RWX);
    ept.write64(0x3000, 0x87n);
    ept.write64(0x3008, BigInt(0x4000) | 7n);
    ept.forget();
    ept.enter({ vpid: 1 });
    for (const gla of [PAGE, REST]) expect(ept.access(gla, READ)).toEqual({ hpa: gla });
    // The same linear addresses at guest-physical 2 MiB on, which the EPT maps in one piece.
    ept.write64(ept.ept(PAGE), BigInt(MOVED) | RWX);
    ept.write64(ept.ept(REST), BigInt(MOVED) | RWX);
    ept.write64(0x3000, 0x4007n);
    for (const gla of [PAGE, REST]) ept.write64(0x4000 + (gla >> 12) * 8, BigInt(MOVED) | 7n);
    operation();
    return [PAGE, REST].map((gla) => {
      const ending = ept.access(gla, READ);
      return "hpa" in ending && ending.hpa === gla;
    });
  }

  test("stays where nothing is done", () => {
    expect(pieces(() => {})).toEqual([true, true]);
  });

  test("goes as a whole by INVLPG of one address", () => {
    ept.bare.setGpr(3, BigInt(PAGE));
    expect(pieces(() => runKeeping([0x0f, 0x01, 0x3b]))).toEqual([false, false]);
  });

  test("goes as a whole by INVPCID and INVVPID of one address", () => {
    expect(pieces(() => invalidate(INVPCID, 0, 0n, BigInt(PAGE)))).toEqual([false, false]);
    ept.reset();
    const inRoot = () => {
      ept.leave();
      invalidate(INVVPID, 0, 1n, BigInt(PAGE));
      ept.enter({ vpid: 1 });
    };
    expect(pieces(inRoot)).toEqual([false, false]);
  });

  test("stays by INVLPG of another page", () => {
    ept.bare.setGpr(3, 0x40000000n);
    expect(pieces(() => runKeeping([0x0f, 0x01, 0x3b]))).toEqual([true, true]);
  });

  test("stays in part behind a page fault", () => {
    const fault = () => {
      ept.write64(0x3000, 0n);
      expect(ept.access(PAGE, 1)).toMatchObject({ fault: 14 });
      ept.write64(0x3000, 0x4007n);
    };
    expect(pieces(fault)).toEqual([false, true]);
  });
});

describe("MOV to CR3", () => {
  function movCr3(value: bigint): void {
    ept.bare.setGpr(0, value);
    runKeeping([0x0f, 0x22, 0xd8]);
  }

  test("drops its PCID of the current VPID but global pages", () => {
    const gone = {
      "VPID 1, EPT A": "global",
      "VPID 1, EPT B": "global",
      "VPID 1, no EPT": "global",
    };
    const where = { vpid: 1, root: EPT_PML4 };
    expect(survivors(where, () => movCr3(0x1000n))).toEqual(lost(gone));
  });

  test("drops nothing with bit 63", () => {
    const where = { vpid: 1, root: EPT_PML4 };
    expect(survivors(where, () => movCr3((1n << 63n) | 0x1001n))).toEqual(EVERYTHING);
  });
});

describe("MOV to CR4 of PGE", () => {
  test("drops the current VPID", () => {
    const gone = {
      "VPID 1, EPT A": "",
      "VPID 1, EPT A, PCID 1": "",
      "VPID 1, EPT B": "",
      "VPID 1, no EPT": "",
    };
    const toggle = () => {
      for (const value of [0x60620n, 0x606a0n]) {
        ept.bare.setGpr(0, value);
        runKeeping([0x0f, 0x22, 0xe0]);
      }
    };
    expect(survivors({ vpid: 1, root: EPT_PML4 }, toggle)).toEqual(lost(gone));
  });
});

describe("INVPCID", () => {
  const where = { vpid: 1, root: EPT_PML4 };
  const rows: [string, number, bigint, bigint, Record<string, string>][] = [
    [
      "type 0",
      0,
      0n,
      BigInt(PAGE),
      {
        "VPID 1, EPT A": "next global",
        "VPID 1, EPT B": "next global",
        "VPID 1, no EPT": "next global",
      },
    ],
    ["type 0 of a global page", 0, 0n, BigInt(GLOBAL), {}],
    ["type 1", 1, 1n, 0n, { "VPID 1, EPT A, PCID 1": "global" }],
    [
      "type 2",
      2,
      0n,
      0n,
      {
        "VPID 1, EPT A": "",
        "VPID 1, EPT A, PCID 1": "",
        "VPID 1, EPT B": "",
        "VPID 1, no EPT": "",
      },
    ],
    [
      "type 3",
      3,
      0n,
      0n,
      {
        "VPID 1, EPT A": "global",
        "VPID 1, EPT A, PCID 1": "global",
        "VPID 1, EPT B": "global",
        "VPID 1, no EPT": "global",
      },
    ],
  ];
  test.each(rows)("%s", (_name, type, low, high, gone) => {
    expect(survivors(where, () => invalidate(INVPCID, type, low, high))).toEqual(lost(gone));
  });
});

describe("a page fault", () => {
  test("drops its address in the current PCID, for every EP4TA", () => {
    const gone = {
      "VPID 1, EPT A": "next global",
      "VPID 1, EPT B": "next global",
      "VPID 1, no EPT": "next global",
    };
    const where = { vpid: 1, root: EPT_PML4 };
    const faulting = () => {
      // Reads hit; a write finds the page not dirty, walks, and faults on an entry not present.
      const entry = ept.read64(ept.pte(PAGE));
      ept.write64(ept.pte(PAGE), 0n);
      expect(ept.access(PAGE, 1)).toMatchObject({ fault: 14 });
      ept.write64(ept.pte(PAGE), entry);
    };
    expect(survivors(where, faulting)).toEqual(lost(gone));
  });
});

describe("INVVPID", () => {
  const rows: [string, number, bigint, bigint, Record<string, string>][] = [
    [
      "type 0: the address in every PCID",
      0,
      1n,
      BigInt(PAGE),
      {
        "VPID 1, EPT A": "next global",
        "VPID 1, EPT A, PCID 1": "next global",
        "VPID 1, EPT B": "next global",
        "VPID 1, no EPT": "next global",
      },
    ],
    [
      "type 0: global pages, too",
      0,
      1n,
      BigInt(GLOBAL),
      {
        "VPID 1, EPT A": "page next",
        "VPID 1, EPT A, PCID 1": "page next",
        "VPID 1, EPT B": "page next",
        "VPID 1, no EPT": "page next",
      },
    ],
    [
      "type 1",
      1,
      1n,
      0n,
      {
        "VPID 1, EPT A": "",
        "VPID 1, EPT A, PCID 1": "",
        "VPID 1, EPT B": "",
        "VPID 1, no EPT": "",
      },
    ],
    [
      "type 2: all but VPID 0",
      2,
      0n,
      0n,
      {
        "VPID 1, EPT A": "",
        "VPID 1, EPT A, PCID 1": "",
        "VPID 1, EPT B": "",
        "VPID 1, no EPT": "",
        "VPID 2, EPT A": "",
        "VPID 2, EPT B, PCID 1": "",
      },
    ],
    [
      "type 3: all but global pages",
      3,
      1n,
      0n,
      {
        "VPID 1, EPT A": "global",
        "VPID 1, EPT A, PCID 1": "global",
        "VPID 1, EPT B": "global",
        "VPID 1, no EPT": "global",
      },
    ],
  ];
  test.each(rows)("%s", (_name, type, low, high, gone) => {
    expect(survivors(ROOT, () => invalidate(INVVPID, type, low, high))).toEqual(lost(gone));
  });
});

describe("INVEPT", () => {
  const A = { "VPID 1, EPT A": "", "VPID 1, EPT A, PCID 1": "", "VPID 2, EPT A": "" };
  const B = { "VPID 1, EPT B": "", "VPID 2, EPT B, PCID 1": "" };
  const zero = { "VPID 0, EPT A": "" };

  test("type 1: combined mappings of one EP4TA, whatever the VPID", () => {
    const one = () => invalidate(INVEPT, 1, BigInt(EPT_PML4_B) | 0x1en);
    expect(survivors(ROOT, one)).toEqual(lost(B));
  });

  test("type 1: the other bits of the EPTP are no tag", () => {
    const one = () => invalidate(INVEPT, 1, BigInt(EPT_PML4) | 0x58n);
    expect(survivors(ROOT, one)).toEqual(lost({ ...A, ...zero }));
  });

  test("type 2: all combined mappings", () => {
    const all = () => invalidate(INVEPT, 2, 0n);
    expect(survivors(ROOT, all)).toEqual(lost({ ...A, ...B, ...zero }));
  });
});

describe("guest-physical mappings", () => {
  const NEW_VPID = { vpid: 9, root: EPT_PML4 };

  /** Fills, changes the EPT, performs `operation` in root operation; true when the old one stays. */
  function stays(operation: () => void): boolean {
    ept.capability(CAP_ALL);
    ept.enter({ vpid: 1, root: EPT_PML4 });
    expect(ept.access(PAGE, READ)).toEqual({ hpa: PAGE });
    ept.write64(ept.ept(PAGE), BigInt(MOVED) | RWX);
    ept.leave();
    operation();
    // A VPID never used: no combined mapping, so that the guest-physical one decides.
    ept.enter(NEW_VPID);
    const ending = ept.access(PAGE, READ);
    return "hpa" in ending && ending.hpa === PAGE;
  }

  test("are used by other VPIDs", () => {
    expect(stays(() => {})).toBe(true);
  });

  test.each([0, 1, 2, 3])("outlive INVVPID type %i", (type) => {
    expect(stays(() => invalidate(INVVPID, type, 1n, BigInt(PAGE)))).toBe(true);
  });

  test("outlive transitions without VPIDs", () => {
    expect(stays(() => ept.enter({ vpid: 0, flush: true }))).toBe(true);
  });

  test("outlive INVPCID in the guest", () => {
    const inGuest = () => {
      ept.enter({ vpid: 1 });
      invalidate(INVPCID, 2, 0n);
    };
    expect(stays(inGuest)).toBe(true);
  });

  test("outlive INVEPT of another root", () => {
    expect(stays(() => invalidate(INVEPT, 1, BigInt(EPT_PML4_B) | 0x1en))).toBe(true);
  });

  test("go by INVEPT of theirs and by INVEPT of all", () => {
    expect(stays(() => invalidate(INVEPT, 1, BigInt(EPT_PML4) | 0x1en))).toBe(false);
    ept.reset();
    expect(stays(() => invalidate(INVEPT, 2, 0n))).toBe(false);
  });

  test("a violation drops the one that it met, no other", () => {
    ept.enter({ vpid: 1, root: EPT_PML4 });
    for (const gpa of [PAGE, PAGE + 0x1000]) {
      ept.write64(ept.ept(gpa), BigInt(gpa) | 1n | 0x30n);
      ept.access(gpa, READ);
      ept.write64(ept.ept(gpa), BigInt(MOVED) | 1n | 0x30n);
    }
    expect(ept.access(PAGE, 1)).toMatchObject({ exit: 48 });
    ept.enter(NEW_VPID);
    expect(ept.access(PAGE, READ)).toEqual({ hpa: MOVED });
    expect(ept.access(PAGE + 0x1000, READ)).toEqual({ hpa: PAGE + 0x1000 });
  });
});

describe("combined mappings and an EPT violation", () => {
  test("the address goes in the current context alone", () => {
    ept.write64(ept.ept(PAGE), BigInt(PAGE) | 1n | 0x30n);
    const violate = () => {
      expect(ept.access(PAGE, 1)).toMatchObject({ exit: 48 });
    };
    // The walk behind it reads the changed table: the write goes where the EPT forbids none.
    ept.write64(ept.ept(MOVED), BigInt(MOVED) | 1n | 0x30n);
    const gone = { "VPID 1, EPT A": "next global" };
    expect(survivors({ vpid: 1, root: EPT_PML4 }, violate)).toEqual(lost(gone));
  });
});

test("a context whose translations are all global loses them from the front, too", () => {
  for (let i = 0; i < 512; i++) ept.write64(0x4000 + i * 8, BigInt(i << 12) | 0x107n);
  ept.forget();
  ept.leave({ pcid: 5 });
  ept.core.u32[(ept.bare.ram + PAGE) >> 2] = 0x1111;
  ept.core.u32[(ept.bare.ram + MOVED) >> 2] = 0x2222;
  // MOV EAX, [RBX] twice: by the slow path and by the front.
  ept.bare.setGpr(3, BigInt(PAGE));
  runKeeping([0x8b, 0x03, 0x8b, 0x03]);
  expect(ept.bare.gpr(0)).toBe(0x1111n);
  ept.write64(ept.pte(PAGE), BigInt(MOVED) | 0x107n);
  // Toggle CR4.PGE by RCX and RDX, then read.
  ept.bare.setGpr(1, 0x60620n);
  ept.bare.setGpr(2, 0x606a0n);
  runKeeping([0x0f, 0x22, 0xe1, 0x0f, 0x22, 0xe2, 0x8b, 0x03]);
  expect(ept.bare.gpr(0)).toBe(0x2222n);
});

test("an evicted large page does not live on in the front of its context", () => {
  // Guest pages of 2 MiB at 2 MiB on, one for each of 80 VPIDs: more than a set has ways.
  const LARGE = 0x200000;
  ept.write64(EPT_PML4 + 0x2000 + 8, 0x80n | RWX);
  ept.write64(0x3008, BigInt(LARGE) | 0x87n);
  ept.forget();
  ept.bare.setGpr(3, BigInt(LARGE + PAGE));
  ept.core.u32[(ept.bare.ram + PAGE) >> 2] = 0x1111;
  ept.core.u32[(ept.bare.ram + MOVED) >> 2] = 0x2222;
  ept.enter({ vpid: 1 });
  runKeeping([0x8b, 0x03, 0x8b, 0x03]);
  for (let vpid = 2; vpid < 80; vpid++) {
    ept.enter({ vpid });
    expect(ept.access(LARGE, READ)).toEqual({ hpa: 0 });
  }
  // VPID 1 has nothing left in the TLB: it must see the page in its new place.
  ept.write64(0x3008, 0x4007n);
  ept.write64(ept.pte(PAGE), BigInt(MOVED) | 7n);
  ept.enter({ vpid: 1 });
  runKeeping([0x8b, 0x03]);
  expect(ept.bare.gpr(0)).toBe(0x2222n);
});

test("hundreds of address spaces: numbers come back, translations never cross", () => {
  ept.leave();
  for (let vpid = 1; vpid <= 1200; vpid++) {
    const home = 0x40000 + ((vpid % 64) << 12);
    ept.write64(ept.pte(PAGE), BigInt(home) | 7n);
    ept.enter({ vpid, root: vpid % 3 === 0 ? EPT_PML4_B : EPT_PML4 });
    expect(ept.access(PAGE, READ)).toEqual({ hpa: home });
  }
  ept.enter({ vpid: 1200, root: EPT_PML4_B });
  const last = 0x40000 + ((1200 % 64) << 12);
  ept.write64(ept.pte(PAGE), BigInt(PAGE) | 7n);
  expect(ept.access(PAGE, READ)).toEqual({ hpa: last });
});

test("transitions without VPIDs by the thousand", () => {
  for (let i = 0; i < 3000; i++) {
    const home = 0x40000 + ((i % 64) << 12);
    ept.write64(ept.pte(PAGE), BigInt(home) | 7n);
    ept.enter({ vpid: 0, root: i % 2 === 0 ? EPT_PML4 : 0, flush: true });
    expect(ept.access(PAGE, READ)).toEqual({ hpa: home });
    ept.leave({ flush: true });
    expect(ept.access(PAGE + 0x1000, READ)).toEqual({ hpa: PAGE + 0x1000 });
  }
});
