/** Posted-interrupt processing and IPI virtualization. */
import { beforeAll, describe, expect, it } from "vitest";
import { EVENT, STATE } from "../../src/generated/state.ts";
import { CODE, RAM_BYTES } from "../support/bare-core.ts";
import {
  DESCRIPTOR,
  type GuestOptions,
  POINTER_TABLE,
  VirtualApicGuest,
  writeApic,
  X2APIC_BASE,
  XAPIC_BASE,
} from "../support/virtual-apic.ts";

let guest: VirtualApicGuest;
beforeAll(async () => {
  guest = await VirtualApicGuest.create();
});

const SHADOW = "primary.use_tpr_shadow";
const DELIVERY = "secondary.virtual_interrupt_delivery";
const POSTED = [
  SHADOW,
  DELIVERY,
  "pin.external_interrupt_exiting",
  "pin.process_posted_interrupts",
  "exit.acknowledge_interrupt_on_exit",
];
const VIRR = 0x200;
const NOTIFICATION = 0xf2;
const ON = 1;
const SN = 2;
const MSR_EOI = 0x80b;
const MSR_ICR = 0x830;
const NOP = 0x90;
const STI = 0xfb;

function descriptor(): DataView {
  const { buffer, byteOffset } = guest.bare.bytes(DESCRIPTOR, 64);
  return new DataView(buffer, byteOffset, 64);
}

function post(...vectors: number[]): void {
  const view = descriptor();
  for (const vector of vectors) {
    view.setUint8(vector >> 3, view.getUint8(vector >> 3) | (1 << (vector & 7)));
  }
}

/** Vectors posted in the descriptor. */
function posted(): number[] {
  const view = descriptor();
  return Array.from({ length: 256 }, (_, i) => i).filter(
    (i) => (view.getUint8(i >> 3) >> (i & 7)) & 1,
  );
}

describe("posted-interrupt processing", () => {
  function enter(options: GuestOptions = {}, controls: readonly string[] = POSTED): void {
    guest.enter(controls, options);
    guest.setField("posted_intr_notification_vector", BigInt(NOTIFICATION));
    guest.setField("posted_intr_desc_addr", BigInt(DESCRIPTOR));
    descriptor().setUint32(32, ON | 0xab0000, true);
    guest.pendingVector = NOTIFICATION;
  }
  /** Runs with the interrupt of the physical APIC pending. */
  const interrupted = (code: number[]) => guest.run(code, EVENT.INTR);

  it("takes the requests over, ends the interrupt and delivers the highest", () => {
    enter({ interruptsEnabled: true });
    post(0x31, 0x44, 0xe0);
    expect(interrupted([NOP])).toEqual({ exit: undefined, fault: undefined, interrupts: [0xe0] });
    expect(posted()).toEqual([]);
    expect(guest.vectors(VIRR)).toEqual([0x31, 0x44]);
    expect([guest.rvi, guest.svi]).toEqual([0x44, 0xe0]);
    // ON is clear, the rest of the descriptor as it was.
    expect(descriptor().getUint32(32, true)).toBe(0xab0000);
    expect(guest.physical).toEqual([[0xb0, 0, 0]]);
  });
  it("before the next instruction, also when it comes first", () => {
    enter({ interruptsEnabled: true });
    post(0x31);
    // The handler notes RAX in RBX.
    guest.setHandler([0x48, 0x89, 0xc3]);
    interrupted([0xb8, 1, 0, 0, 0]);
    expect([guest.bare.gpr(0), guest.bare.gpr(3)]).toEqual([1n, 0n]);
  });
  it("is not held back by IF", () => {
    enter();
    post(0x31);
    expect(interrupted([NOP]).interrupts).toEqual([]);
    expect([guest.rvi, posted()]).toEqual([0x31, []]);
    enter();
    post(0x31);
    expect(interrupted([NOP, STI, NOP, NOP]).interrupts).toEqual([0x31]);
  });
  it("leaves a higher RVI, and all of it when nothing is posted", () => {
    enter({ rvi: 0x70, irr: [0x70] });
    post(0x31);
    interrupted([NOP]);
    expect(guest.rvi).toBe(0x70);
    expect(guest.vectors(VIRR)).toEqual([0x31, 0x70]);
    enter({ rvi: 0x70, irr: [0x70] });
    interrupted([NOP]);
    expect(guest.rvi).toBe(0x70);
  });
  it("ends the interrupt by MSR when the APIC is in x2APIC mode", () => {
    enter({ apicBase: X2APIC_BASE });
    interrupted([NOP]);
    expect(guest.physical).toEqual([[MSR_EOI, 0, 0]]);
  });
  it("another vector exits, acknowledged", () => {
    enter();
    post(0x31);
    guest.pendingVector = 0xf1;
    expect(interrupted([NOP]).exit).toMatchObject({ reason: "external_interrupt", rip: CODE });
    expect(guest.field("exit_intr_info")).toBe(0x800000f1n);
    expect([posted(), guest.physical]).toEqual([[0x31], []]);
  });
  it("without the control the notification exits as any interrupt", () => {
    enter(
      {},
      POSTED.filter((name) => name !== "pin.process_posted_interrupts"),
    );
    expect(interrupted([NOP]).exit?.reason).toBe("external_interrupt");
  });
  it("a descriptor that is no RAM posts nothing", () => {
    enter();
    guest.setField("posted_intr_desc_addr", BigInt(RAM_BYTES));
    expect(interrupted([NOP]).exit).toBeUndefined();
    expect(guest.rvi).toBe(0);
  });
});

describe("IPI virtualization", () => {
  const X2APIC = [
    SHADOW,
    DELIVERY,
    "secondary.virtualize_x2apic_mode",
    "primary.use_msr_bitmaps",
    "tertiary.ipi_virtualization",
  ];
  const XAPIC = [
    SHADOW,
    DELIVERY,
    "secondary.virtualize_apic_accesses",
    "secondary.apic_register_virtualization",
    "tertiary.ipi_virtualization",
  ];
  const NDST = 0x12345678;

  function enter(controls: readonly string[], options: GuestOptions = {}): void {
    guest.enter(controls, options);
    guest.setField("msr_bitmap", 0x39000n);
    guest.setField("pid_pointer_table_addr", BigInt(POINTER_TABLE));
    guest.setField("last_pid_pointer_index", 5n);
    setPointer(3, BigInt(DESCRIPTOR) | 1n);
    const view = descriptor();
    view.setUint8(34, NOTIFICATION);
    view.setUint32(36, NDST, true);
  }
  function setPointer(index: number, value: bigint): void {
    guest.core.u64[((guest.bare.ram + POINTER_TABLE) >> 3) + index] = value;
  }
  /** WRMSR of the interrupt-command register. */
  function sendMsr(low: number, destination: number) {
    guest.bare.setGpr(0, BigInt(low >>> 0));
    guest.bare.setGpr(1, BigInt(MSR_ICR));
    guest.bare.setGpr(2, BigInt(destination >>> 0));
    return guest.run([0x0f, 0x30, NOP]);
  }
  const EXIT = { reason: "apic_write", qualification: 0x300, rip: CODE + 2 };

  it("posts the vector and notifies, in x2APIC mode", () => {
    enter(X2APIC, { apicBase: X2APIC_BASE });
    expect(sendMsr(0x61, 3).exit).toBeUndefined();
    expect(posted()).toEqual([0x61]);
    expect(descriptor().getUint8(32)).toBe(ON);
    expect(guest.physical).toEqual([[MSR_ICR, NOTIFICATION, NDST]]);
    expect([guest.vapic(0x300), guest.vapic(0x304)]).toEqual([0x61, 3]);
  });
  it("and in xAPIC mode, where the destination in ICR stays as it was", () => {
    enter(X2APIC, { apicBase: XAPIC_BASE });
    guest.physicalRegisters.set(0x310, 0x77000000);
    sendMsr(0x61, 3);
    expect(guest.physical).toEqual([
      [0x310, 0x56000000, 0],
      [0x300, NOTIFICATION, 0],
      [0x310, 0x77000000, 0],
    ]);
  });
  it("by the APIC-access page the destination is bits 31:24 of VICR_HI", () => {
    enter(XAPIC, { apicBase: X2APIC_BASE });
    const code = [...writeApic(0x310, 0x03000000), ...writeApic(0x300, 0x61)];
    expect(guest.run(code).exit).toBeUndefined();
    expect(posted()).toEqual([0x61]);
  });
  it.each([ON, SN, ON | SN])("does not notify with control bits %i", (control) => {
    enter(X2APIC, { apicBase: X2APIC_BASE });
    descriptor().setUint8(32, control);
    expect(sendMsr(0x61, 3).exit).toBeUndefined();
    expect(posted()).toEqual([0x61]);
    expect(descriptor().getUint8(32)).toBe(control);
    expect(guest.physical).toEqual([]);
  });
  it("ignores the level bit", () => {
    enter(X2APIC);
    expect(sendMsr(0x4061, 3).exit).toBeUndefined();
  });
  it.each([
    ["vector below 16", 0x0f, 3],
    ["NMI", 0x461, 3],
    ["logical destination", 0x861, 3],
    ["level-triggered", 0x8061, 3],
    ["all", 0x80061, 3],
    ["all but self", 0xc0061, 3],
    ["destination beyond the table", 0x61, 6],
    ["broadcast", 0x61, 0xffffffff],
    ["entry that is not valid", 0x61, 4],
    ["entry with reserved bits", 0x61, 2],
    ["entry beyond the address width", 0x61, 1],
  ])("exits: %s", (_, low, destination) => {
    enter(X2APIC);
    setPointer(4, BigInt(DESCRIPTOR));
    setPointer(2, BigInt(DESCRIPTOR) | 3n);
    setPointer(1, BigInt(DESCRIPTOR) | 1n | (1n << 46n));
    expect(sendMsr(low, destination).exit).toEqual(EXIT);
    expect(posted()).toEqual([]);
    expect(guest.vapic(0x300)).toBe(low);
  });
  it.each([0x1000, 0x2000, 0x10000, 0x20000, 0x100000, 0x80000000])(
    "reserved bits %i raise #GP in x2APIC mode",
    (bit) => {
      enter(X2APIC);
      expect(sendMsr(0x61 | bit, 3).fault).toBe(13);
      expect(guest.vapic(0x300)).toBe(0);
    },
  );
  it("self-IPI goes the short way", () => {
    enter(X2APIC, { interruptsEnabled: true });
    expect(sendMsr(0x40061, 0).interrupts).toEqual([0x61]);
    expect(posted()).toEqual([]);
  });
  it("without the control WRMSR is physical", () => {
    enter(X2APIC.slice(0, 4));
    sendMsr(0x61, 3);
    expect(guest.physical).toEqual([[MSR_ICR, 0x61, 3]]);
  });
  it("a descriptor that is no RAM takes the IPI and notifies nobody", () => {
    enter(X2APIC);
    setPointer(3, BigInt(RAM_BYTES) | 1n);
    expect(sendMsr(0x61, 3).exit).toBeUndefined();
    expect(guest.physical).toEqual([]);
  });
  it("nothing is left pending behind an emulated write", () => {
    enter(X2APIC);
    sendMsr(0x61, 3);
    expect(guest.core.state32(STATE.APIC_WRITE)).toBe(0);
  });
});
