/** Cases for the comparison of L0's emulator with the core: one instruction and the state before it. */
import { EMULATED } from "../../src/l0/emulate/emulator.ts";
import { allForms, type Form } from "../oracle/forms.ts";
import { GENE, InstructionBuilder } from "../oracle/instruction.ts";
import { Genes, pickBig } from "../oracle/values.ts";
import {
  CODE,
  DATA,
  DEVICE_BYTES,
  type Mode,
  OPERAND,
  SEGMENT_BASE,
  SELECTORS,
  STACK,
  STACK_BASE,
} from "./emulator-layout.ts";

export interface Case {
  readonly form: Form;
  readonly mode: Mode;
  readonly bytes: Uint8Array;
  readonly gpr: readonly bigint[];
  readonly rflags: number;
  /** FXSAVE image. */
  readonly floating: Uint8Array;
  readonly device: Uint8Array;
  /** Base of SS, outside 64-bit mode. */
  readonly stackBase: number;
}

const RSP = 4;
export const STRINGS = new Set(["MOVS", "CMPS", "STOS", "LODS", "SCAS"]);
/** Instructions that use device memory as their stack. */
const STACK_USERS = new Set(
  "PUSH POP PUSHA POPA PUSHF POPF ENTER LEAVE CALL RET RETF IRET".split(" "),
);
const SELECTOR_READERS = new Set(
  "MOV LDS LES LFS LGS LSS LLDT LTR LAR LSL VERR VERW POP JMP CALL RETF IRET".split(" "),
);
const BIT_TESTS = new Set(["BT", "BTS", "BTR", "BTC"]);
const DIVISIONS = new Set(["DIV", "IDIV"]);
/** Addresses of 64-bit mode that fault. */
const ABSENT = 0x40000000n;
const NOT_CANONICAL = 0x800000000000n;
const FLAGS = { TF: 0x100, DF: 0x400, fixed: 2 } as const;
const ARITHMETIC = 0x8d5;

/** Whether the emulator may come to see the form: it has an operand in memory, or a stack. */
function reachesMemory({ row, memory }: Form): boolean {
  // ModRM of MOV to and from control and debug registers names registers whatever it says.
  if (row.operands.includes("Cy") || row.operands.includes("Dy")) return false;
  if (row.memoryAccess === "none" && memory && row.hasModrm) return false;
  return (
    memory || STRINGS.has(row.mnemonic) || STACK_USERS.has(row.mnemonic) || row.mnemonic === "XLAT"
  );
}

/** All forms of a mode that the emulator knows, or that use memory implicitly. */
export function emulatedForms(mode: Mode): Form[] {
  return allForms([mode], true).filter(
    (form) =>
      (EMULATED.has(form.row.mnemonic) || STRINGS.has(form.row.mnemonic)) && reachesMemory(form),
  );
}

export class CaseMaker {
  private readonly genes: Genes;
  private readonly builder = new InstructionBuilder();
  private readonly shape = new Uint32Array(GENE.COUNT);

  constructor(seed: number) {
    this.genes = new Genes(seed);
  }

  private next(below: number): number {
    return this.genes.next() % below;
  }

  make(form: Form): Case {
    for (;;) {
      const made = this.tryToMake(form);
      if (made !== undefined) return made;
    }
  }

  private tryToMake(form: Form): Case | undefined {
    const { genes, builder, shape } = this;
    const mode = form.mode as Mode;
    const { mnemonic } = form.row;
    for (let i = 0; i < shape.length; i++) shape[i] = genes.next();
    // Few cases of prefixes that mean nothing.
    if (this.next(8) !== 0) shape[GENE.PREFIXES] = this.next(16) << 11;
    builder.build(form, shape, 0);
    const gpr = Array.from({ length: 16 }, () => this.register(mode));
    gpr[RSP] = BigInt(mode === 64 ? STACK : STACK - STACK_BASE);
    const usesStack = STACK_USERS.has(mnemonic) && !(form.memory && this.next(2) === 0);
    let stackBase = STACK_BASE;
    if (usesStack) {
      stackBase = SEGMENT_BASE;
      gpr[RSP] = BigInt(OPERAND + this.offset() - (mode === 64 ? 0 : SEGMENT_BASE));
      if (mnemonic === "LEAVE" || mnemonic === "ENTER") gpr[5] = gpr[RSP] + 0x40n;
    } else if (mode === 64 && STACK_USERS.has(mnemonic) && this.next(8) === 0) {
      gpr[RSP] = this.next(2) === 0 ? ABSENT + 8n : NOT_CANONICAL;
    }
    if (BIT_TESTS.has(mnemonic)) {
      const { base, index } = builder.operand;
      if (form.memory && (builder.reg === base || builder.reg === index)) return undefined;
      gpr[builder.reg] = this.bitOffset(mode);
    }
    if (DIVISIONS.has(mnemonic) && this.next(2) === 0) gpr[2] = BigInt(this.next(3));
    // The builder has chosen the segment for an address that MOV with an offset has not.
    const isOffset = form.memory && !form.row.hasModrm;
    if (isOffset && builder.operand.segment === 2) return undefined;
    if (form.memory && !this.aim(gpr, stackBase, mode)) return undefined;
    if (STRINGS.has(mnemonic)) this.aimString(gpr, mode);
    if (mnemonic === "XLAT") gpr[3] = BigInt(OPERAND - (mode === 64 ? 0 : SEGMENT_BASE));
    let rflags = FLAGS.fixed | (genes.next() & ARITHMETIC);
    if (this.next(4) === 0) rflags |= FLAGS.DF;
    if (this.next(16) === 0) rflags |= FLAGS.TF;
    return {
      form,
      mode,
      bytes: builder.bytes.slice(0, builder.length),
      gpr,
      rflags,
      floating: this.floating(),
      device: this.memory(mnemonic),
      stackBase,
    };
  }

  private register(mode: Mode): bigint {
    const value = pickBig(this.genes.next());
    return mode === 64 ? value : BigInt.asUintN(32, value);
  }

  /** Mostly aligned, often across a page. */
  private offset(): number {
    const choice = this.next(8);
    if (choice < 4) return this.next(64) * 16;
    if (choice < 7) return this.next(0x400);
    return 0x1000 - 1 - this.next(16);
  }

  private bitOffset(mode: Mode): bigint {
    const offset = BigInt(this.next(0x4000) - 0x2000);
    return BigInt.asUintN(mode === 64 ? 64 : 32, offset);
  }

  /** Makes the address registers and the displacement lead to the device memory. */
  private aim(gpr: bigint[], stackBase: number, mode: Mode): boolean {
    const { builder } = this;
    const { operand } = builder;
    const { base, index, scale, addressSize } = operand;
    // Code of real-address mode does not reach the device memory.
    if (operand.segment === 1 && mode === 16) return false;
    const bases = [SEGMENT_BASE, 0, stackBase];
    const segmentBase = mode === 64 ? 0 : (bases[operand.segment] ?? SEGMENT_BASE);
    const target = BigInt(OPERAND + this.offset() - segmentBase);
    if (addressSize === 16 && (target < 0n || target > 0xffffn)) return false;
    if (operand.relative) {
      builder.setDisplacement(target - BigInt(CODE + builder.length));
      return true;
    }
    if (base < 0 && index < 0) {
      builder.setDisplacement(target);
      return true;
    }
    // One register as both, or the stack pointer, is left to other cases.
    if (base === index || base === RSP || index === RSP) return false;
    if (base < 0) {
      gpr[index] = BigInt(this.next(0x100));
      builder.setDisplacement(target - (gpr[index]! << BigInt(scale)));
      return true;
    }
    if (index >= 0) gpr[index] = BigInt(this.next(0x100));
    const rest = index < 0 ? 0n : gpr[index]! << BigInt(scale);
    const value = target - rest - operand.displacement;
    gpr[base] = BigInt.asUintN(addressSize, value);
    // What lies above the address size counts for nothing.
    if (addressSize < 64 && mode !== 16) {
      gpr[base]! |= (this.register(mode) >> BigInt(addressSize)) << BigInt(addressSize);
    }
    return true;
  }

  private aimString(gpr: bigint[], mode: Mode): void {
    const inDevice = () => BigInt(OPERAND + this.offset() - (mode === 64 ? 0 : SEGMENT_BASE));
    const inRam = () => BigInt.asUintN(32, BigInt(DATA + this.next(0x800)) - BigInt(SEGMENT_BASE));
    const plain = mode === 64 ? this.plainAddress() : inRam();
    const far = this.builder.operand.addressSize === 16 ? inDevice() : plain;
    const kind = this.next(3);
    gpr[6] = kind === 0 ? far : inDevice();
    gpr[7] = kind === 1 ? far : inDevice();
    gpr[1] = BigInt(this.next(6));
  }

  /** RAM; seldom an address that nothing maps, or none at all. */
  private plainAddress(): bigint {
    const choice = this.next(16);
    if (choice === 0) return ABSENT + BigInt(this.next(0x1000));
    return choice === 1 ? NOT_CANONICAL : BigInt(DATA + this.next(0x800));
  }

  private floating(): Uint8Array {
    const bytes = new Uint8Array(512);
    for (let i = 0; i < bytes.length; i++) bytes[i] = this.genes.next();
    const view = new DataView(bytes.buffer);
    view.setUint16(0, 0x37f, true);
    // TOP and condition codes; no pending exceptions.
    view.setUint16(2, this.genes.next() & 0x7f00, true);
    view.setUint8(5, 0);
    view.setUint16(6, view.getUint16(6, true) & 0x7ff, true);
    view.setUint32(24, 0x1f80, true);
    bytes.fill(0, 28, 32);
    for (let i = 0; i < 8; i++) bytes.fill(0, 32 + i * 16 + 10, 48 + i * 16);
    bytes.fill(0, 416);
    return bytes;
  }

  /** Contents of the device memory; where selectors are read, most words are some. */
  private memory(mnemonic: string): Uint8Array {
    const bytes = new Uint8Array(DEVICE_BYTES);
    const view = new DataView(bytes.buffer);
    const selectors = SELECTOR_READERS.has(mnemonic);
    const small = this.next(2) === 0;
    for (let i = 0x800; i < DEVICE_BYTES - 0x800; i += 2) {
      let value = this.genes.next() & 0xffff;
      if (selectors && this.next(2) === 0) value = SELECTORS[this.next(SELECTORS.length)]!;
      else if (small && this.next(4) !== 0) value = this.next(4) === 0 ? 0xffff : 0;
      view.setUint16(i, value, true);
    }
    // A valid image for FXRSTOR and LDMXCSR, half of the time.
    if (/^(FXRSTOR|LDMXCSR)$/.test(mnemonic) && this.next(2) === 0) {
      for (let i = 0; i < DEVICE_BYTES; i += 4)
        view.setUint32(i, view.getUint32(i, true) & 0xffff, true);
    }
    return bytes;
  }
}
