/** Paging-structure caches: what may be in them, what a walk makes of them, what drops them. */
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { STATE } from "../../src/generated/state.ts";
import { readCounters } from "../../src/machine/counters.ts";
import {
  EPT_PML4,
  EPT_PML4_B,
  EPTP_LIST,
  EptCore,
  GUEST_PD,
  GUEST_PDPT,
  GUEST_PML4,
  KEEPING,
  READ,
  RWX,
  SECONDARY,
  USER,
  WRITE,
} from "../support/ept-core.ts";
import {
  CONTEXTS,
  changeEntry,
  eptEntryStays,
  losers,
  PAGE,
  probeAddress,
  ROOT,
  writeBranches,
} from "../support/structure-guest.ts";

const DESCRIPTOR = 0x20000;
const ELSEWHERE = 0xffff800000000000n;
const INVEPT = 0x80;
const INVVPID = 0x81;
const INVPCID = 0x82;
const EPTP_A = BigInt(EPT_PML4) | 0x1en;
const EPTP_B = BigInt(EPT_PML4_B) | 0x1en;
const VPID_1 = { vpid: 1, root: EPT_PML4 };

let ept: EptCore;
beforeAll(async () => {
  ept = await EptCore.create();
});
beforeEach(() => {
  ept.reset();
  // CR4.PGE and CR4.PCIDE.
  ept.core.setState64(STATE.CR4, 0x606a0n);
});

function runKeeping(code: readonly number[]): void {
  expect(ept.bare.runKeeping(code).vector).toBe(-1);
}

/** op RAX, [RBX] */
function invalidate(opcode: number, type: number, low: bigint, high = 0n): void {
  ept.write64(DESCRIPTOR, low);
  ept.write64(DESCRIPTOR + 8, high);
  ept.bare.setGpr(0, BigInt(type));
  ept.bare.setGpr(3, BigInt(DESCRIPTOR));
  runKeeping([0x66, 0x0f, 0x38, opcode, 0x03]);
}

/** INVLPG [RBX] */
function invlpg(gla: bigint): void {
  ept.bare.setGpr(3, gla);
  runKeeping([0x0f, 0x01, 0x3b]);
}

/** MOV CR3, RAX */
function movCr3(value: bigint): void {
  ept.bare.setGpr(0, value);
  runKeeping([0x0f, 0x22, 0xd8]);
}

function togglePge(): void {
  // MOV RAX, CR4; XOR AL, 0x80; MOV CR4, RAX; XOR AL, 0x80; MOV CR4, RAX
  runKeeping([0x0f, 0x20, 0xe0, 0x34, 0x80, 0x0f, 0x22, 0xe0, 0x34, 0x80, 0x0f, 0x22, 0xe0]);
}

const ROOT_0 = ["root, PCID 0", "VPID 0, EPT A"];
const ROOT_ALL = ["root, PCID 0", "root, PCID 1", "VPID 0, EPT A"];
const VPID_1_PCID_0 = ["VPID 1, EPT A", "VPID 1, EPT B", "VPID 1, no EPT"];
const VPID_1_ALL = Object.keys(CONTEXTS).filter((name) => name.startsWith("VPID 1"));
const EPT_A = Object.keys(CONTEXTS).filter((name) => name.includes("EPT A"));
const EPT_ANY = Object.keys(CONTEXTS).filter(
  (name) => name.includes("EPT") && !name.includes("no"),
);

const GLA = (level: number) => BigInt(probeAddress(level));

describe.each([2, 3, 4])("entries of level %i of the guest's tables", (level) => {
  const lostBy = (where: typeof ROOT, operation: () => void) =>
    losers(ept, level, where, operation).sort();

  test("stay while nothing drops them", () => {
    expect(lostBy(ROOT, () => {})).toEqual([]);
    changeEntry(ept, level);
  });

  test("INVLPG drops those of the PCID, whatever the address", () => {
    expect(lostBy(ROOT, () => invlpg(ELSEWHERE))).toEqual([...ROOT_0].sort());
  });

  test("INVLPG in non-root operation drops those of the VPID and PCID", () => {
    expect(lostBy(VPID_1, () => invlpg(ELSEWHERE))).toEqual([...VPID_1_PCID_0].sort());
  });

  test("INVPCID of an address drops those that serve it, in that PCID", () => {
    expect(lostBy(ROOT, () => invalidate(INVPCID, 0, 1n, GLA(level)))).toEqual(["root, PCID 1"]);
  });

  test("INVPCID of an address that they do not serve leaves them", () => {
    expect(lostBy(ROOT, () => invalidate(INVPCID, 0, 1n, ELSEWHERE))).toEqual([]);
  });

  test("INVPCID of a context and of all", () => {
    expect(lostBy(ROOT, () => invalidate(INVPCID, 1, 1n))).toEqual(["root, PCID 1"]);
    ept.reset();
    ept.core.setState64(STATE.CR4, 0x606a0n);
    expect(lostBy(ROOT, () => invalidate(INVPCID, 2, 0n))).toEqual([...ROOT_ALL].sort());
    ept.reset();
    ept.core.setState64(STATE.CR4, 0x606a0n);
    // They are no global translations, so that type 3 drops them all the same.
    expect(lostBy(ROOT, () => invalidate(INVPCID, 3, 0n))).toEqual([...ROOT_ALL].sort());
  });

  test("MOV to CR3 drops those of the PCID, with bit 63 none", () => {
    const pcid0 = BigInt(GUEST_PML4);
    expect(lostBy(ROOT, () => movCr3(pcid0))).toEqual([...ROOT_0].sort());
    ept.reset();
    ept.core.setState64(STATE.CR4, 0x606a0n);
    expect(lostBy(ROOT, () => movCr3(pcid0 | (1n << 63n)))).toEqual([]);
  });

  test("a change of CR4.PGE drops those of all PCIDs", () => {
    expect(lostBy(ROOT, togglePge)).toEqual([...ROOT_ALL].sort());
  });

  test("a page fault drops those that serve the address, in the VPID and PCID", () => {
    const fault = (gla: bigint) => () => expect(ept.access(gla, READ)).toMatchObject({ fault: 14 });
    // Page 100 of the region that the entry serves is not present.
    ept.write64(0x4000 + 100 * 8, 0n);
    const address = level === 2 ? 100n << 12n : GLA(level) + 0x1000n;
    expect(lostBy(VPID_1, fault(address))).toEqual([...VPID_1_PCID_0].sort());
    ept.reset();
    ept.core.setState64(STATE.CR4, 0x606a0n);
    expect(lostBy(VPID_1, fault(ELSEWHERE))).toEqual([]);
  });

  test("INVVPID", () => {
    const rows: [number, bigint, bigint, string[]][] = [
      [0, 1n, GLA(level), VPID_1_ALL],
      [0, 1n, ELSEWHERE, []],
      [1, 1n, 0n, VPID_1_ALL],
      [2, 0n, 0n, [...VPID_1_ALL, "VPID 2, EPT A"]],
      [3, 1n, 0n, VPID_1_ALL],
    ];
    for (const [type, vpid, gla, expected] of rows) {
      ept.reset();
      ept.core.setState64(STATE.CR4, 0x606a0n);
      const lost = lostBy(ROOT, () => invalidate(INVVPID, type, vpid, gla));
      expect({ type, gla, lost }).toEqual({ type, gla, lost: [...expected].sort() });
    }
  });

  test("INVEPT drops those of combined mappings", () => {
    expect(lostBy(ROOT, () => invalidate(INVEPT, 1, EPTP_A))).toEqual([...EPT_A].sort());
    ept.reset();
    ept.core.setState64(STATE.CR4, 0x606a0n);
    expect(lostBy(ROOT, () => invalidate(INVEPT, 1, EPTP_B))).toEqual(["VPID 1, EPT B"]);
    ept.reset();
    ept.core.setState64(STATE.CR4, 0x606a0n);
    expect(lostBy(ROOT, () => invalidate(INVEPT, 2, 0n))).toEqual([...EPT_ANY].sort());
  });

  test("transitions without VPIDs drop those of VPID 0", () => {
    expect(lostBy(ROOT, () => ept.leave({ flush: true }))).toEqual([...ROOT_ALL].sort());
  });

  test("EPTP switching without VPIDs drops combined ones of VPID 0, with VPIDs none", () => {
    const switchTo = () => {
      ept.controls(SECONDARY.VM_FUNCTIONS);
      ept.field("vm_function_controls", 1n);
      ept.field("eptp_list_addr", BigInt(EPTP_LIST));
      ept.write64(EPTP_LIST, EPTP_B);
      ept.bare.setGpr(0, 0n);
      ept.bare.setGpr(1, 0n);
      runKeeping([0x0f, 0x01, 0xd4]);
    };
    expect(lostBy({ vpid: 0, root: EPT_PML4 }, switchTo)).toEqual(["VPID 0, EPT A"]);
    ept.reset();
    ept.core.setState64(STATE.CR4, 0x606a0n);
    expect(lostBy(VPID_1, switchTo)).toEqual([]);
  });

  test("an EPT violation drops those that serve the address, in the context alone", () => {
    ept.write64(ept.ept(0x52000), 0n);
    ept.write64(0x4000 + 101 * 8, 0x52007n);
    const address = level === 2 ? 101n << 12n : GLA(level) + 0x1000n;
    const violate = () => {
      // Beyond level 2 the page is reached through the table of the old branch.
      ept.write64(0x60000 + ((PAGE >> 12) + 1) * 8, 0x52007n);
      expect(ept.access(address, READ)).toMatchObject({ exit: 48 });
    };
    expect(lostBy(VPID_1, violate)).toEqual(["VPID 1, EPT A"]);
  });
});

describe.each([2, 3, 4])("entries of level %i of the EPT", (level) => {
  const stays = (operation: () => void) => eptEntryStays(ept, level, operation);

  test("stay while nothing drops them", () => {
    expect(stays(() => {})).toBe(true);
  });

  test.each([0, 1, 2, 3])("outlive INVVPID type %i", (type) => {
    expect(
      stays(() => {
        ept.leave();
        invalidate(INVVPID, type, 1n, BigInt(PAGE));
      }),
    ).toBe(true);
  });

  test("outlive INVLPG, INVPCID and MOV to CR3 in the guest, and transitions", () => {
    expect(stays(() => invlpg(BigInt(PAGE)))).toBe(true);
    ept.reset();
    expect(stays(() => invalidate(INVPCID, 2, 0n))).toBe(true);
    ept.reset();
    expect(stays(() => movCr3(BigInt(GUEST_PML4)))).toBe(true);
    ept.reset();
    expect(stays(() => ept.enter({ vpid: 0, flush: true }))).toBe(true);
  });

  test("INVEPT drops those of its EP4TA, or all", () => {
    const invept = (type: number, eptp: bigint) => () => {
      ept.leave();
      invalidate(INVEPT, type, eptp);
    };
    expect(stays(invept(1, EPTP_A))).toBe(false);
    ept.reset();
    expect(stays(invept(1, EPTP_B))).toBe(true);
    ept.reset();
    expect(stays(invept(2, 0n))).toBe(false);
  });

  test("an EPT violation drops those that serve the address, no others", () => {
    const violate = (gpa: bigint) => () => {
      ept.write64(ept.ept(0x1f0000), 0n);
      ept.write64(0x230000 + 0x1f0 * 8, 0n);
      ept.write64(ept.pte(0x40000), gpa | 7n);
      expect(ept.access(0x40000, READ)).toMatchObject({ exit: 48, gpa });
    };
    const inReach = 0x1f0000n + (level === 2 ? 0n : 1n << BigInt(3 + 9 * (level - 1)));
    expect(stays(violate(inReach))).toBe(false);
    ept.reset();
    expect(stays(violate(1n << 40n))).toBe(true);
  });
});

describe("what is never cached", () => {
  beforeEach(() => {
    ept.leave();
  });

  test("an entry that is not present", () => {
    ept.write64(GUEST_PD, 0x4006n);
    expect(ept.access(PAGE, READ)).toMatchObject({ fault: 14 });
    ept.write64(GUEST_PD, 0x4007n);
    expect(ept.access(PAGE, READ)).toEqual({ hpa: PAGE });
  });

  test("an entry with reserved bits", () => {
    ept.write64(GUEST_PDPT, 0x3007n | (1n << 50n));
    expect(ept.access(PAGE, READ)).toMatchObject({ fault: 14, error: 9 });
    ept.write64(GUEST_PDPT, 0x3007n);
    expect(ept.access(PAGE, READ)).toEqual({ hpa: PAGE });
  });

  test("an entry that maps a page", () => {
    ept.write64(GUEST_PD, 0x87n);
    const fills = () =>
      readCounters(ept.core, KEEPING).caches.find(({ name }) => name === "guest PDE")!.fills;
    const before = fills();
    ept.access(PAGE, READ);
    expect(fills()).toBe(before);
    ept.write64(GUEST_PD, 0x4007n);
    ept.access(0x200000, READ);
    ept.forget();
    ept.access(PAGE, READ);
    expect(fills()).toBe(before + 1);
  });

  test("EPT entries that are not present or misconfigured", () => {
    for (const [bad, exit] of [
      [0n, 48],
      [0x203000n | 0xfn, 49],
    ] as const) {
      ept.enter({ vpid: 1 });
      ept.write64(EPT_PML4 + 0x2000, bad);
      ept.forget();
      expect(ept.access(PAGE, READ)).toMatchObject({ exit });
      ept.write64(EPT_PML4 + 0x2000, BigInt(EPT_PML4 + 0x3000) | 7n);
      expect(ept.access(PAGE, READ)).toEqual({ hpa: PAGE });
    }
  });
});

describe("rights", () => {
  beforeEach(() => {
    ept.leave();
    ept.core.setState64(STATE.CR0, 0x80010033n);
    ept.leave();
  });

  test("of all entries above count, cached or not", () => {
    ept.write64(GUEST_PDPT, 0x3005n);
    ept.forget();
    for (const gla of [PAGE, PAGE + 0x1000]) {
      expect(ept.access(gla, READ | USER)).toEqual({ hpa: gla });
      expect(ept.access(gla, WRITE)).toMatchObject({ fault: 14, error: 3 });
    }
    ept.write64(GUEST_PML4, 0x2003n);
    ept.write64(GUEST_PDPT, 0x3007n);
    ept.forget();
    for (const gla of [PAGE, PAGE + 0x1000]) {
      expect(ept.access(gla, WRITE)).toEqual({ hpa: gla });
      expect(ept.access(gla, READ | USER)).toMatchObject({ fault: 14, error: 5 });
    }
  });

  test("that were taken away stay until INVLPG, of any address of the PCID", () => {
    ept.access(PAGE, WRITE);
    ept.write64(GUEST_PD, 0x4025n);
    expect(ept.access(PAGE + 0x1000, WRITE)).toEqual({ hpa: PAGE + 0x1000 });
    invlpg(ELSEWHERE);
    expect(ept.access(PAGE + 0x2000, WRITE)).toMatchObject({ fault: 14, error: 3 });
  });

  test("that were added take one page fault at most", () => {
    ept.write64(GUEST_PD, 0x4005n);
    ept.forget();
    ept.access(PAGE, READ);
    ept.write64(GUEST_PD, 0x4007n);
    expect(ept.access(PAGE + 0x1000, WRITE)).toMatchObject({ fault: 14 });
    expect(ept.access(PAGE + 0x1000, WRITE)).toEqual({ hpa: PAGE + 0x1000 });
  });

  test("of EPT entries above count, cached or not", () => {
    ept.enter({ vpid: 1 });
    // The last gigabyte's branch may be read only.
    ept.write64(EPT_PML4 + 0x1000 + 8, BigInt(EPT_PML4 + 0x2000) | 1n);
    for (const n of [0, 1]) {
      ept.write64(ept.pte(PAGE + n * 0x1000), BigInt(0x40000000 + PAGE + n * 0x1000) | 7n);
    }
    ept.forget();
    for (const gla of [PAGE, PAGE + 0x1000]) {
      expect(ept.access(gla, READ)).toEqual({ hpa: gla });
      expect(ept.access(gla, WRITE)).toMatchObject({ exit: 48 });
      expect(ept.access(gla, READ)).toEqual({ hpa: gla });
    }
  });

  test("mode-based execute control takes no entry that was cached without it", () => {
    ept.enter({ vpid: 1 });
    ept.access(PAGE, READ);
    ept.controls(SECONDARY.MBEC);
    for (const at of [EPT_PML4, EPT_PML4 + 0x1000, EPT_PML4 + 0x2000]) {
      ept.write64(at, ept.read64(at) | 0x400n);
    }
    // Nothing of the page itself is cached; supervisor fetches need bit 2, user ones bit 10.
    ept.write64(ept.ept(PAGE + 0x1000), BigInt(PAGE + 0x1000) | 3n | 0x430n);
    expect(ept.access(PAGE + 0x1000, 2 | USER)).toEqual({ hpa: PAGE + 0x1000 });
  });
});

describe("accessed flags", () => {
  const ACCESSED = 0x20n;

  test("stand in every entry that is cached, and are not set again through the cache", () => {
    ept.leave();
    ept.access(PAGE, READ);
    for (const at of [GUEST_PML4, GUEST_PDPT, GUEST_PD]) {
      expect(ept.read64(at) & ACCESSED).toBe(ACCESSED);
      ept.write64(at, ept.read64(at) & ~ACCESSED);
    }
    ept.access(PAGE + 0x1000, READ);
    for (const at of [GUEST_PML4, GUEST_PDPT, GUEST_PD]) {
      expect(ept.read64(at) & ACCESSED).toBe(0n);
    }
    expect(ept.read64(ept.pte(PAGE + 0x1000)) & ACCESSED).toBe(ACCESSED);
    invlpg(ELSEWHERE);
    ept.access(PAGE + 0x2000, READ);
    for (const at of [GUEST_PML4, GUEST_PDPT, GUEST_PD]) {
      expect(ept.read64(at) & ACCESSED).toBe(ACCESSED);
    }
  });

  test("the same in the EPT", () => {
    const upper = [EPT_PML4, EPT_PML4 + 0x1000, EPT_PML4 + 0x2000];
    ept.enter({ vpid: 1, ad: true });
    ept.forget();
    ept.access(PAGE, READ);
    for (const at of upper) {
      expect(ept.read64(at) & 0x100n).toBe(0x100n);
      ept.write64(at, ept.read64(at) & ~0x100n);
    }
    ept.access(PAGE + 0x1000, READ);
    for (const at of upper) expect(ept.read64(at) & 0x100n).toBe(0n);
    expect(ept.read64(ept.ept(PAGE + 0x1000)) & 0x100n).toBe(0x100n);
    // A write sets the dirty flag in the leaf alone.
    ept.access(PAGE + 0x1000, WRITE);
    expect(ept.read64(ept.ept(PAGE + 0x1000)) & 0x300n).toBe(0x300n);
  });

  test("a flag of the guest's leaf is set through a cached entry, with the right of the EPT", () => {
    ept.enter({ vpid: 1 });
    ept.access(PAGE, READ);
    ept.write64(ept.ept(0x4000), 0x4000n | 1n | 0x30n);
    invalidate(INVPCID, 0, 0n, 0n);
    ept.leave();
    invalidate(INVEPT, 2, 0n);
    ept.enter({ vpid: 1 });
    expect(ept.access(PAGE + 0x1000, READ)).toMatchObject({ exit: 48, gpa: 0x4000n + 0x188n });
  });
});

test("entries of one paging mode serve no other", () => {
  ept.leave();
  ept.access(PAGE, READ);
  // 32-bit paging with the same CR3 and tags, as a VM entry with a VPID may load it.
  ept.core.setState64(STATE.EFER, 0n);
  ept.core.setState64(STATE.CR4, 0n);
  ept.core.u32[(ept.bare.ram + 0x1000) >> 2] = 0x61007;
  ept.core.u32[(ept.bare.ram + 0x61000 + (0x36000 >> 10)) >> 2] = 0x40000 | 7;
  ept.leave();
  expect(ept.access(0x36000, READ)).toEqual({ hpa: 0x40000 });
});

test("32-bit paging caches its page-directory entries", () => {
  ept.core.setState64(STATE.EFER, 0n);
  ept.core.setState64(STATE.CR4, 0n);
  ept.core.setState32(STATE.SEG_ACCESS + 4, 0xc09b);
  const write32 = (at: number, value: number) => {
    ept.core.u32[(ept.bare.ram + at) >> 2] = value;
  };
  write32(0x1000, 0x61007);
  // The code, in either version.
  for (const table of [0x61000, 0x62000]) write32(table + (0x10000 >> 10), 0x10007);
  write32(0x61000 + (PAGE >> 10), PAGE | 7);
  write32(0x61000 + (0x3f0000 >> 10), 0x40007);
  write32(0x62000 + (0x3f0000 >> 10), 0x41007);
  ept.leave();
  ept.forget();
  ept.access(PAGE, READ);
  write32(0x1000, 0x62007);
  // The entry serves 4 MiB.
  expect(ept.access(0x3f0000, READ)).toEqual({ hpa: 0x40000 });
  invlpg(0x3f0000n);
  expect(ept.access(0x3f0000, READ)).toEqual({ hpa: 0x41000 });
});

test("hundreds of address spaces: cached entries never cross", () => {
  writeBranches(ept);
  for (let vpid = 1; vpid <= 1200; vpid++) {
    // Each space in turn has the one or the other version of the branch.
    ept.write64(GUEST_PD, BigInt(vpid % 2 === 0 ? 0x4000 : 0x66000) | 7n);
    ept.enter({ vpid, root: vpid % 3 === 0 ? EPT_PML4_B : EPT_PML4 });
    ept.access(PAGE, READ);
    const hpa = vpid % 2 === 0 ? 0x50000 : 0x51000;
    expect(ept.access(probeAddress(2), READ)).toEqual({ hpa });
  }
  expect(ept.read64(ept.ept(PAGE))).toBe(BigInt(PAGE) | RWX);
});
