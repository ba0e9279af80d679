/** TPR, PPR and EOI virtualization, virtual interrupts, CR8 and the MSRs of x2APIC mode in a guest. */
import { beforeAll, describe, expect, it } from "vitest";
import { EVENT } from "../../src/generated/state.ts";
import { CODE } from "../support/bare-core.ts";
import { dword, type GuestOptions, VirtualApicGuest, writeApic } from "../support/virtual-apic.ts";

let guest: VirtualApicGuest;
beforeAll(async () => {
  guest = await VirtualApicGuest.create();
});

const ACCESSES = "secondary.virtualize_apic_accesses";
const X2APIC = "secondary.virtualize_x2apic_mode";
const SHADOW = "primary.use_tpr_shadow";
const REGISTERS = "secondary.apic_register_virtualization";
const DELIVERY = "secondary.virtual_interrupt_delivery";
const WINDOW = "primary.interrupt_window_exiting";
const BITMAPS = "primary.use_msr_bitmaps";

const VTPR = 0x80;
const VPPR = 0xa0;
const VEOI = 0xb0;
const VISR = 0x100;
const VIRR = 0x200;
const VECTOR_GP = 13;

const MOV_CR8_RAX = [0x44, 0x0f, 0x22, 0xc0];
const MOV_RAX_CR8 = [0x44, 0x0f, 0x20, 0xc0];
const RDMSR = [0x0f, 0x32];
const WRMSR = [0x0f, 0x30];
const NOP = 0x90;
const STI = 0xfb;

/** MOV EAX,value */
const setEax = (value: number) => [0xb8, ...dword(value)];
const setEcx = (value: number) => [0xb9, ...dword(value)];
const setEdx = (value: number) => [0xba, ...dword(value)];
/** WRMSR of a 32-bit value. */
const writeMsr = (index: number, value: number, high = 0) => [
  ...setEcx(index),
  ...setEax(value),
  ...setEdx(high),
  ...WRMSR,
];
const readMsr = (index: number) => [...setEcx(index), ...RDMSR];
const writeCr8 = (value: number) => [...setEax(value), ...MOV_CR8_RAX];

function enter(controls: readonly string[], options: GuestOptions = {}): void {
  guest.enter([SHADOW, ...controls], options);
}

describe("CR8 with a TPR shadow", () => {
  it("reads bits 7:4 of VTPR", () => {
    enter([], { tpr: 0xa7 });
    expect(guest.run(MOV_RAX_CR8).exit).toBeUndefined();
    expect(guest.bare.gpr(0)).toBe(10n);
  });
  it("clears the rest of VTPR when written", () => {
    enter([]);
    guest.setVapic(VTPR, 0x12345678);
    expect(guest.run(writeCr8(9)).exit).toBeUndefined();
    expect(guest.vapic(VTPR)).toBe(0x90);
    expect(guest.physical).toEqual([]);
  });
  it("raises #GP for reserved bits", () => {
    enter([], { tpr: 0x50 });
    expect(guest.run(writeCr8(16)).fault).toBe(VECTOR_GP);
    expect(guest.vapic(VTPR)).toBe(0x50);
  });
  it("is the physical one without a shadow", () => {
    guest.enter([], { tpr: 0x70 });
    guest.run([...MOV_RAX_CR8, ...MOV_CR8_RAX]);
    expect(guest.bare.gpr(0)).toBe(5n);
    expect(guest.physical).toEqual([[0x80, 5, 0]]);
  });
});

describe("TPR threshold", () => {
  const behind = CODE + writeCr8(0).length;
  it.each([
    [4, 5, true],
    [5, 5, false],
    [6, 5, false],
    [0, 0, false],
    [14, 15, true],
  ])("CR8 := %i with threshold %i: exit %s", (value, threshold, exits) => {
    enter([], { tpr: 0xf0, threshold });
    const { exit } = guest.run([...writeCr8(value), NOP]);
    const expected = { reason: "tpr_below_threshold", qualification: 0, rip: behind };
    expect(exit).toEqual(exits ? expected : undefined);
    expect(guest.vapic(VTPR)).toBe(value << 4);
  });
  it("by the APIC-access page and by the MSR", () => {
    enter([ACCESSES], { tpr: 0xf0, threshold: 3 });
    expect(guest.run(writeApic(VTPR, 0x2f)).exit?.reason).toBe("tpr_below_threshold");
    enter([X2APIC, BITMAPS], { tpr: 0xf0, threshold: 3 });
    guest.setField("msr_bitmap", 0x39000n);
    expect(guest.run(writeMsr(0x808, 0x2f)).exit?.reason).toBe("tpr_below_threshold");
    expect(guest.vapic(VTPR)).toBe(0x2f);
  });
  it("has no effect with virtual-interrupt delivery", () => {
    enter([DELIVERY], { tpr: 0xf0, threshold: 15 });
    expect(guest.run(writeCr8(0)).exit).toBeUndefined();
  });
});

describe("TPR virtualization", () => {
  it.each([
    [0x30, 0x45, 0x40],
    [0x40, 0x45, 0x40],
    [0x50, 0x45, 0x50],
    [0, 0, 0],
  ])("TPR %i over SVI %i gives PPR %i", (tpr, svi, ppr) => {
    enter([DELIVERY], { svi, isr: svi ? [svi] : [] });
    guest.setVapic(VPPR, 0xffffffff);
    guest.run(writeCr8(tpr >> 4));
    expect(guest.vapic(VPPR)).toBe(ppr);
  });
  it("takes bits 3:0 of VTPR into VPPR", () => {
    enter([DELIVERY, ACCESSES], { svi: 0x31, isr: [0x31] });
    guest.run(writeApic(VTPR, 0x37));
    expect(guest.vapic(VPPR)).toBe(0x37);
  });
});

describe("virtual interrupts", () => {
  const ON = { interruptsEnabled: true };

  it("are delivered behind the MOV to CR8 that uncovers them", () => {
    enter([DELIVERY], { ...ON, tpr: 0x70, rvi: 0x61, irr: [0x41, 0x61] });
    expect(guest.run([...writeCr8(6), NOP]).interrupts).toEqual([]);
    expect(guest.rvi).toBe(0x61);
    enter([DELIVERY], { ...ON, tpr: 0x70, rvi: 0x61, irr: [0x41, 0x61] });
    expect(guest.run([...writeCr8(5), NOP]).interrupts).toEqual([0x61]);
    expect(guest.vectors(VISR)).toEqual([0x61]);
    expect(guest.vectors(VIRR)).toEqual([0x41]);
    expect([guest.rvi, guest.svi, guest.vapic(VPPR)]).toEqual([0x41, 0x61, 0x60]);
  });
  it("wait for IF, and for the end of blocking by STI", () => {
    enter([DELIVERY], { rvi: 0x61, irr: [0x61] });
    expect(guest.run([...writeCr8(0), NOP, NOP]).interrupts).toEqual([]);
    enter([DELIVERY], { rvi: 0x61, irr: [0x61] });
    // The handler notes RAX in RBX; the INC behind STI still runs before it.
    guest.setHandler([0x48, 0x89, 0xc3]);
    const inc = [0x48, 0xff, 0xc0];
    const code = [...writeCr8(0), STI, ...inc, ...inc];
    expect(guest.run(code).interrupts).toEqual([0x61]);
    expect(guest.bare.gpr(3)).toBe(1n);
  });
  it("wake a processor that executes HLT", () => {
    enter([DELIVERY], { rvi: 0x61, irr: [0x61] });
    // STI; HLT; INC RBX
    expect(guest.run([...writeCr8(0), STI, 0xf4, 0x48, 0xff, 0xc3]).interrupts).toEqual([0x61]);
    expect(guest.bare.gpr(3)).toBe(1n);
  });
  it("come without an exit though external interrupts exit", () => {
    enter([DELIVERY, "pin.external_interrupt_exiting"], { ...ON, rvi: 0x61, irr: [0x61] });
    expect(guest.run([...writeCr8(0), NOP])).toMatchObject({ exit: undefined, interrupts: [0x61] });
  });
  it("are not recognized with interrupt-window exiting", () => {
    enter([DELIVERY, WINDOW], { rvi: 0x61, irr: [0x61] });
    expect(guest.run([...writeCr8(0), STI, NOP, NOP], EVENT.VMX)).toMatchObject({
      exit: { reason: "interrupt_window" },
      interrupts: [],
    });
    expect(guest.vectors(VIRR)).toEqual([0x61]);
    expect(guest.field("guest_interrupt_status")).toBe(0x61n);
  });
  it("come one below the other as each is ended", () => {
    enter([DELIVERY, X2APIC, BITMAPS], { ...ON, rvi: 0xe1, irr: [0x31, 0x32, 0x55, 0xe1] });
    guest.setField("msr_bitmap", 0x39000n);
    guest.setHandler(writeMsr(0x80b, 0));
    expect(guest.run([...writeCr8(2), NOP]).interrupts).toEqual([0xe1, 0x55, 0x32, 0x31]);
    expect(guest.vectors(VISR)).toEqual([]);
    expect(guest.vectors(VIRR)).toEqual([]);
    expect([guest.rvi, guest.svi, guest.vapic(VPPR)]).toEqual([0, 0, 0x20]);
  });
  it("nest: a higher one interrupts the handler, one of the same class waits", () => {
    enter([DELIVERY, ACCESSES], { ...ON, rvi: 0x45, irr: [0x45] });
    // Once: self-IPI 51h and 46h with interrupts on, then EOI.
    guest.setHandler([
      ...[0xff, 0xc3, 0x83, 0xfb, 0x01, 0x75, 24],
      ...[...writeApic(0x300, 0x40051), ...writeApic(0x300, 0x40046), STI, NOP],
      ...writeApic(VEOI, 0),
    ]);
    expect(guest.run([...writeCr8(0), NOP]).interrupts).toEqual([0x45, 0x51, 0x46]);
    expect(guest.vectors(VISR)).toEqual([]);
  });
});

describe("EOI virtualization", () => {
  const behind = (code: number[]) => CODE + code.length;
  it("serves the vector next below", () => {
    enter([DELIVERY, ACCESSES], { svi: 0x81, isr: [0x21, 0x43, 0x81] });
    guest.setVapic(VEOI, 0x1234);
    expect(guest.run(writeApic(VEOI, 5)).exit).toBeUndefined();
    expect(guest.vectors(VISR)).toEqual([0x21, 0x43]);
    expect([guest.svi, guest.vapic(VPPR), guest.vapic(VEOI)]).toEqual([0x43, 0x40, 0]);
  });
  it.each([0x10, 0x3f, 0x40, 0x81, 0xc0, 0xff])("exits for vector %i by the bitmap", (vector) => {
    const options = { svi: vector, isr: [vector], eoiExits: [vector] };
    enter([DELIVERY, ACCESSES], { ...options, rvi: 0x31, irr: [0x31], interruptsEnabled: true });
    const code = writeApic(VEOI, 0);
    expect(guest.run([...code, NOP])).toEqual({
      exit: { reason: "virtualized_eoi", qualification: vector, rip: behind(code) },
      fault: undefined,
      interrupts: [],
    });
    expect(guest.vectors(VISR)).toEqual([]);
    expect(guest.field("guest_interrupt_status")).toBe(0x31n);
  });
  it("does not exit for other vectors", () => {
    const eoiExits = Array.from({ length: 256 }, (_, i) => i).filter((i) => i !== 0x81);
    enter([DELIVERY, ACCESSES], { svi: 0x81, isr: [0x81], eoiExits });
    expect(guest.run(writeApic(VEOI, 0)).exit).toBeUndefined();
  });
  it("by the MSR exits behind WRMSR", () => {
    enter([DELIVERY, X2APIC, BITMAPS], { svi: 0x81, isr: [0x81], eoiExits: [0x81] });
    guest.setField("msr_bitmap", 0x39000n);
    const code = writeMsr(0x80b, 0);
    expect(guest.run([...code, NOP]).exit).toEqual({
      reason: "virtualized_eoi",
      qualification: 0x81,
      rip: behind(code),
    });
  });
});

describe("self-IPI by the interrupt-command register", () => {
  const SELF = 0x40000;
  it.each([
    ["plain", SELF | 0x51, true],
    ["logical destination, level assert", SELF | 0x4800 | 0x51, true],
    ["vector below 16", SELF | 0x0f, false],
    ["lowest vector", SELF | 0x10, true],
    ["no shorthand", 0x51, false],
    ["all including self", 0x80051, false],
    ["all excluding self", 0xc0051, false],
    ["NMI", SELF | 0x451, false],
    ["delivery status", SELF | 0x1051, false],
    ["bit 13", SELF | 0x2051, false],
    ["level-triggered", SELF | 0x8051, false],
    ["bit 16", SELF | 0x10051, false],
    ["bit 20", SELF | 0x100051, false],
    ["bit 31", SELF | 0x80000051, false],
  ])("%s", (_, value, virtual) => {
    enter([DELIVERY, ACCESSES]);
    const code = writeApic(0x300, value);
    const rip = CODE + code.length;
    const exit = { reason: "apic_write", qualification: 0x300, rip };
    expect(guest.run([...code, NOP]).exit).toEqual(virtual ? undefined : exit);
    expect(guest.vectors(VIRR)).toEqual(virtual ? [value & 0xff] : []);
    expect(guest.vapic(0x300)).toBe(value >>> 0);
    if (virtual) expect(guest.rvi).toBe(value & 0xff);
  });
  it("exits without virtual-interrupt delivery", () => {
    enter([REGISTERS, ACCESSES]);
    expect(guest.run(writeApic(0x300, SELF | 0x51)).exit?.reason).toBe("apic_write");
  });
  it("leaves a higher RVI", () => {
    enter([DELIVERY, ACCESSES], { rvi: 0x99, irr: [0x99] });
    guest.run(writeApic(0x300, SELF | 0x51));
    expect(guest.rvi).toBe(0x99);
    expect(guest.vectors(VIRR)).toEqual([0x51, 0x99]);
  });
});

describe("MSRs of x2APIC mode", () => {
  const NATIVE_HIGH = 0xfacen;
  function msr(code: number[], controls: string[], options: GuestOptions = {}) {
    enter([BITMAPS, ...controls], options);
    guest.setField("msr_bitmap", 0x39000n);
    for (let i = 0; i < 0x1000; i += 4) if (i !== VTPR) guest.setVapic(i, 0x5000 + i);
    return guest.run(code);
  }

  it.each([0x800, 0x802, 0x80a, 0x80f, 0x820, 0x830, 0x83f, 0x8ff])(
    "RDMSR of %i with APIC-register virtualization",
    (index) => {
      msr(readMsr(index), [X2APIC, REGISTERS]);
      const offset = (index & 0xff) << 4;
      expect(guest.bare.gpr(0)).toBe(BigInt(0x5000 + offset));
      expect(guest.bare.gpr(2)).toBe(BigInt(0x5004 + offset));
    },
  );
  it("without it the TPR alone is virtual", () => {
    msr(readMsr(0x808), [X2APIC], { tpr: 0x37 });
    expect([guest.bare.gpr(0), guest.bare.gpr(2)]).toEqual([0x37n, 0x5084n]);
    msr(readMsr(0x80a), [X2APIC]);
    expect([guest.bare.gpr(0), guest.bare.gpr(2)]).toEqual([0x80an, NATIVE_HIGH]);
  });
  it("without the control all are physical", () => {
    msr(readMsr(0x808), [REGISTERS]);
    expect([guest.bare.gpr(0), guest.bare.gpr(2)]).toEqual([0x808n, NATIVE_HIGH]);
    msr(writeMsr(0x808, 0x30), [REGISTERS]);
    expect(guest.physical).toEqual([[0x808, 0x30, 0]]);
  });
  it("MSRs outside the range are not touched", () => {
    msr(readMsr(0x900), [X2APIC, REGISTERS]);
    expect(guest.bare.gpr(0)).toBe(0x900n);
  });
  it("the MSR bitmap goes first", () => {
    enter([BITMAPS, X2APIC, REGISTERS, DELIVERY]);
    guest.setField("msr_bitmap", 0x39000n);
    const bitmap = guest.bare.bytes(0x39000, 0x1000);
    bitmap[0x808 >> 3]! |= 1;
    bitmap[0x800 + (0x80b >> 3)]! |= 8;
    const exits = [readMsr(0x808), writeMsr(0x80b, 0)].map((code) => {
      enter([BITMAPS, X2APIC, REGISTERS, DELIVERY]);
      guest.setField("msr_bitmap", 0x39000n);
      return guest.run(code).exit?.reason;
    });
    bitmap.fill(0);
    expect(exits).toEqual(["rdmsr", "wrmsr"]);
  });
  it.each([
    [0x808, 0x100, 0],
    [0x808, 0, 1],
    [0x80b, 1, 0],
    [0x80b, 0, 1],
    [0x83f, 0x100, 0],
    [0x83f, 0x51, 1],
  ])("WRMSR of %i with reserved bits (%i, %i) raises #GP", (index, low, high) => {
    const { fault } = msr(writeMsr(index, low, high), [X2APIC, DELIVERY]);
    expect(fault).toBe(VECTOR_GP);
    expect(guest.physical).toEqual([]);
  });
  it.each([0x80b, 0x83f])("WRMSR of %i is physical without virtual-interrupt delivery", (index) => {
    msr(writeMsr(index, 0), [X2APIC, REGISTERS]);
    expect(guest.physical).toEqual([[index, 0, 0]]);
  });
  it("WRMSR of others is physical", () => {
    msr(writeMsr(0x830, 0x4051, 7), [X2APIC, REGISTERS, DELIVERY]);
    msr(writeMsr(0x838, 9), [X2APIC, REGISTERS, DELIVERY]);
    expect(guest.physical).toEqual([[0x838, 9, 0]]);
  });
  it("self-IPI", () => {
    enter([BITMAPS, X2APIC, DELIVERY], { interruptsEnabled: true });
    guest.setField("msr_bitmap", 0x39000n);
    expect(guest.run([...writeMsr(0x83f, 0x51), NOP]).interrupts).toEqual([0x51]);
    expect(guest.vapic(0x3f0)).toBe(0x51);
  });
  it("self-IPI of a vector below 16", () => {
    const code = writeMsr(0x83f, 0xf);
    const exit = { reason: "apic_write", qualification: 0x3f0, rip: CODE + code.length };
    expect(msr([...code, NOP], [X2APIC, DELIVERY]).exit).toEqual(exit);
  });
});
