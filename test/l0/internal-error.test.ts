/** What L0 cannot carry out: typed ends of a run for the kernel of L1, exceptions for its programs. */
import { describe, expect, it } from "vitest";
import { Machine } from "../../src/index.ts";
import { ftraceLine } from "../../src/l0/trace.ts";

const CODE = 0x8000;
const LIMITS = 0x9000;
const IDT = 0xa000;
const GDT = 0xb000;
/** Device memory that answers nothing special. */
const DEVICE = [0, 0, 0xc0, 0xfe] as const;

const word = (value: number) => [value & 0xff, (value >> 8) & 0xff];
const double = (value: number) => [...word(value), ...word(value >>> 16)];

/** Flat code and data of level 0 (8, 0x10) and of level 3 (0x1b, 0x23). */
const DESCRIPTORS = [
  0,
  0x00cf9b000000ffffn,
  0x00cf93000000ffffn,
  0x00cffb000000ffffn,
  0x00cff3000000ffffn,
];

async function machineWith(code: readonly number[], mode: "protected32" | "long64") {
  const machine = await Machine.create({ mode: "l1", memory: 4 << 20 });
  machine.load(Uint8Array.from(code), { flat: { address: CODE, mode } });
  const gdt = DESCRIPTORS.flatMap((row) => [
    ...double(Number(BigInt(row) & 0xffffffffn)),
    ...double(Number(BigInt(row) >> 32n)),
  ]);
  machine.memory.write(GDT, Uint8Array.from(gdt));
  machine.memory.write(LIMITS, Uint8Array.from([...word(0x27), ...double(GDT)]));
  machine.memory.write(LIMITS + 8, Uint8Array.from([...word(0x7ff), ...double(IDT)]));
  // #UD to level 0 at CODE.
  const gate = [...word(CODE), ...word(8), 0, 0x8e, ...word(0)];
  machine.memory.write(IDT + 6 * 8, Uint8Array.from(gate));
  return machine;
}

/** LGDT and LIDT of the tables above, in 32-bit code. */
const LOAD_TABLES = [
  ...[0x0f, 0x01, 0x15, ...double(LIMITS)],
  ...[0x0f, 0x01, 0x1d, ...double(LIMITS + 8)],
];

/** FADD dword [0xfec00000] */
const ADD_DEVICE = [0xd8, 0x05, ...DEVICE];

describe("L0 cannot carry out", () => {
  it("code in device memory", async () => {
    // MOV EAX, 0xfec00000; JMP RAX
    const machine = await machineWith([0xb8, ...DEVICE, 0xff, 0xe0], "long64");
    expect(await machine.run()).toMatchObject({
      kind: "internal-error",
      suberror: "emulation",
      message: expect.stringMatching(/fetch from device memory at RIP 0xfec00000/),
    });
  });

  it("an event whose stack is device memory", async () => {
    // MOV ESP, 0xfec00100; UD2
    const code = [...LOAD_TABLES, 0xbc, 0, 1, 0xc0, 0xfe, 0x0f, 0x0b];
    const machine = await machineWith(code, "protected32");
    expect(await machine.run()).toMatchObject({
      kind: "internal-error",
      suberror: "delivery",
      message: expect.stringMatching(/event 0x80000306 .*0xfec000f/),
    });
  });

  it("an instruction of a program, which gets #UD", async () => {
    const program = CODE + 0x100;
    // PUSH 0x23; PUSH 0x7000; PUSHF; PUSH 0x1b; PUSH program; IRET
    const enter = [
      0x6a,
      0x23,
      0x68,
      ...double(0x7000),
      0x9c,
      0x6a,
      0x1b,
      0x68,
      ...double(program),
      0xcf,
    ];
    const code = [0xbc, ...double(0x7800), ...LOAD_TABLES, ...enter];
    const machine = await machineWith(code, "protected32");
    // MOV EAX, 0x23; MOV DS, EAX
    const loadData = [0xb8, ...double(0x23), 0x8e, 0xd8];
    machine.memory.write(program, Uint8Array.from([...loadData, ...ADD_DEVICE]));
    const injected: string[] = [];
    machine.l1!.trace((event) => {
      if (event.name === "kvm_inj_exception") injected.push(ftraceLine(event));
    });
    // There is no task-state segment for its delivery: #TS, a double fault, the end of the machine.
    expect(await machine.run()).toEqual({ kind: "triple-fault", cpu: 0 });
    expect(injected[0]).toMatch(/kvm_inj_exception: #6$/);
  });

  it("the same of the kernel", async () => {
    const machine = await machineWith(ADD_DEVICE, "protected32");
    expect(await machine.run()).toMatchObject({ kind: "internal-error", suberror: "emulation" });
  });
});
