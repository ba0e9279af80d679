/** The side of the comparison above L0: one instruction of the guest, whose device memory exits. */
import { FIELD, REASON } from "../../src/generated/vmx.ts";
import { readCr0, setCr0, setCr4, setEfer } from "../../src/l0/control-registers.ts";
import { readSegment, writeSegment } from "../../src/l0/emulate/descriptors.ts";
import { FAST_EXITS, handleExit } from "../../src/l0/exits/index.ts";
import { STOP } from "../../src/l0/hardware.ts";
import { VECTOR } from "../../src/l0/pcpu.ts";
import { runNow } from "../../src/l0/scheduler.ts";
import { InternalError } from "../../src/l0/userspace.ts";
import type { Vcpu } from "../../src/l0/vcpu.ts";
import type { Case } from "./emulator-cases.ts";
import {
  CODE,
  CONTROL,
  DEVICE,
  DEVICE_BYTES,
  FLOATING_BYTES,
  GDT,
  GDT_LIMIT,
  type Mode,
  PAGE_TABLES,
  PAGES,
  RAM_BYTES,
  segmentsOf,
  writePageTables,
} from "./emulator-layout.ts";
import type { Result } from "./emulator-result.ts";
import { L0Harness } from "./l0-harness.ts";

/** Behind the device memory the other side has RAM of zeros, and then nothing. */
const BARE_BYTES = 4 << 20;
const HLT = 0xf4;
const VALID = 0x80000000;
const HAS_ERROR = 0x800;
const VECTOR_PF = 14;
const ALL_EXCEPTIONS = 0xffffffff;
/** Entries that one instruction may take: pages of RAM are mapped on the way. */
const ENTRIES_MAX = 64;

export class L0Side {
  readonly vcpu: Vcpu;
  /** Instructions that came to the emulator. */
  emulated = 0;
  /** Those after which the processor refuses to enter the guest. */
  refused = 0;
  private readonly harness: L0Harness;
  private readonly device: Uint8Array;
  private mode: Mode | undefined;
  private time = 0;
  private launched = false;
  /** L0 has carried out an instruction. */
  private isOver = false;

  private constructor(harness: L0Harness, device: Uint8Array) {
    this.harness = harness;
    this.device = device;
    const vcpu = harness.l0.vcpus[0]!;
    this.vcpu = vcpu;
    const end = vcpu.endInstruction.bind(vcpu);
    vcpu.endInstruction = (trap) => {
      this.isOver = true;
      end(trap);
    };
  }

  static async create(): Promise<L0Side> {
    const device = new Uint8Array(DEVICE_BYTES);
    const view = new DataView(device.buffer);
    const harness = await L0Harness.create({
      guestBytes: RAM_BYTES,
      onMmioRead: (gpa, size) => {
        const at = gpa - DEVICE;
        if (gpa < DEVICE || at + size > DEVICE_BYTES) return gpa < BARE_BYTES ? 0 : 0xffffffff;
        return size === 1
          ? view.getUint8(at)
          : size === 2
            ? view.getUint16(at, true)
            : view.getUint32(at, true);
      },
      onMmioWrite: (gpa, size, value) => {
        for (let i = 0; i < size; i++) device[gpa - DEVICE + i] = value >>> (i * 8);
      },
    });
    const side = new L0Side(harness, device);
    side.settle();
    return side;
  }

  /** Lets the vCPU's thread go on to its first entry, and no further. */
  private settle(): void {
    const { scheduler } = this.harness.l0;
    const actor = scheduler.actors[0]!;
    while (actor.at !== "vcpu_enter_guest: last test") scheduler.step(actor);
    writePageTables((gpa, value) => {
      const bytes = new DataView(new ArrayBuffer(8));
      bytes.setBigUint64(0, value, true);
      this.harness.l0.memory.write(gpa, new Uint8Array(bytes.buffer));
    });
  }

  /** Undefined when the instruction is beyond the emulator. */
  run(test: Case, contents: readonly Uint8Array[]): Result | undefined {
    const { memory } = this.harness.l0;
    PAGES.forEach((page, i) => {
      memory.write(page, contents[i]!);
    });
    const code = new Uint8Array(test.bytes.length + 1);
    code.set(test.bytes);
    code[test.bytes.length] = HLT;
    memory.write(CODE, code);
    this.device.set(test.device);
    this.load(test);
    try {
      return this.execute();
    } catch (error) {
      if (error instanceof InternalError && error.suberror === "emulation") return undefined;
      throw error;
    }
  }

  private load(test: Case): void {
    const { vcpu } = this;
    const { hw, events } = vcpu;
    const { mode } = test;
    events.exception = undefined;
    events.interrupt = undefined;
    vcpu.nextShadow = 0;
    const [cr0, cr4, efer] = CONTROL[mode];
    setEfer(vcpu, BigInt(efer), true);
    setCr4(vcpu, BigInt(cr4), true);
    setCr0(vcpu, BigInt(cr0), true);
    hw.write(FIELD.guest_cr3, PAGE_TABLES);
    vcpu.requests = 0;
    segmentsOf(mode).forEach((segment, i) => {
      const base = i === 2 && mode !== 64 ? test.stackBase : segment.base;
      writeSegment(vcpu, i, { ...segment, base: BigInt(base) });
    });
    hw.write(FIELD.guest_gdtr_base, GDT);
    hw.write(FIELD.guest_gdtr_limit, GDT_LIMIT);
    hw.write(FIELD.guest_idtr_base, 0);
    hw.write(FIELD.guest_idtr_limit, 0xffff);
    test.gpr.forEach((value, i) => {
      vcpu.setGpr(i, value);
    });
    hw.write(FIELD.guest_rip, mode === 16 ? 0 : CODE);
    hw.write(FIELD.guest_rflags, test.rflags);
    hw.write(FIELD.guest_interruptibility, 0);
    hw.write(FIELD.guest_pending_debug, 0);
    hw.write(FIELD.guest_activity_state, 0);
    hw.write(FIELD.vmentry_intr_info, 0);
    // Whatever the processor itself raises is seen as an exit.
    hw.write(FIELD.exception_bitmap, ALL_EXCEPTIONS);
    hw.setDebugRegister(6, 0xffff0ff0n);
    hw.loadFloating(test.floating);
    if (this.mode !== mode) hw.inveptAll();
    this.mode = mode;
  }

  /** Enters until the instruction is over. */
  private execute(): Result {
    const { vcpu, harness } = this;
    const { hw } = vcpu;
    this.isOver = false;
    for (let i = 0; i < ENTRIES_MAX; i++) {
      hw.gpr.set(vcpu.regs);
      const outcome = hw.enter(this.launched);
      if (outcome !== 0) throw new Error(`VM entry: ${outcome}`);
      this.launched = true;
      harness.core.exports.beginSlice(this.time++, 1000);
      if (hw.run() !== STOP.VM_EXIT) throw new Error("the guest goes on");
      vcpu.regs.set(hw.gpr);
      const reason = hw.read(FIELD.exit_reason);
      vcpu.exitReason = reason;
      if (reason === REASON.exception_or_nmi) return this.ofException();
      if (reason === REASON.hlt) return this.result(-1, 0, 0n);
      if (reason === REASON.triple_fault) throw new Error("triple fault");
      if (!FAST_EXITS[reason]?.(vcpu)) runNow(handleExit(vcpu));
      const { exception } = vcpu.events;
      if (exception !== undefined || this.isOver) {
        this.emulated++;
        const { vector = -1, error = 0, payload = 0n } = exception ?? {};
        const result = this.result(vector, error, vector === VECTOR_PF ? payload : 0n);
        if (!this.mayGoOn()) this.refused++;
        return result;
      }
    }
    const bytes = Buffer.from(harness.l0.memory.read(CODE, 15)).toString("hex");
    throw new Error(`the instruction does not end: ${bytes}, exit reason ${vcpu.exitReason}`);
  }

  /**
   * Whether the processor accepts the state that L0 has left: an entry, and an exit by an interrupt of
   * L0's own before the guest gets anywhere.
   */
  private mayGoOn(): boolean {
    const { vcpu, harness } = this;
    const { hw } = vcpu;
    const pcpu = vcpu.pcpu!;
    hw.gpr.set(vcpu.regs);
    pcpu.interrupt(VECTOR.reschedule);
    pcpu.arrive();
    const isEntered = hw.enter(true) === 0;
    if (isEntered) {
      harness.core.exports.beginSlice(this.time++, 1000);
      if (hw.run() !== STOP.VM_EXIT) throw new Error("no interrupt exits");
    }
    pcpu.takeInterrupts();
    pcpu.irqsOff = true;
    return isEntered;
  }

  private ofException(): Result {
    const { hw } = this.vcpu;
    const info = hw.read(FIELD.exit_intr_info);
    if ((info & VALID) === 0) throw new Error("an exit by no exception");
    const vector = info & 0xff;
    const error = (info & HAS_ERROR) !== 0 ? hw.read(FIELD.exit_intr_error_code) : 0;
    const address = hw.readWide(FIELD.exit_qualification);
    return this.result(vector, error, vector === VECTOR_PF ? address : 0n);
  }

  private result(vector: number, error: number, cr2: bigint): Result {
    const { vcpu } = this;
    const { hw } = vcpu;
    const floating = new Uint8Array(512);
    hw.saveFloating(floating);
    return {
      vector,
      error,
      cr2,
      rip: vcpu.rip,
      rflags: vcpu.rflags,
      gpr: Array.from({ length: 16 }, (_, i) => vcpu.gpr(i)),
      segments: Array.from({ length: 8 }, (_, i) => {
        const { selector, base, limit, access } = readSegment(vcpu, i);
        return [selector, base, limit, access] as const;
      }),
      gdtr: [hw.readWide(FIELD.guest_gdtr_base), hw.read(FIELD.guest_gdtr_limit)],
      idtr: [hw.readWide(FIELD.guest_idtr_base), hw.read(FIELD.guest_idtr_limit)],
      cr0: Number(readCr0(vcpu)),
      floating: floating.subarray(0, FLOATING_BYTES),
      device: this.device.slice(),
      pages: PAGES.map((page) => this.harness.l0.memory.read(page, 0x1000)),
    };
  }
}
