/**
 * A VM entry injects INT n into virtual-8086 mode: with CR4.VME the bitmap of the TSS tells whether it
 * goes through the interrupt table of the 8086 program (SDM "Details of Event Injection").
 */
import { expect, test } from "vitest";
import { STATE } from "../../src/generated/state.ts";
import { type Changes, changed, V86_GUEST } from "./entry-state.ts";
import { launchCore } from "./launch-core.ts";

const DIRECTORY = 0x5000;
const TSS = 0x30000;
/** Offset of the I/O bitmap; the redirection bitmap ends there. */
const IO_BITMAP = 0x68 + 32;
const VECTOR = 0x21;
const GUEST_RIP = 0x100;
const LENGTH = 2;
const GUEST_RSP = 0x800;
const SS_BASE = (0x1234 + 2) << 4;
const IDT = 0x31000;
const GDT = 0x32000;
const HANDLER = 0x33000;
const HANDLER_8086 = (0x2345 << 4) + 0x678;
const NOPS = 0x90909090;
const RING0_STACK = 0x34000;

const GUEST: Changes = {
  fields: {
    guest_cr0: 0x80000031,
    guest_cr3: DIRECTORY,
    guest_rip: GUEST_RIP,
    guest_rsp: GUEST_RSP,
    guest_tr_base: TSS,
    guest_tr_limit: IO_BITMAP + 1,
    guest_gdtr_base: GDT,
    guest_gdtr_limit: 0xff,
    guest_idtr_base: IDT,
    guest_idtr_limit: 0x7ff,
    vmentry_intr_info: 0x80000400 + VECTOR,
    vmentry_instruction_length: LENGTH,
  },
  memory: {
    [VECTOR * 4]: (0x2345 << 16) | 0x678,
    [HANDLER]: NOPS,
    [HANDLER_8086]: NOPS,
    [DIRECTORY]: 0x87,
    [TSS + 4]: RING0_STACK,
    [TSS + 8]: 0x10,
    [TSS + 100]: IO_BITMAP << 16,
    // A gate of ring 3 to HANDLER, and flat segments.
    [IDT + VECTOR * 8]: (8 << 16) | (HANDLER & 0xffff),
    [IDT + VECTOR * 8 + 4]: (HANDLER & 0xffff0000) | 0xee00,
    [GDT + 8]: 0xffff,
    [GDT + 12]: 0xcf9b00,
    [GDT + 16]: 0xffff,
    [GDT + 20]: 0xcf9300,
  },
};
const CR4_PSE = 0x2010;
const CR4_VME = 1;
const BITMAP_WORD = TSS + IO_BITMAP - 32 + 4;
const INTERCEPTED: Changes = { memory: { [BITMAP_WORD]: 1 << (VECTOR & 31) } };

async function inject(rflags: number, cr4: number, ...more: Changes[]) {
  const launcher = await launchCore("skylake");
  const registers = { fields: { guest_rflags: rflags, guest_cr4: cr4 } };
  const state = changed(launcher.base, V86_GUEST, GUEST, registers, ...more);
  expect(launcher.launch(state)).toEqual({ outcome: 0, qualification: 0, check: undefined });
  const { core, ram } = launcher.entry.bare;
  core.exports.beginSlice(1, 1);
  core.exports.runLoop();
  const word = (hpa: number) => core.u16[(ram + hpa) >> 1]!;
  const stack = SS_BASE + GUEST_RSP - 6;
  return {
    // Behind the first NOP.
    rip: Number(core.state64(STATE.RIP)) - 1,
    cs: core.u32[(0x1000 + STATE.SEG_SELECTOR + 4) >> 2]!,
    flags: core.exports.readFlags(),
    pushed: [word(stack), word(stack + 2), word(stack + 4)],
    /** Where a handler in ring 0 returns to. */
    returnRip: core.u32[(ram + RING0_STACK - 36) >> 2]!,
  };
}

test("a clear bit sends it to the 8086 program; VIF stands for IF below IOPL 3", async () => {
  const { rip, cs, flags, pushed } = await inject(0xa0002, CR4_PSE | CR4_VME);
  expect([cs, rip]).toEqual([0x2345, 0x678]);
  // IP behind the instruction, CS, FLAGS with IOPL 3 and IF for VIF.
  expect(pushed).toEqual([GUEST_RIP + LENGTH, 0x1235, 0x3202]);
  expect(flags & 0xa0000).toBe(0x20000);
});

test("with IOPL 3 the flags are pushed as they are, and IF is cleared", async () => {
  const { rip, cs, flags, pushed } = await inject(0x23202, CR4_PSE | CR4_VME);
  expect([cs, rip]).toEqual([0x2345, 0x678]);
  expect(pushed).toEqual([GUEST_RIP + LENGTH, 0x1235, 0x3202]);
  expect(flags & 0x200).toBe(0);
});

test.each([
  ["a set bit", CR4_PSE | CR4_VME, [INTERCEPTED]],
  ["CR4.VME clear", CR4_PSE, []],
] as const)("%s sends it through the IDT, whatever IOPL is", async (_name, cr4, more) => {
  const { rip, cs, flags, returnRip } = await inject(0x20002, cr4, ...more);
  expect([cs, rip]).toEqual([8, HANDLER]);
  expect(flags & 0x20000).toBe(0);
  expect(returnRip).toBe(GUEST_RIP + LENGTH);
});
