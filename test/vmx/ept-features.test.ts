import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { STATE } from "../../src/generated/state.ts";
import {
  EPT_PML4,
  EptCore,
  FETCH,
  PML,
  READ,
  RWX,
  SECONDARY,
  SPPT,
  USER,
  VE_INFO,
  WRITE,
  WRITE_BACK,
} from "../support/ept-core.ts";

const PAGE = 0x30000;
const OTHER = 0x31000;
const TRANSLATION = 0x180 | 0x600;
const A = 0x100n;
const D = 0x200n;

let ept: EptCore;
beforeAll(async () => {
  ept = await EptCore.create();
});
beforeEach(() => {
  ept.reset();
});

describe("accessed and dirty flags", () => {
  /** Flags of the EPT entries of a guest-physical page, from the root on. */
  function flags(gpa: number): bigint[] {
    const upper = [0, 0x1000, 0x2000].map((offset) => ept.read64(EPT_PML4 + offset));
    return [...upper, ept.read64(ept.ept(gpa))].map((entry) => entry & (A | D));
  }

  test("stay as they are without EPTP bit 6", () => {
    ept.access(PAGE, WRITE);
    expect(flags(PAGE)).toEqual([0n, 0n, 0n, 0n]);
  });

  test("a read sets A along the way, a write D in the last entry", () => {
    ept.enter({ ad: true });
    ept.forget();
    ept.access(PAGE, READ);
    expect(flags(PAGE)).toEqual([A, A, A, A]);
    ept.access(PAGE, WRITE);
    expect(flags(PAGE)).toEqual([A, A, A, A | D]);
    ept.access(OTHER, FETCH);
    expect(flags(OTHER)).toEqual([A, A, A, A]);
  });

  test("the pages of the guest's tables get D by any walk", () => {
    ept.enter({ ad: true });
    ept.forget();
    ept.access(PAGE, READ);
    for (const table of [0x1000, 0x2000, 0x3000, 0x4000]) {
      expect(flags(table)).toEqual([A, A, A, A | D]);
    }
  });

  test("a cached read does not save a write from setting D", () => {
    ept.enter({ ad: true });
    ept.forget();
    ept.access(PAGE, READ);
    ept.access(PAGE, READ);
    ept.access(PAGE, WRITE | USER);
    expect(flags(PAGE)[3]).toBe(A | D);
    // Once cached, nothing sets it again: a hypervisor that clears it must use INVEPT.
    ept.write64(ept.ept(PAGE), BigInt(PAGE) | RWX);
    ept.access(PAGE, WRITE);
    expect(flags(PAGE)[3]).toBe(0n);
  });

  test("without a combined mapping a cleared D is set anew", () => {
    ept.enter({ ad: true });
    ept.forget();
    ept.access(PAGE, WRITE);
    for (const gpa of [PAGE, 0x4000]) {
      ept.write64(ept.ept(gpa), BigInt(gpa) | RWX);
    }
    // Another VPID walks, over the guest-physical mappings that are cached.
    ept.enter({ vpid: 2, ad: true });
    ept.access(PAGE, WRITE);
    expect(flags(PAGE)[3]).toBe(A | D);
    expect(flags(0x4000)[3]).toBe(A | D);
  });

  test("an access that fails sets none of its own", () => {
    ept.enter({ ad: true });
    ept.write64(ept.ept(PAGE), BigInt(PAGE) | 1n | WRITE_BACK);
    ept.forget();
    expect(ept.access(PAGE, WRITE)).toMatchObject({ exit: 48 });
    expect(flags(PAGE)[3]).toBe(0n);
    expect(ept.read64(ept.pte(PAGE))).toBe(BigInt(PAGE) | 7n);
  });

  test("a large page has its flags in its own entry", () => {
    ept.write64(EPT_PML4 + 0x2000 + 8, 0x80n | RWX);
    ept.write64(ept.pte(PAGE), (1n << 21n) | 0x34000n | 7n);
    ept.enter({ ad: true });
    ept.forget();
    expect(ept.access(PAGE, WRITE)).toEqual({ hpa: 0x34000 });
    expect(ept.read64(EPT_PML4 + 0x2000 + 8)).toBe(0x80n | RWX | A | D);
  });
});

describe("page-modification logging", () => {
  beforeEach(() => {
    ept.controls(SECONDARY.PML);
    ept.field("pml_address", BigInt(PML));
    ept.field("pml_index", 511n);
    ept.enter({ ad: true });
    ept.access(OTHER, WRITE);
    ept.field("pml_index", 511n);
  });

  test("a D flag that is set is logged, once", () => {
    ept.access(PAGE + 0x123, WRITE);
    expect(ept.readField("pml_index")).toBe(510n);
    expect(ept.read64(PML + 511 * 8)).toBe(BigInt(PAGE));
    ept.access(PAGE + 0x456, WRITE);
    expect(ept.readField("pml_index")).toBe(510n);
  });

  test("an A flag alone takes no room but needs it", () => {
    ept.access(PAGE, READ);
    expect(ept.readField("pml_index")).toBe(511n);
    ept.field("pml_index", 512n);
    const full = { exit: 62, qualification: 0 };
    expect(ept.access(PAGE + 0x1000 * 2, READ)).toMatchObject(full);
    expect(ept.read64(ept.ept(PAGE + 0x2000)) & A).toBe(0n);
  });

  test("the index wraps and the next flag is a log-full exit", () => {
    ept.field("pml_index", 0n);
    ept.access(PAGE, WRITE);
    expect(ept.readField("pml_index")).toBe(0xffffn);
    expect(ept.read64(PML)).toBe(BigInt(PAGE));
    ept.write64(ept.ept(0x32000), 0x32000n | RWX);
    const full = { exit: 62, qualification: 0, gpa: 0x32000n, gla: 0x32000n };
    expect(ept.access(0x32000, WRITE)).toEqual(full);
    expect(ept.read64(ept.ept(0x32000))).toBe(0x32000n | RWX);
    expect(ept.access(PAGE, WRITE)).toEqual({ hpa: PAGE });
    ept.field("pml_index", 7n);
    expect(ept.access(0x32000, WRITE)).toEqual({ hpa: 0x32000 });
    expect(ept.read64(PML + 7 * 8)).toBe(0x32000n);
  });

  test("bit 12 tells of unblocked NMIs", () => {
    ept.field("pml_index", 0xffffn);
    ept.core.setState32(STATE.NMI_UNBLOCKED, 1);
    expect(ept.access(PAGE, WRITE)).toMatchObject({ exit: 62, qualification: 0x1000 });
  });

  test("a violation goes before a full log", () => {
    ept.field("pml_index", 0xffffn);
    ept.write64(ept.ept(PAGE), BigInt(PAGE) | 1n | WRITE_BACK);
    expect(ept.access(PAGE, WRITE)).toMatchObject({ exit: 48 });
  });

  test("guest tables are logged by their first use", () => {
    ept.reset();
    ept.controls(SECONDARY.PML);
    ept.field("pml_address", BigInt(PML));
    ept.field("pml_index", 511n);
    ept.enter({ ad: true });
    ept.access(PAGE, READ);
    const logged = [511, 510, 509, 508].map((index) => ept.read64(PML + index * 8));
    expect(logged).toEqual([0x1000n, 0x2000n, 0x3000n, 0x4000n]);
    expect(ept.readField("pml_index")).toBe(507n);
  });

  test("without A/D flags nothing is logged", () => {
    ept.enter({ ad: false });
    ept.forget();
    ept.field("pml_index", 0xffffn);
    expect(ept.access(PAGE, WRITE)).toEqual({ hpa: PAGE });
  });
});

describe("mode-based execute control", () => {
  beforeEach(() => {
    for (const offset of [0, 0x1000, 0x2000]) {
      ept.write64(EPT_PML4 + offset, ept.read64(EPT_PML4 + offset) | 0x400n);
    }
  });

  // Supervisor fetches need bit 2, user ones bit 10; the guest's page decides which it is.
  const rows: [bigint, bigint, boolean][] = [
    [0x004n, 7n, false],
    [0x004n, 3n, true],
    [0x400n, 7n, true],
    [0x400n, 3n, false],
    [0x404n, 7n, true],
    [0x404n, 3n, true],
    [0n, 7n, false],
    [0n, 3n, false],
  ];
  for (const [execute, guest, granted] of rows) {
    test(`EPT entry ${execute.toString(16)}, guest entry ${guest}`, () => {
      ept.controls(SECONDARY.MBEC);
      ept.write64(ept.ept(PAGE), BigInt(PAGE) | 3n | execute | WRITE_BACK);
      ept.write64(ept.pte(PAGE), BigInt(PAGE) | guest);
      ept.forget();
      const bits = 4 | 0x18 | (execute & 4n ? 0x20 : 0) | (execute & 0x400n ? 0x40 : 0);
      const qualification = 0x180 | 0x400 | (guest === 7n ? 0x200 : 0) | bits;
      const expected = granted ? { hpa: PAGE } : { exit: 48, qualification };
      expect(ept.access(PAGE, FETCH)).toMatchObject(expected);
      // Cached for reads first, it must grant no more.
      ept.forget();
      ept.access(PAGE, READ);
      expect(ept.access(PAGE, FETCH)).toMatchObject(expected);
    });
  }

  test("without it bit 10 is ignored and bit 6 of the qualification is 0", () => {
    ept.write64(ept.ept(PAGE), BigInt(PAGE) | 0x403n | WRITE_BACK);
    ept.forget();
    const qualification = TRANSLATION | 4 | 0x18;
    expect(ept.access(PAGE, FETCH)).toMatchObject({ exit: 48, qualification });
  });

  test("bit 10 counts in all entries used", () => {
    ept.controls(SECONDARY.MBEC);
    ept.write64(EPT_PML4 + 0x1000, ept.read64(EPT_PML4 + 0x1000) & ~0x400n);
    ept.write64(ept.ept(PAGE), BigInt(PAGE) | 0x407n | WRITE_BACK);
    ept.forget();
    const qualification = TRANSLATION | 4 | 0x38;
    expect(ept.access(PAGE, FETCH)).toMatchObject({ exit: 48, qualification });
  });

  test("an entry with bit 10 alone is present", () => {
    ept.controls(SECONDARY.MBEC);
    ept.write64(ept.ept(PAGE), BigInt(PAGE) | 0x400n | WRITE_BACK);
    ept.forget();
    expect(ept.access(PAGE, FETCH)).toEqual({ hpa: PAGE });
    const qualification = TRANSLATION | 1 | 0x40;
    expect(ept.access(PAGE, READ)).toMatchObject({ exit: 48, qualification });
  });
});

describe("virtualization exceptions", () => {
  const SUPPRESS = 1n << 63n;
  beforeEach(() => {
    ept.controls(SECONDARY.VE);
    ept.field("ve_info_addr", BigInt(VE_INFO));
    ept.field("eptp_index", 0x1234n);
  });

  test("a convertible violation is #VE with its information", () => {
    ept.write64(ept.ept(PAGE), 0n);
    ept.forget();
    expect(ept.access(PAGE + 5, WRITE)).toMatchObject({ fault: 20 });
    expect(ept.read64(VE_INFO)).toBe(0xffffffff00000030n);
    expect(ept.read64(VE_INFO + 8)).toBe(BigInt(TRANSLATION | 2));
    expect(ept.read64(VE_INFO + 16)).toBe(BigInt(PAGE + 5));
    expect(ept.read64(VE_INFO + 24)).toBe(BigInt(PAGE + 5));
    expect(ept.read64(VE_INFO + 32)).toBe(0x1234n);
  });

  test("a second one before the area is free is an exit", () => {
    ept.write64(ept.ept(PAGE), 0n);
    ept.forget();
    expect(ept.access(PAGE, READ)).toMatchObject({ fault: 20 });
    expect(ept.access(PAGE, READ)).toMatchObject({ exit: 48 });
    ept.write64(VE_INFO, 0x30n);
    expect(ept.access(PAGE, READ)).toMatchObject({ fault: 20 });
  });

  test.each([
    ["in an entry that is not present", SUPPRESS],
    ["in the entry of the page", BigInt(PAGE) | 4n | WRITE_BACK | SUPPRESS],
  ])("bit 63 %s suppresses it", (_name, entry) => {
    ept.write64(ept.ept(PAGE), entry);
    ept.forget();
    expect(ept.access(PAGE, READ)).toMatchObject({ exit: 48 });
    expect(ept.read64(VE_INFO)).toBe(0n);
  });

  test("bit 63 above the last entry does not", () => {
    ept.write64(EPT_PML4, ept.read64(EPT_PML4) | SUPPRESS);
    ept.write64(ept.ept(PAGE), 0n);
    ept.forget();
    expect(ept.access(PAGE, READ)).toMatchObject({ fault: 20 });
  });

  test("violations of guest tables convert as well", () => {
    ept.write64(ept.ept(0x4000), 0n);
    ept.forget();
    expect(ept.access(PAGE, READ)).toMatchObject({ fault: 20 });
    expect(ept.read64(VE_INFO + 8)).toBe(0x81n);
    expect(ept.read64(VE_INFO + 24)).toBe(BigInt(0x4000 + (PAGE >> 12) * 8));
  });

  test.each([
    ["in real-address mode", STATE.CR0, 0n],
    ["while an event is delivered", STATE.DELIVERING, 1n],
  ])("not %s", (_name, word, value) => {
    ept.write64(ept.ept(PAGE), 0n);
    if (word === STATE.CR0) ept.core.setState64(word, value);
    else ept.core.setState32(word, Number(value));
    ept.enter({});
    ept.forget();
    expect(ept.access(PAGE, READ)).toMatchObject({ exit: 48 });
  });

  test("never for misconfigurations", () => {
    ept.write64(ept.ept(PAGE), BigInt(PAGE) | 2n);
    ept.forget();
    expect(ept.access(PAGE, READ)).toMatchObject({ exit: 49 });
  });

  test("not without the control", () => {
    ept.controls(0);
    ept.write64(ept.ept(PAGE), 0n);
    ept.forget();
    expect(ept.access(PAGE, READ)).toMatchObject({ exit: 48 });
  });
});

describe("sub-page write permissions", () => {
  const SUB_PAGE = 1n << 61n;
  const VECTOR = SPPT + 0x3000 + (PAGE >> 12) * 8;
  const DENIED = { exit: 48, qualification: TRANSLATION | 2 | 0x28 };

  beforeEach(() => {
    ept.controls(SECONDARY.SPP);
    ept.field("sppt_pointer", BigInt(SPPT));
    ept.write64(SPPT, BigInt(SPPT + 0x1000) | 1n);
    ept.write64(SPPT + 0x1000, BigInt(SPPT + 0x2000) | 1n);
    ept.write64(SPPT + 0x2000, BigInt(SPPT + 0x3000) | 1n);
    ept.write64(ept.ept(PAGE), BigInt(PAGE) | 5n | WRITE_BACK | SUB_PAGE);
    ept.forget();
  });

  test("permit the parts that they name, each write anew", () => {
    // Parts 0 and 3.
    ept.write64(VECTOR, 0x41n);
    expect(ept.access(PAGE, WRITE, 8)).toEqual({ hpa: PAGE });
    expect(ept.access(PAGE + 0x7f, WRITE, 1)).toEqual({ hpa: PAGE + 0x7f });
    expect(ept.access(PAGE + 0x80, WRITE, 1)).toMatchObject(DENIED);
    expect(ept.access(PAGE + 0x180, WRITE, 4)).toEqual({ hpa: PAGE + 0x180 });
    expect(ept.access(PAGE, READ)).toEqual({ hpa: PAGE });
    expect(ept.access(PAGE + 0x100, WRITE, 1)).toMatchObject(DENIED);
    expect(ept.access(PAGE, WRITE, 4)).toEqual({ hpa: PAGE });
  });

  test("a write over two parts needs both", () => {
    ept.write64(VECTOR, 0x1n);
    expect(ept.access(PAGE + 0x7e, WRITE, 4)).toMatchObject(DENIED);
    ept.write64(VECTOR, 0x5n);
    expect(ept.access(PAGE + 0x7e, WRITE, 4)).toEqual({ hpa: PAGE + 0x7e });
  });

  test("a write of unknown extent is denied", () => {
    ept.write64(VECTOR, 0x5555555555555555n);
    expect(ept.access(PAGE, WRITE, 0)).toMatchObject(DENIED);
  });

  test.each([0, 0x1000, 0x2000])("an invalid entry is a miss (offset %i)", (offset) => {
    ept.write64(SPPT + offset, 0n);
    const miss = { exit: 66, qualification: 0x800, gpa: BigInt(PAGE), gla: BigInt(PAGE) };
    expect(ept.access(PAGE, WRITE, 4)).toEqual(miss);
  });

  test.each([
    ["bit 1", 0x1000, 2n],
    ["bit 11", 0x2000, 0x800n],
    ["address bit 46", 0, 1n << 46n],
    ["bit 52", 0x2000, 1n << 52n],
    ["an odd bit of the vector", 0x3000 + (PAGE >> 12) * 8, 2n],
  ])("a reserved bit is a misconfiguration: %s", (_name, offset, bit) => {
    ept.write64(SPPT + offset, ept.read64(SPPT + offset) | bit);
    expect(ept.access(PAGE, WRITE, 4)).toMatchObject({ exit: 66, qualification: 0 });
  });

  test.each([
    ["without bit 61", BigInt(PAGE) | 5n | WRITE_BACK],
    ["of an execute-only page", BigInt(PAGE) | 4n | WRITE_BACK | SUB_PAGE],
  ])("have no say %s", (_name, entry) => {
    ept.write64(VECTOR, 0x5555555555555555n);
    ept.write64(ept.ept(PAGE), entry);
    ept.forget();
    expect(ept.access(PAGE, WRITE, 4)).toMatchObject({ exit: 48 });
  });

  test("have no say over guest tables", () => {
    ept.write64(ept.ept(0x4000), 0x4000n | 5n | WRITE_BACK | SUB_PAGE);
    ept.write64(SPPT + 0x3000 + 4 * 8, 0x5555555555555555n);
    ept.forget();
    expect(ept.access(OTHER, READ)).toMatchObject({ exit: 48, qualification: 0x80 | 3 | 0x28 });
  });

  test("set the dirty flag of the page", () => {
    ept.write64(VECTOR, 1n);
    ept.enter({ ad: true });
    ept.forget();
    expect(ept.access(PAGE, WRITE, 4)).toEqual({ hpa: PAGE });
    expect(ept.read64(ept.ept(PAGE)) & (A | D)).toBe(A | D);
    expect(ept.access(PAGE + 0x80, WRITE, 4)).toMatchObject(DENIED);
  });

  test("hold for instructions: parts of a store that crosses pages are judged apart", () => {
    ept.write64(VECTOR, 1n << 62n);
    // MOV [RBX], RAX: 8 bytes over the end of the page.
    ept.bare.setGpr(3, BigInt(PAGE + 0xffc));
    ept.bare.setGpr(0, 0x1122334455667788n);
    expect(ept.bare.run([0x48, 0x89, 0x03]).vector).toBe(-1);
    expect(ept.core.u32[(ept.bare.ram + PAGE + 0xffc) >> 2]).toBe(0x55667788);
    expect(ept.core.u32[(ept.bare.ram + OTHER) >> 2]).toBe(0x11223344);
  });
});
