/** VMCS shadowing, VM functions and page-modification logging as L0 offers them to L1. */
import { describe, expect, it } from "vitest";
import { FIELD, REASON, SECONDARY } from "../../src/generated/vmx.ts";
import { fieldOf, SHADOW_VMCS, VMCS12_REVISION } from "../../src/l0/nested/vmcs12.ts";
import {
  getField,
  l1,
  launch,
  resume,
  setField,
  tellReason,
  vmclear,
  vmptrld,
  vmxon,
} from "../../src/lab/hypervisor-code.ts";
import {
  ept12At,
  eptpOf,
  L2_CODE,
  leafOf,
  VMXON_REGION,
  vmcs12At,
} from "../../src/lab/l2-world.ts";
import {
  type Code,
  halt,
  program,
  read,
  tell,
  vmcall,
  word,
  write,
} from "../../src/lab/program.ts";
import type { World } from "../../src/lab/world.ts";
import { fieldOffset } from "../../src/tables/vmx/fields.ts";
import { runNested } from "./nested-world.ts";

const DATA = 0x10000;
const OTHER = 0x11000;
const LOG = 0x12000;
const LIST = 0x13000;
const VMREAD_BITMAP = 0x14000;
const VMWRITE_BITMAP = 0x15000;
const PAGE = 4096;
const A = 0xaaaa;
const B = 0xbbbb;
const ENABLE = SECONDARY.enable_ept;
const begin = [vmxon(VMXON_REGION), vmptrld(vmcs12At(0))];

/** MOV EAX, function; MOV ECX, index; VMFUNC, in 16-bit code. */
const vmfunc = (number: number, index: number): Code => [
  ...[0x66, 0xb8, ...word(number), 0x66, 0xb9, ...word(index)],
  ...[0x0f, 0x01, 0xd4],
];
/** MOV EDX, field; VMREAD EAX, EDX, in 16-bit code. */
const readField = (field: number): Code => [0x66, 0xba, ...word(field), 0x0f, 0x78, 0xd0];
/** MOV EDX, field; MOV EAX, value; VMWRITE EDX, EAX. */
const writeField = (field: number, value: number): Code => [
  ...[0x66, 0xba, ...word(field), 0x66, 0xb8, ...word(value)],
  ...[0x0f, 0x79, 0xd0],
];

describe("VMREAD and VMWRITE of L1 by the processor", () => {
  it("does not exit for the fields of each exit", async () => {
    const second = L2_CODE + 0x40;
    const run = await runNested({
      programs: [
        program(
          ...[...begin, setField(FIELD.guest_rip, second), launch, tellReason],
          ...[getField(FIELD.guest_rip), l1.tell, halt],
        ),
      ],
      guests: [{ code: [...vmcall, ...Array<number>(0x3d).fill(0x90), ...vmcall] }],
    });
    expect(run.told).toEqual([REASON.vmcall, second]);
    expect(run.exits("VMREAD")).toBe(0);
    // The host's RIP, which `launch` writes, is none of these fields.
    expect(run.exits("VMWRITE")).toBe(1);
  });

  it("reaches L1's memory with VMCLEAR", async () => {
    const run = await runNested({
      programs: [
        program(
          ...[...begin, setField(FIELD.guest_rsp, 0x1234), setField(FIELD.exception_bitmap, 8)],
          ...[vmclear(vmcs12At(0)), halt],
        ),
      ],
      guests: [{ code: vmcall }],
    });
    expect(run.exits("VMWRITE")).toBe(0);
    const vmcs12 = run.vmcs12(vmcs12At(0));
    expect(vmcs12.lo(FIELD.guest_rsp)).toBe(0x1234);
    expect(vmcs12.lo(FIELD.exception_bitmap)).toBe(8);
    expect(run.nested.hasCurrent).toBe(false);
  });

  it("keeps two vmcs12s apart", async () => {
    const rsp = (value: number) => setField(FIELD.guest_rsp, value);
    const tellRsp = [...getField(FIELD.guest_rsp), ...l1.tell];
    const run = await runNested({
      programs: [
        program(
          ...[...begin, rsp(1), vmptrld(vmcs12At(1)), tellRsp, rsp(2)],
          ...[vmptrld(vmcs12At(0)), tellRsp, vmptrld(vmcs12At(1)), tellRsp, halt],
        ),
      ],
      guests: [{ code: vmcall }, { code: vmcall }],
    });
    expect(run.told).toEqual([0, 1, 2]);
    expect(run.exits("VMREAD")).toBe(0);
  });

  it("reads access rights without an exit that were written with one", async () => {
    const run = await runNested({
      programs: [
        program(
          ...[...begin, setField(FIELD.guest_cs_ar, 0xffffc09b), getField(FIELD.guest_cs_ar)],
          ...[l1.tell, halt],
        ),
      ],
      guests: [{ code: vmcall }],
    });
    // Bits that access rights do not have are dropped.
    expect(run.told).toEqual([0x1c09b]);
    expect(run.exits("VMWRITE")).toBe(1);
    expect(run.exits("VMREAD")).toBe(0);
  });

  it("is off outside VMX operation", async () => {
    const run = await runNested({
      programs: [program(...begin, [0x0f, 0x01, 0xc4], halt)],
      guests: [{ code: vmcall }],
    });
    const { hw } = run.vcpu;
    expect(hw.read(FIELD.secondary_proc_controls) & SECONDARY.vmcs_shadowing).toBe(0);
    expect(hw.readWide(FIELD.vmcs_link_pointer)).toBe(0xffff_ffff_ffff_ffffn);
  });
});

describe("a vmcs12 that L1 lets L2 read and write", () => {
  const shadowed = (code: Code, own: readonly Code[], prepare?: (world: World) => void) => ({
    programs: [program(...begin, launch, ...own, halt)],
    guests: [
      {
        code,
        eptp: eptpOf(ept12At(0)),
        fields: {
          [FIELD.secondary_proc_controls]: ENABLE | SECONDARY.vmcs_shadowing,
          [FIELD.vmread_bitmap_addr]: VMREAD_BITMAP,
          [FIELD.vmwrite_bitmap_addr]: VMWRITE_BITMAP,
        },
      },
    ],
    ept12s: [{}],
    prepare: (world: World) => {
      world.poke(vmcs12At(1), (VMCS12_REVISION | SHADOW_VMCS) >>> 0);
      setLink(world, vmcs12At(1));
      prepare?.(world);
    },
  });

  /** The link pointer of vmcs12, which the world's maker leaves without one. */
  function setLink(world: World, gpa: number): void {
    const at = vmcs12At(0);
    const place = fieldOffset(fieldOf(FIELD.vmcs_link_pointer)!);
    world.poke(at + place, gpa);
    world.poke(at + place + 4, 0);
  }

  it("is written back when L2 exits", async () => {
    const code = [...writeField(FIELD.guest_rsp, 0x77), ...readField(FIELD.guest_rsp), ...tell];
    const run = await runNested(shadowed([...code, ...vmcall], [tellReason]));
    expect(run.told).toEqual([0x77, REASON.vmcall]);
    expect(run.vmcs12(vmcs12At(1)).lo(FIELD.guest_rsp)).toBe(0x77);
    expect(run.vmcs12(vmcs12At(1)).isShadow).toBe(true);
  });

  it("exits to L1 for the fields of its bitmap", async () => {
    const { guest_rsp } = FIELD;
    const run = await runNested(
      shadowed(readField(guest_rsp), [tellReason], (world) => {
        world.poke(VMREAD_BITMAP + ((guest_rsp >> 5) << 2), 1 << (guest_rsp & 31));
      }),
    );
    expect(run.told).toEqual([REASON.vmread]);
  });

  it("must have the indicator of a shadow VMCS", async () => {
    const run = await runNested(
      shadowed(vmcall, [tellReason], (world) => {
        world.poke(vmcs12At(1), VMCS12_REVISION);
      }),
    );
    expect(run.told).toEqual([(REASON.entry_fail_guest_state | 0x80000000) >>> 0]);
  });
});

describe("EPTP switching", () => {
  const guest = (code: Code) => ({
    code,
    eptp: eptpOf(ept12At(0)),
    vpid: 3,
    fields: {
      [FIELD.secondary_proc_controls]:
        ENABLE | SECONDARY.enable_vpid | SECONDARY.enable_vm_functions,
      [FIELD.vm_function_controls]: 1,
      [FIELD.eptp_list_addr]: LIST,
    },
  });
  const world = (code: Code, own: readonly Code[]) => ({
    programs: [program(...begin, launch, ...own, halt)],
    guests: [guest(code)],
    ept12s: [{}, { pages: { [DATA]: OTHER } }],
    words: {
      [DATA]: A,
      [OTHER]: B,
      [LIST]: eptpOf(ept12At(0)),
      [LIST + 8]: eptpOf(ept12At(1)),
      [LIST + 16]: 0x42,
    },
  });
  const readTell = [...read(DATA), ...tell];

  it("goes to the tables of L1's list without an exit to L1", async () => {
    const code = [...readTell, ...vmfunc(0, 1), ...readTell, ...vmfunc(0, 0), ...readTell];
    const run = await runNested(
      world([...code, ...vmfunc(0, 1), ...vmcall], [tellReason, getField(FIELD.eptp), l1.tell]),
    );
    expect(run.told).toEqual([A, B, A, REASON.vmcall, eptpOf(ept12At(1))]);
    expect(run.exits("VMFUNC")).toBe(3);
  });

  it("is an exit to L1 with an EPTP that is not valid, a number beyond the list, and a function that is off", async () => {
    for (const code of [vmfunc(0, 2), vmfunc(0, 512), vmfunc(1, 0)]) {
      const run = await runNested(world(code, [tellReason]));
      expect(run.told).toEqual([REASON.vmfunc]);
    }
  });

  it("is #UD for functions above 63", async () => {
    const run = await runNested({
      ...world(vmfunc(64, 0), [tellReason]),
      guests: [
        {
          ...guest(vmfunc(64, 0)),
          fields: { ...guest([]).fields, [FIELD.exception_bitmap]: 1 << 6 },
        },
      ],
    });
    expect(run.told).toEqual([REASON.exception_or_nmi]);
  });
});

describe("page-modification logging", () => {
  const world = (index: number, code: Code, own: readonly Code[]) => ({
    programs: [program(...begin, launch, ...own, halt)],
    guests: [
      {
        code,
        eptp: eptpOf(ept12At(0), true),
        fields: {
          [FIELD.secondary_proc_controls]: ENABLE | SECONDARY.enable_pml,
          [FIELD.pml_address]: LOG,
          [FIELD.pml_index]: index,
        },
      },
    ],
    ept12s: [{}],
  });

  it("logs each page once, where its dirty flag becomes set", async () => {
    const code = [...write(DATA, 1), ...write(DATA + 8, 2), ...write(OTHER, 3), ...vmcall];
    const run = await runNested(world(511, code, [getField(FIELD.pml_index), l1.tell]));
    const [index] = run.told;
    const logged = [];
    for (let i = 511; i > index!; i--) logged.push(run.word(LOG + i * 8));
    expect(logged.filter((page) => page === DATA)).toHaveLength(1);
    expect(logged.filter((page) => page === OTHER)).toHaveLength(1);
    expect(run.word(leafOf(ept12At(0), DATA)) & 0x300).toBe(0x300);
  });

  it("exits to L1 when the log is full, and nothing is written before", async () => {
    const run = await runNested(
      world(
        0xffff,
        [...write(DATA, 1), ...vmcall],
        [
          ...[tellReason, l1.read(DATA), l1.tell, getField(FIELD.guest_physical_address), l1.tell],
          ...[setField(FIELD.pml_index, 511), resume, tellReason, l1.read(DATA), l1.tell],
        ],
      ),
    );
    const [reason, before, gpa, ...after] = run.told;
    expect([reason, before]).toEqual([REASON.pml_full, 0]);
    // The entry that had no room is the first in the new log.
    expect(run.word(LOG + 511 * 8)).toBe(gpa! - (gpa! % PAGE));
    expect(after).toEqual([REASON.vmcall, 1]);
  });
});
