/** The APIC-access page: which accesses the virtual-APIC page answers, and which exit, and how. */
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { LAYOUT } from "../../src/core/core.ts";
import { STATE } from "../../src/generated/state.ts";
import { CODE, DATA } from "../support/bare-core.ts";
import { ACCESS, ACCESS_FILL, STACK, VAPIC, VirtualApicGuest } from "../support/virtual-apic.ts";

let guest: VirtualApicGuest;
beforeAll(async () => {
  guest = await VirtualApicGuest.create();
});

const ACCESSES = "secondary.virtualize_apic_accesses";
const SHADOW = "primary.use_tpr_shadow";
const REGISTERS = "secondary.apic_register_virtualization";
const DELIVERY = "secondary.virtual_interrupt_delivery";

const NOP = 0x90;
const READ = 0;
const WRITE = 1;
const FETCH = 2;
const EVENT_DELIVERY = 3;

// RBX holds the address.
const LOADS = { 1: [0x8a, 0x03], 2: [0x66, 0x8b, 0x03], 4: [0x8b, 0x03], 8: [0x48, 0x8b, 0x03] };
const STORES = { 1: [0x88, 0x03], 2: [0x66, 0x89, 0x03], 4: [0x89, 0x03], 8: [0x48, 0x89, 0x03] };
const SIZES = [1, 2, 4, 8] as const;

/** Registers by page offset, as the SDM lists them. */
const row = (first: number, last = first) =>
  Array.from({ length: (last - first) / 16 + 1 }, (_, i) => first + i * 16);
const READABLE = [
  ...[0x20, 0x30, 0x80, 0xb0, 0xd0, 0xe0, 0xf0],
  ...row(0x100, 0x170),
  ...row(0x180, 0x1f0),
  ...row(0x200, 0x270),
  ...[0x280, 0x300, 0x310],
  ...row(0x320, 0x370),
  ...[0x380, 0x3e0],
];
const WRITABLE = [
  ...[0x20, 0x80, 0xb0, 0xd0, 0xe0, 0xf0, 0x280, 0x300, 0x310],
  ...row(0x320, 0x370),
  ...[0x380, 0x3e0],
];

interface Case {
  readonly name: string;
  readonly controls: readonly string[];
  readonly readable: readonly number[];
  readonly writable: readonly number[];
}

const TPR_EOI_ICR = [0x80, 0xb0, 0x300];
const CASES: readonly Case[] = [
  { name: "no TPR shadow", controls: [], readable: [], writable: [] },
  { name: "TPR shadow", controls: [SHADOW], readable: [0x80], writable: [0x80] },
  {
    name: "virtual-interrupt delivery",
    controls: [SHADOW, DELIVERY],
    readable: TPR_EOI_ICR,
    writable: TPR_EOI_ICR,
  },
  {
    name: "APIC-register virtualization",
    controls: [SHADOW, REGISTERS],
    readable: READABLE,
    writable: WRITABLE,
  },
  {
    name: "both",
    controls: [SHADOW, REGISTERS, DELIVERY],
    readable: READABLE,
    writable: WRITABLE,
  },
];

function virtualizes(registers: readonly number[], offset: number, size: number): boolean {
  return registers.some((register) => offset >= register && offset + size <= register + 4);
}

function access44(offset: number, type: number, rip = CODE) {
  return { reason: "apic_access", qualification: offset | (type << 12), rip };
}

/** Offsets worth trying: every second one of the registers, and some behind. */
const OFFSETS = [
  ...Array.from({ length: 0x200 }, (_, i) => i * 2),
  ...[0x81, 0x83, 0x400, 0x480, 0x7f0, 0x880, 0xff8],
];

describe.each(CASES)("with $name", ({ controls, readable, writable }) => {
  it.each(SIZES)("reads of %i bytes", (size) => {
    const mistakes: string[] = [];
    for (const offset of OFFSETS) {
      guest.enter([ACCESSES, ...controls]);
      for (let i = 0; i < 0x1000; i += 4) guest.setVapic(i, 0x11111111 + i);
      guest.bare.setGpr(0, 0n);
      guest.bare.setGpr(3, BigInt(ACCESS + offset));
      const { exit } = guest.run(LOADS[size]);
      const bytes = guest.bare.bytes(VAPIC + offset, size);
      const value = bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
      const expected = virtualizes(readable, offset, size)
        ? { exit: undefined, value }
        : { exit: access44(offset, READ), value: 0n };
      const seen = { exit, value: guest.bare.gpr(0) };
      const text = (it: unknown) =>
        JSON.stringify(it, (_, v) => (typeof v === "bigint" ? `${v}` : v));
      if (text(seen) !== text(expected)) mistakes.push(`0x${offset.toString(16)}: ${text(seen)}`);
    }
    expect(mistakes).toEqual([]);
  });

  it.each(SIZES)("writes of %i bytes", (size) => {
    const mistakes: string[] = [];
    const delivery = controls.includes(DELIVERY);
    for (const offset of OFFSETS) {
      guest.enter([ACCESSES, ...controls]);
      guest.bare.setGpr(0, 0x88776655443322f1n);
      guest.bare.setGpr(3, BigInt(ACCESS + offset));
      const { exit } = guest.run(STORES[size]);
      const slot = offset & ~3;
      const quiet = slot === 0x80 || slot === 0x310 || (slot === 0xb0 && delivery);
      let expected: object | undefined;
      if (!virtualizes(writable, offset, size)) {
        expected = access44(offset, WRITE);
      } else if (!quiet) {
        const rip = CODE + STORES[size].length;
        expected = { reason: "apic_write", qualification: offset, rip };
      }
      if (JSON.stringify(exit) !== JSON.stringify(expected)) {
        mistakes.push(`0x${offset.toString(16)}: ${JSON.stringify(exit)}`);
      }
      const stored = virtualizes(writable, offset, size) && !quiet;
      const first = guest.bare.bytes(VAPIC + offset, 1)[0];
      if (stored !== (first === 0xf1) && !quiet) mistakes.push(`0x${offset.toString(16)} stored`);
      if (guest.bare.bytes(ACCESS + offset, 1)[0] !== ACCESS_FILL) mistakes.push(`${offset} RAM`);
    }
    expect(mistakes).toEqual([]);
  });
});

describe("what the emulation of a write leaves", () => {
  function write(offset: number, value: number, ...controls: string[]) {
    guest.enter([ACCESSES, SHADOW, ...controls]);
    guest.setVapic(offset, 0x01020304);
    guest.bare.setGpr(0, BigInt(value));
    guest.bare.setGpr(3, BigInt(ACCESS + offset));
    return guest.run(STORES[4]).exit;
  }

  it("VTPR keeps byte 0", () => {
    expect(write(0x80, 0x12345678)).toBeUndefined();
    expect(guest.vapic(0x80)).toBe(0x78);
  });
  it("VICR_HI keeps byte 3", () => {
    expect(write(0x310, 0x12345678, REGISTERS)).toBeUndefined();
    expect(guest.vapic(0x310)).toBe(0x12000000);
  });
  it("VEOI becomes 0 with virtual-interrupt delivery", () => {
    expect(write(0xb0, 0x12345678, DELIVERY)).toBeUndefined();
    expect(guest.vapic(0xb0)).toBe(0);
  });
  it("VEOI keeps the value without", () => {
    expect(write(0xb0, 0x12345678, REGISTERS)?.reason).toBe("apic_write");
    expect(guest.vapic(0xb0)).toBe(0x12345678);
  });
  it("other registers keep the value, and the exit comes behind the instruction", () => {
    expect(write(0x320, 0x12345678, REGISTERS)).toEqual({
      reason: "apic_write",
      qualification: 0x320,
      rip: CODE + 2,
    });
    expect(guest.vapic(0x320)).toBe(0x12345678);
  });
});

describe("kinds of access", () => {
  function at(offset: number, code: number[], ...controls: string[]) {
    guest.enter([ACCESSES, SHADOW, ...controls]);
    guest.bare.setGpr(3, BigInt(ACCESS + offset));
    return guest.run(code);
  }

  it("an access that ends in the page", () => {
    expect(at(-2, LOADS[4]).exit).toEqual(access44(0, READ));
    expect(at(-2, STORES[4]).exit).toEqual(access44(0, WRITE));
  });
  it("an access that begins in it", () => {
    expect(at(0xffe, LOADS[4]).exit).toEqual(access44(0xffe, READ));
    expect(at(0xffe, STORES[4]).exit).toEqual(access44(0xffe, WRITE));
  });
  it("update: the register changes, and the write is emulated", () => {
    guest.enter([ACCESSES, SHADOW], { tpr: 0x21 });
    guest.bare.setGpr(3, BigInt(ACCESS + 0x80));
    // OR DWORD [RBX],40h
    expect(guest.run([0x83, 0x0b, 0x40]).exit).toBeUndefined();
    expect(guest.vapic(0x80)).toBe(0x61);
  });
  it("update of a register that may only be read", () => {
    expect(at(0x30, [0x83, 0x0b, 0x40], REGISTERS).exit).toEqual(access44(0x30, WRITE));
  });
  it("MOVUPS, FXSAVE and FXRSTOR", () => {
    expect(at(0x80, [0x0f, 0x10, 0x03], REGISTERS).exit).toEqual(access44(0x80, READ));
    expect(at(0x80, [0x0f, 0x11, 0x03], REGISTERS).exit).toEqual(access44(0x80, WRITE));
    expect(at(0x80, [0x0f, 0xae, 0x03], REGISTERS).exit).toEqual(access44(0x80, WRITE));
    expect(at(0x80, [0x0f, 0xae, 0x0b], REGISTERS).exit).toEqual(access44(0x80, READ));
  });
  it("FXSAVE into the page before it stores nothing", () => {
    guest.enter([ACCESSES, SHADOW]);
    guest.bare.setGpr(3, BigInt(ACCESS - 0x100));
    const before = guest.bare.bytes(ACCESS - 0x100, 0x100).slice();
    expect(guest.run([0x0f, 0xae, 0x03]).exit).toEqual(access44(0, WRITE));
    expect(guest.bare.bytes(ACCESS - 0x100, 0x100)).toEqual(before);
  });
  it("CLFLUSH is a read, PREFETCH and INVLPG are none", () => {
    expect(at(0, [0x0f, 0xae, 0x3b]).exit).toEqual(access44(0, READ));
    expect(at(0, [0x0f, 0x18, 0x0b]).exit).toBeUndefined();
    expect(at(0, [0x0f, 0x01, 0x3b]).exit).toBeUndefined();
  });
  it("the instruction length is that of the instruction", () => {
    at(0x10, LOADS[2], REGISTERS);
    expect(guest.field("exit_instruction_length")).toBe(3n);
    at(0x10, [NOP, ...STORES[8]], REGISTERS);
    expect(guest.field("exit_instruction_length")).toBe(3n);
    // REP LODSB, by way of the cold switch.
    guest.enter([ACCESSES, SHADOW]);
    guest.bare.setGpr(1, 1n);
    guest.bare.setGpr(6, BigInt(ACCESS));
    guest.run([NOP, 0xf3, 0xac]);
    expect(guest.field("exit_instruction_length")).toBe(2n);
  });
  it("PUSH and POP of 8 bytes", () => {
    guest.enter([ACCESSES, SHADOW, REGISTERS]);
    guest.bare.setGpr(4, BigInt(ACCESS + 0x88));
    expect(guest.run([0x50]).exit).toEqual(access44(0x80, WRITE));
    expect(guest.field("guest_rsp")).toBe(BigInt(ACCESS + 0x88));
    guest.enter([ACCESSES, SHADOW, REGISTERS]);
    guest.bare.setGpr(4, BigInt(ACCESS + 0x88));
    expect(guest.run([0x58]).exit).toEqual(access44(0x88, READ));
  });
  it("fetch", () => {
    // JMP RBX
    expect(at(0x123, [0xff, 0xe3], REGISTERS).exit).toEqual(access44(0x123, FETCH, ACCESS + 0x123));
  });
  it("an instruction whose end lies in the page", () => {
    guest.enter([ACCESSES, SHADOW]);
    const start = ACCESS - 1;
    guest.bare.bytes(start, 1)[0] = 0xb8;
    guest.core.exports.hostWritten(guest.bare.ram + start, 1);
    guest.bare.setGpr(3, BigInt(start));
    expect(guest.run([0xff, 0xe3]).exit).toEqual(access44(0, FETCH, start));
  });
  it("the IDT in the page: event delivery", () => {
    guest.enter([ACCESSES, SHADOW, REGISTERS]);
    guest.core.setState64(STATE.IDTR_BASE, BigInt(ACCESS));
    // INT 20h
    const { exit } = guest.run([0xcd, 0x20]);
    expect(exit?.qualification).toBe(0x200 | (EVENT_DELIVERY << 12));
  });
  it("the stack in the page: event delivery; afterwards accesses are reads and writes again", () => {
    guest.enter([ACCESSES, SHADOW]);
    guest.bare.setGpr(4, BigInt(ACCESS + 0x100));
    const { exit } = guest.run([0xcd, 0x20]);
    expect(exit?.qualification).toBe(0xf8 | (EVENT_DELIVERY << 12));
    expect(at(0x100, LOADS[4]).exit).toEqual(access44(0x100, READ));
  });
  it("without the control the page is an ordinary one", () => {
    guest.enter([SHADOW]);
    guest.bare.setGpr(3, BigInt(ACCESS + 0x80));
    expect(guest.run(LOADS[4]).exit).toBeUndefined();
    expect(guest.bare.gpr(0)).toBe(0xaaaaaaaan);
  });
  it("a virtual-APIC page that is no RAM reads as ones", () => {
    guest.enter([ACCESSES, SHADOW]);
    guest.core.setState32(STATE.VAPIC_PTR, 0);
    guest.bare.setGpr(3, BigInt(ACCESS + 0x80));
    expect(guest.run([...STORES[4], ...LOADS[4]]).exit).toBeUndefined();
    expect(guest.bare.gpr(0)).toBe(0xffffffffn);
  });
});

describe("operations", () => {
  it("a store and then a load are two operations", () => {
    guest.enter([ACCESSES, SHADOW]);
    guest.bare.setGpr(0, 0x70n);
    guest.bare.setGpr(3, BigInt(ACCESS + 0x80));
    // MOV [RBX],EAX; XOR EAX,EAX; MOV EAX,[RBX]
    expect(guest.run([...STORES[4], 0x31, 0xc0, ...LOADS[4]]).exit).toBeUndefined();
    expect(guest.bare.gpr(0)).toBe(0x70n);
  });
  it("each iteration of REP STOSB is one", () => {
    guest.enter([ACCESSES, SHADOW]);
    guest.bare.setGpr(0, 0x35n);
    guest.bare.setGpr(1, 4n);
    guest.bare.setGpr(7, BigInt(ACCESS + 0x80));
    expect(guest.run([0xf3, 0xaa]).exit).toBeUndefined();
    // The emulation behind each iteration cleared the bytes above the first.
    expect(guest.vapic(0x80)).toBe(0x35);
    expect(guest.bare.gpr(1)).toBe(0n);
  });
  it("REP MOVSD exits at the element that is not virtualized", () => {
    guest.enter([ACCESSES, SHADOW]);
    guest.bare.bytes(DATA, 8).set([0x40, 0, 0, 0, 0x50, 0, 0, 0]);
    guest.bare.setGpr(1, 2n);
    guest.bare.setGpr(6, BigInt(DATA));
    guest.bare.setGpr(7, BigInt(ACCESS + 0x80));
    expect(guest.run([0xf3, 0xa5]).exit).toEqual(access44(0x84, WRITE));
    expect(guest.vapic(0x80)).toBe(0x40);
    expect(guest.bare.gpr(1)).toBe(1n);
    expect(guest.bare.gpr(7)).toBe(BigInt(ACCESS + 0x84));
  });
  it("REPE SCASD reads element by element", () => {
    guest.enter([ACCESSES, SHADOW, REGISTERS]);
    guest.bare.setGpr(0, 0n);
    guest.bare.setGpr(1, 8n);
    guest.bare.setGpr(7, BigInt(ACCESS + 0x80));
    expect(guest.run([0xf3, 0xaf]).exit).toEqual(access44(0x84, READ));
    expect(guest.bare.gpr(1)).toBe(7n);
  });
  it("a second, different write of one instruction exits and drops the emulation", () => {
    guest.enter([ACCESSES, SHADOW, REGISTERS]);
    guest.bare.setGpr(3, BigInt(ACCESS + 0x320));
    // SGDT [RBX] stores limit and base.
    expect(guest.run([0x0f, 0x01, 0x03]).exit?.reason).toBe("apic_access");
  });
  it("FNSTENV: one write of 4 bytes would be virtualized, the next is not", () => {
    guest.enter([ACCESSES, SHADOW]);
    guest.bare.setGpr(3, BigInt(ACCESS + 0x80));
    expect(guest.run([0xd9, 0x33]).exit).toEqual(access44(0x84, WRITE));
    expect(guest.vapic(0x80)).toBe(0);
  });
});

describe("translations", () => {
  const TABLES = 0x3a0000;
  const ALIAS = 0x40000000;
  const PRESENT = 7n;

  /** Maps 4-KiB pages at ALIAS: the page before, the access page, nothing behind. */
  function mapAlias(): void {
    const { core, bare } = guest;
    const table = (index: number) => (bare.ram + TABLES + index * 0x1000) >> 3;
    core.u8.fill(0, bare.ram + TABLES, bare.ram + TABLES + 0x2000);
    // The bare core's page-directory-pointer table lies at 2000h.
    core.u64[(bare.ram + 0x2000 + 8) >> 3] = BigInt(TABLES) | PRESENT;
    core.u64[table(0)] = BigInt(TABLES + 0x1000) | PRESENT;
    core.u64[table(1)] = BigInt(DATA) | PRESENT;
    core.u64[table(1) + 1] = BigInt(ACCESS) | PRESENT;
  }
  const entry = (index: number) => guest.core.u64[(guest.bare.ram + TABLES + 0x1000) / 8 + index]!;

  it("through a 4-KiB alias, again and again, beside a page that is an ordinary one", () => {
    guest.enter([ACCESSES, SHADOW], { tpr: 0x30 });
    mapAlias();
    guest.bare.setGpr(1, 5n);
    guest.bare.setGpr(3, BigInt(ALIAS + 0x1080));
    guest.bare.setGpr(6, BigInt(ALIAS));
    guest.bare.setGpr(2, 0n);
    // again: MOV EAX,[RBX]; ADD EDX,EAX; ADD DWORD [RBX],1; MOV EAX,[RSI]; DEC ECX; JNZ again
    const loop = [
      ...[0x8b, 0x03, 0x01, 0xc2, 0x83, 0x03, 0x01, 0x8b, 0x06, 0xff, 0xc9],
      ...[0x75, 0x100 - 13],
    ];
    expect(guest.run(loop).exit).toBeUndefined();
    expect(guest.bare.gpr(2)).toBe(BigInt(5 * 0x30 + 10));
    expect(guest.vapic(0x80)).toBe(0x35);
    expect(guest.bare.bytes(ACCESS + 0x80, 1)[0]).toBe(ACCESS_FILL);
  });
  it("the accessed and dirty flags are set by an access that exits", () => {
    guest.enter([ACCESSES]);
    mapAlias();
    guest.bare.setGpr(3, BigInt(ALIAS + 0x1010));
    expect(guest.run(STORES[4]).exit).toEqual(access44(0x10, WRITE));
    expect(entry(1) & 0x60n).toBe(0x60n);
  });
  it("a page fault of the same access goes first", () => {
    guest.enter([ACCESSES, SHADOW]);
    mapAlias();
    guest.bare.setGpr(3, BigInt(ALIAS + 0x1ffe));
    expect(guest.run(LOADS[4])).toMatchObject({ fault: 14, exit: undefined });
    guest.enter([ACCESSES, SHADOW]);
    mapAlias();
    guest.core.u64[(guest.bare.ram + TABLES + 0x1000) / 8 + 1] = BigInt(ACCESS) | 1n;
    guest.core.setState64(STATE.CR0, 0x80010033n);
    guest.bare.setGpr(3, BigInt(ALIAS + 0x1010));
    expect(guest.run(STORES[4])).toMatchObject({ fault: 14, exit: undefined });
  });
  it("a push of an interrupt frame onto an ordinary stack is not disturbed", () => {
    guest.enter([ACCESSES, SHADOW, DELIVERY], { interruptsEnabled: true, irr: [0x41], rvi: 0x41 });
    guest.bare.setGpr(0, 0n);
    // MOV CR8,RAX
    expect(guest.run([0x44, 0x0f, 0x22, 0xc0, 0x90]).interrupts).toEqual([0x41]);
    expect(guest.bare.gpr(4)).toBe(BigInt(STACK));
  });
});

describe("guest-physical accesses", () => {
  const EPT = 0x3b0000;
  const ALIAS = 0x40000000;
  const TABLES = 0x3a0000;
  const PHYSICAL_IN_DELIVERY = 10;
  const PHYSICAL = 15;
  const CAP_1G = 0x20000n;
  const EPT_VPID_CAP = 12;

  /** EPT that maps the first gigabyte to itself; a guest page table of ALIAS in the access page. */
  function enterNested(...controls: string[]): void {
    guest.enter([ACCESSES, SHADOW, "secondary.enable_ept", ...controls]);
    const { core, bare } = guest;
    core.u64[(LAYOUT.VMX_CAPABILITIES >> 3) + EPT_VPID_CAP] = CAP_1G;
    core.u8.fill(0, bare.ram + TABLES, bare.ram + TABLES + 0x1000);
    core.u64[(bare.ram + EPT) >> 3] = BigInt(EPT + 0x1000) | 7n;
    core.u64[(bare.ram + EPT + 0x1000) >> 3] = 0xb7n;
    core.setState64(STATE.EPTP, BigInt(EPT) | 0x1en);
    core.u64[(bare.ram + 0x2000 + 8) >> 3] = BigInt(TABLES) | 7n;
    core.u64[(bare.ram + TABLES) >> 3] = BigInt(ACCESS) | 7n;
    core.u64[(bare.ram + ACCESS + 0x80) >> 3] = BigInt(DATA) | 7n;
  }
  afterEach(() => guest.core.setState64(STATE.EPTP, 0n));

  it("of a page walk exit; the linear access to the page itself is virtualized", () => {
    enterNested();
    guest.bare.setGpr(3, BigInt(ALIAS + 0x10000));
    const { exit } = guest.run(LOADS[4]);
    expect(exit?.reason).toBe("apic_access");
    expect(exit!.qualification >> 12).toBe(PHYSICAL);
    enterNested();
    guest.setVapic(0x80, 0x70);
    guest.bare.setGpr(3, BigInt(ACCESS + 0x80));
    expect(guest.run(LOADS[4]).exit).toBeUndefined();
    expect(guest.bare.gpr(0)).toBe(0x70n);
  });
  it("of a fetch, and of event delivery", () => {
    enterNested();
    guest.bare.setGpr(3, BigInt(ALIAS + 0x10000));
    expect(guest.run([0xff, 0xe3]).exit!.qualification >> 12).toBe(PHYSICAL);
    enterNested();
    guest.core.setState64(STATE.IDTR_BASE, BigInt(ALIAS + 0x10000));
    expect(guest.run([0xcd, 0x20]).exit!.qualification >> 12).toBe(PHYSICAL_IN_DELIVERY);
  });
  it("without the control the walk goes through", () => {
    enterNested();
    guest.core.setState64(STATE.APIC_ACCESS_HPA, 1n);
    guest.bare.setGpr(3, BigInt(ALIAS + 0x10000));
    expect(guest.run(LOADS[4]).exit).toBeUndefined();
  });
});
