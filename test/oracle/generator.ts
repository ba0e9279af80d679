/**
 * Cases from genes: the bytes of one instruction or a few, and a state in which they have something
 * to do. The same genes always give the same case; genes of 0 give the plainest one.
 */
import {
  ALL_REGISTERS,
  FLOATING_GENE,
  fillFloating,
  fillOperand,
  traitsOf,
} from "./floating-state.ts";
import type { Form, Mode } from "./forms.ts";
import { PatchWriter } from "./generator-patches.ts";
import {
  baseFrom,
  chooseStart,
  chooseTarget,
  isCanonical,
  isHarness,
  nearTarget,
} from "./generator-targets.ts";
import { dataSelector, farOffset, farSelector, GENE, InstructionBuilder } from "./instruction.ts";
import {
  CASE_FLAGS_AT,
  CASE_FLOATING_AT,
  COUNT_AT,
  DATA,
  END,
  END32,
  FS_BASE_AT,
  GS_BASE_AT,
  LENGTH_AT,
  LOAD_SEGMENTS,
  OPERAND_AT,
  OWN_FLOATING,
  PATCHES_AT,
  RFLAGS_AT,
  RIP_AT,
  SEGMENTS,
  SELECTOR,
  SELECTORS_AT,
  STACK16_HIGH,
  START_AT,
  WAIVED_AT,
  WAIVED_HARNESS,
  WAIVED_OFFSET,
  WAIVED_WRAP,
} from "./layout.ts";
import { mix, mixAgain, pick, pickBig, pickedHigh } from "./values.ts";

/** Instructions of one case at most. */
export const SEQUENCE_MAX = 3;
/** Genes of the state, behind those of the instructions. */
const STATE = {
  FLAGS: 24,
  PLACE: 25,
  STACK: 26,
  STACK_VALUES: 27,
  MEMORY: 31,
  SEGMENTS: 33,
  BASES: 34,
  SPECIAL: 35,
  REGISTERS: 36,
  FLOATING: 52,
} as const;
export const GENOME = STATE.FLOATING + FLOATING_GENE.COUNT;

const RCX = 1;
const RDX = 2;
const RBX = 3;
const RSP = 4;
const RBP = 5;
const RSI = 6;
const RDI = 7;

const OPERAND_BYTES = 16;
const CALLED = /^(RET|RETF|IRET)$/;
const STRING = /^(MOVS|CMPS|STOS|LODS|SCAS|INS|OUTS)$/;
const BIT_STRING = /^BT[SRC]?$/;
const INDIRECT = /^(JMP|CALL)$/;
const FAR_LOAD = /^L[DEFGS]S$/;

export class CaseGenerator {
  private readonly patches: PatchWriter;
  private readonly builder = new InstructionBuilder();
  private readonly code = new Uint8Array(64);
  private readonly scratch = new Uint8Array(512);
  private readonly scratch64 = new BigUint64Array(this.scratch.buffer);
  // The case being written.
  private memory: Uint8Array;
  private view: DataView;
  private registers: BigUint64Array;
  private at = 0;
  private genes: Uint32Array = new Uint32Array(0);
  private mode: Mode = 64;
  private readonly selectors = new Uint16Array(6);

  /** Writes cases into `memory`, whose offset in its buffer must be a multiple of 8. */
  constructor(memory: Uint8Array) {
    this.memory = memory;
    this.patches = new PatchWriter(memory);
    this.view = new DataView(memory.buffer, memory.byteOffset);
    this.registers = new BigUint64Array(memory.buffer, memory.byteOffset, 16);
  }

  /** Writes the case of `forms` and `genes` at offset `at`. All forms have the same mode. */
  write(at: number, forms: readonly Form[], genes: Uint32Array): void {
    const first = forms[0]!;
    this.at = at;
    this.genes = genes;
    this.mode = first.mode;
    this.patches.begin(at);
    this.registers = new BigUint64Array(this.memory.buffer, this.memory.byteOffset + at, 16);
    this.memory.fill(0, at + RIP_AT, at + PATCHES_AT);
    for (let r = 0; r < 16; r++) this.setRegister(r, genes[STATE.REGISTERS + r]!);
    this.chooseSegments(first);
    this.chooseStack();
    this.chooseBases();
    this.view.setBigUint64(at + OPERAND_AT, 0n, true);
    const length = this.chooseCode(forms);
    this.chooseFloating(forms);
    if (this.mode !== 64 && !this.hasWideStack()) {
      const top = BigInt(STACK16_HIGH << 16) | (this.registers[RSP]! & 0xffffn);
      // An operand at a distance from the stack pointer has moved, perhaps into the worker's pages.
      const { base, index } = this.builder.operand;
      if (top !== this.registers[RSP]! && (base === RSP || index === RSP)) {
        this.waive(WAIVED_HARNESS);
      }
      this.registers[RSP] = top;
    }
    this.view.setUint32(at + LENGTH_AT, length, true);
    this.patches.end();
    this.view.setUint8(at + COUNT_AT, this.shiftCount(first));
    this.chooseFlags(forms);
  }

  /** Count of a shift or rotation, before it is masked. */
  private shiftCount(form: Form): number {
    const last = form.row.operands.at(-1);
    if (last === "1") return 1;
    return last === "Ib" ? this.immediate : Number(this.registers[RCX]! & 0xffn);
  }

  private immediate = 0;
  private registersUsed = 0;

  private chooseFloating(forms: readonly Form[]): void {
    const form = forms.find((f) => traitsOf(f.row).any);
    if (!form) return;
    const used = forms.length > 1 ? ALL_REGISTERS : this.registersUsed;
    const at = this.at + CASE_FLOATING_AT;
    fillFloating(this.memory, at, form.row, used, this.genes, STATE.FLOATING);
    const flags = this.view.getUint16(this.at + CASE_FLAGS_AT, true);
    this.view.setUint16(this.at + CASE_FLAGS_AT, flags | OWN_FLOATING, true);
  }

  private setRegister(register: number, gene: number): void {
    const low = pick(gene);
    const at = this.at + register * 8;
    this.view.setUint32(at, low, true);
    this.view.setUint32(at + 4, pickedHigh, true);
  }

  private setLow(register: number, bits: number, value: bigint): void {
    const kept = (this.registers[register]! >> BigInt(bits)) << BigInt(bits);
    this.registers[register] = kept | BigInt.asUintN(bits, value);
  }

  private chooseFlags(forms: readonly Form[]): void {
    const gene = this.genes[STATE.FLAGS]!;
    let flags = 0x202 | (gene & 0x8d5);
    const rare = gene >>> 12;
    if ((rare & 7) === 7) flags |= 0x400;
    if ((rare & 0x78) === 0x78) flags |= 0x40000;
    if ((rare & 0x1f80) === 0x1f80) flags |= 0x200000;
    if ((rare & 0xfc000) === 0xfc000) flags |= 0x100;
    if ((rare & 0x3f800) === 0x2a800) flags |= 0x4000;
    if (forms.some((f) => STRING.test(f.row.mnemonic)) && (rare & 1) !== 0) flags |= 0x400;
    this.view.setUint32(this.at + RFLAGS_AT, flags, true);
  }

  /** Flat segments mostly; else those of the LDT, with limits and odd types. */
  private chooseSegments(form: Form): void {
    const gene = this.genes[STATE.SEGMENTS]!;
    const s = this.selectors;
    if (this.mode === 64) {
      s.set([SELECTOR.CODE64, SELECTOR.DATA, 0, 0, 0, 0]);
    } else {
      const code = this.mode === 16 ? SELECTOR.CODE16 : SELECTOR.CODE32;
      const data = this.mode === 16 ? SELECTOR.DATA16 : SELECTOR.DATA;
      s.set([code, data, data, data, data, data]);
      if ((gene & 3) === 3) {
        const some = [
          SELECTOR.DATA16,
          SELECTOR.LIMITED,
          SELECTOR.DOWN32,
          SELECTOR.DOWN16,
          SELECTOR.CONSTANT,
          SELECTOR.DATA,
          0,
          SELECTOR.CODE32,
        ];
        for (let i = 2; i < 6; i++) s[i] = some[(gene >>> (2 + i * 3)) & 7]!;
        s[1] = [data, SELECTOR.LIMITED, SELECTOR.DATA16, SELECTOR.DOWN32][(gene >>> 26) & 3]!;
        // A jump to END would exceed the limit.
        const near = form.row.jump === undefined && !INDIRECT.test(form.row.mnemonic);
        if (this.mode === 32 && gene >>> 29 === 7 && near) s[0] = SELECTOR.CODE_ONLY;
      }
      this.view.setUint16(this.at + CASE_FLAGS_AT, LOAD_SEGMENTS, true);
    }
    for (let i = 0; i < 6; i++) this.view.setUint16(this.at + SELECTORS_AT + i * 2, s[i]!, true);
  }

  /** Base of the segment register numbered as in the ISA (ES CS SS DS FS GS). */
  private segmentBase(segment: number): bigint {
    if (this.mode === 64) {
      if (segment < 4) return 0n;
      return this.view.getBigUint64(this.at + (segment === 4 ? FS_BASE_AT : GS_BASE_AT), true);
    }
    const selector = this.selectors[[3, 0, 1, 2, 4, 5][segment]!]!;
    return (selector & 4) !== 0 ? BigInt(SEGMENTS[selector >> 3]!.base) : 0n;
  }

  /** RSP, and what the stack holds. */
  private chooseStack(): void {
    const gene = this.genes[STATE.STACK]!;
    const detail = gene >>> 4;
    let pointer = DATA + 0x800;
    switch (gene & 15) {
      case 8:
        pointer = DATA + 0x1000 - 24 + (detail % 48);
        break;
      case 9:
        pointer = DATA + (detail % 48);
        break;
      case 10:
        pointer = DATA + 0x2000 - 24 + (detail % 48);
        break;
      case 11:
        pointer = DATA + 0x3000 - (detail % 48);
        break;
      case 12:
      case 13:
        pointer = DATA + (detail & 0x1fff);
        break;
      default:
        pointer += (detail & 0x1f) * 16;
        break;
    }
    let value = BigInt(pointer);
    if (this.mode === 64 && (gene & 15) === 14) value = 0x7ffffffffff0n + BigInt(detail & 31);
    value -= this.segmentBase(2);
    this.registers[RSP] = BigInt.asUintN(64, value);
    this.setLow(RBP, (detail & 0x10000) !== 0 ? 64 : 0, value + BigInt((detail >>> 17) & 0x7f));
  }

  /** True when the stack pointer has 32 bits outside 64-bit mode. */
  private hasWideStack(): boolean {
    const stack = this.selectors[1]!;
    return (stack & 4) === 0 || SEGMENTS[stack >> 3]!.big;
  }

  /** Linear address of the top of the stack. */
  private stackTop(): bigint {
    let offset = this.registers[RSP]!;
    if (this.mode !== 64) {
      offset = BigInt.asUintN(this.hasWideStack() ? 32 : 16, offset);
    }
    return offset + this.segmentBase(2);
  }

  private chooseBases(): void {
    if (this.mode !== 64) return;
    const gene = this.genes[STATE.BASES]!;
    this.view.setBigUint64(this.at + FS_BASE_AT, baseFrom(gene), true);
    this.view.setBigUint64(this.at + GS_BASE_AT, baseFrom(mixAgain(gene)), true);
  }

  /** Builds and places the instructions; returns the length of the first. */
  private chooseCode(forms: readonly Form[]): number {
    const start = chooseStart(this.genes[STATE.PLACE]!);
    let length = 0;
    let firstLength = 0;
    forms.forEach((form, i) => {
      this.builder.build(form, this.genes, i * GENE.COUNT);
      const memory = i === 0 && this.builder.hasMemory && form.row.modrm === undefined;
      if (memory) this.placeOperand(form, start);
      if (i === 0) {
        this.special(form, memory);
        this.registersUsed = 1 | (1 << this.builder.reg) | (1 << this.builder.rm);
        this.immediate = this.builder.bytes[this.builder.length - 1]!;
      }
      this.code.set(this.builder.bytes.subarray(0, this.builder.length), length);
      length += this.builder.length;
      if (i === 0) firstLength = length;
    });
    length = this.putTail(length, start);
    this.patches.put(BigInt(start), this.code, length, true);
    const base = this.segmentBase(1);
    this.view.setBigUint64(this.at + RIP_AT, BigInt(start) - base, true);
    this.view.setUint32(this.at + START_AT, start, true);
    return firstLength;
  }

  /** The jump to END behind the instructions. */
  private putTail(at: number, start: number): number {
    const { code } = this;
    const flat = this.selectors[0] === SELECTOR.CODE32 || this.mode === 64;
    let length = at;
    if (flat) {
      const target = this.mode === 64 ? END : END32;
      const distance = target - (start + at + 5);
      code[length++] = 0xe9;
      for (let i = 0; i < 4; i++) code[length++] = distance >>> (8 * i);
      return length;
    }
    if (this.mode === 16) code[length++] = 0x66;
    code[length++] = 0xea;
    for (let i = 0; i < 4; i++) code[length++] = END >>> (8 * i);
    code[length++] = SELECTOR.CODE64;
    code[length++] = 0;
    return length;
  }

  /** Makes the memory operand's address a chosen one and fills what lies there. */
  private placeOperand(form: Form, start: number): void {
    const { builder, genes } = this;
    const gene = genes[GENE.TARGET]!;
    const { operand } = builder;
    const bits = operand.addressSize;
    const base = this.segmentBase(operand.segment);
    let offset = BigInt.asUintN(bits, chooseTarget(gene, this.mode === 64) - base);
    if (((gene >>> 26) & 63) === 63) offset = pickBig(mix(gene));
    const shift = BigInt(operand.scale);
    const next = BigInt(start + builder.length) - this.segmentBase(1);
    if (operand.relative) {
      operand.displacement = BigInt.asIntN(32, offset - next);
      builder.setDisplacement(operand.displacement);
    } else if (operand.base >= 0) {
      const rest = offset - operand.displacement;
      if (operand.index === operand.base) {
        const factor = 1n + (1n << shift);
        this.setLow(operand.base, bits, BigInt.asUintN(bits, rest) / factor);
      } else {
        const index = operand.index >= 0 ? this.registers[operand.index]! << shift : 0n;
        this.setLow(operand.base, bits, rest - index);
      }
    } else if (operand.index >= 0) {
      const rest = BigInt.asUintN(bits, offset - operand.displacement);
      this.setLow(operand.index, bits, rest >> shift);
    } else {
      operand.displacement = offset;
      builder.setDisplacement(offset);
      if (builder.displacementBytes === 4) operand.displacement = BigInt.asIntN(32, offset);
    }
    this.operandAddress = this.addressOf(next);
    this.waiveOffset(this.operandOffset);
    if (isHarness(this.operandAddress)) this.waive(WAIVED_HARNESS);
    this.view.setBigUint64(this.at + OPERAND_AT, this.operandAddress, true);
    this.fillOperand(form);
  }

  private operandAddress = 0n;
  private operandOffset = 0n;

  private waive(reason: number): void {
    this.view.setUint8(this.at + WAIVED_AT, reason);
  }

  /** Notes an offset that processors treat differently. */
  private waiveOffset(offset: bigint): void {
    const { operand } = this.builder;
    // At the end of a segment of 4 GiB they may or may not see the limit exceeded.
    if (this.mode !== 64 && offset > 0xfffffff0n) this.waive(WAIVED_WRAP);
    if (this.mode !== 64 || operand.segment < 4 || isCanonical(offset)) return;
    this.waive(WAIVED_OFFSET);
  }

  private addressOf(next: bigint): bigint {
    const { operand } = this.builder;
    let sum = operand.displacement;
    if (operand.relative) sum += next;
    if (operand.base >= 0) sum += this.registers[operand.base]!;
    if (operand.index >= 0) sum += this.registers[operand.index]! << BigInt(operand.scale);
    const offset = BigInt.asUintN(operand.addressSize, sum);
    this.operandOffset = offset;
    return BigInt.asUintN(this.mode === 64 ? 64 : 32, offset + this.segmentBase(operand.segment));
  }

  private fillOperand(form: Form): void {
    const { scratch64, genes } = this;
    const gene = genes[STATE.MEMORY]!;
    scratch64[0] = pickBig(gene);
    scratch64[1] = pickBig(genes[STATE.MEMORY + 1]!);
    const { mnemonic } = form.row;
    if (traitsOf(form.row).any) {
      const { row, size } = form;
      const bytes = fillOperand(this.scratch, row, size, genes, STATE.FLOATING, gene);
      this.patches.put(this.operandAddress, this.scratch, bytes, false);
      return;
    }
    if (INDIRECT.test(mnemonic)) this.farPointer(form, gene, 0);
    else if (FAR_LOAD.test(mnemonic)) this.farLoad(form, gene);
    else if (
      form.row.operands.includes("Ew") &&
      /Sw|^LAR|^LSL|^VER/.test(form.row.operands + mnemonic)
    ) {
      scratch64[0] = BigInt(dataSelector(gene));
    }
    this.patches.put(this.operandAddress, this.scratch, OPERAND_BYTES, false);
  }

  /** Offset and selector for an indirect transfer, near or far. */
  private farPointer(form: Form, gene: number, at: number): void {
    const { scratch } = this;
    const bytes = form.size / 8;
    let offset = nearTarget(gene, this.mode, this.segmentBase(1));
    if (form.row.operands[0] === "Mp") offset = farOffset(gene, this.mode);
    for (let i = 0; i < bytes; i++) scratch[at + i] = Number((offset >> BigInt(8 * i)) & 0xffn);
    const selector = farSelector(mixAgain(gene));
    scratch[at + bytes] = selector;
    scratch[at + bytes + 1] = selector >>> 8;
  }

  private farLoad(form: Form, gene: number): void {
    const bytes = form.size / 8;
    const selector = dataSelector(mixAgain(gene));
    this.scratch[bytes] = selector;
    this.scratch[bytes + 1] = selector >>> 8;
  }

  /** What single instructions need to have something to do. */
  private special(form: Form, memory: boolean): void {
    const { mnemonic, operands } = form.row;
    const gene = this.genes[STATE.SPECIAL]!;
    const { registers } = this;
    if (STRING.test(mnemonic)) this.prepareString(form, gene);
    else if (BIT_STRING.test(mnemonic) && memory && operands.includes("Gv")) {
      const slot = this.builder.reg;
      const near = BigInt((gene & 0x3ff) - 0x200);
      const used = slot === this.builder.operand.base || slot === this.builder.operand.index;
      if (!used && (gene & 0x3000) !== 0) registers[slot] = BigInt.asUintN(64, near);
    } else if (mnemonic === "XLAT") {
      const target =
        chooseTarget(gene, this.mode === 64) -
        this.segmentBase(Math.max(this.builder.operand.segment, 3));
      this.waiveOffset(BigInt.asUintN(64, target));
      registers[RBX] = BigInt.asUintN(64, target - (registers[0]! & 0xffn));
    } else if (/^CMPXCHG/.test(mnemonic)) this.prepareExchange(form, gene, memory);
    else if (/^I?DIV$/.test(mnemonic)) this.prepareDivision(form, gene);
    else if (/^(LOOP|JCXZ)/.test(mnemonic)) {
      if ((gene & 3) !== 0) this.setLow(RCX, 64, BigInt((gene >>> 2) & 3));
    } else if (
      INDIRECT.test(mnemonic) &&
      operands[0] === "Ev" &&
      !memory &&
      this.builder.rm !== RSP
    ) {
      registers[this.builder.rm] = BigInt.asUintN(
        64,
        nearTarget(gene, this.mode, this.segmentBase(1)),
      );
    } else if (mnemonic === "MOV" && operands[0] === "Sw" && !memory) {
      this.setLow(this.builder.rm, 16, BigInt(dataSelector(gene)));
    } else if (mnemonic.startsWith("MASKMOV")) {
      const segment = this.builder.operand.segment;
      const target =
        chooseTarget(gene, this.mode === 64) - this.segmentBase(segment < 0 ? 3 : segment);
      this.setLow(RDI, this.builder.operand.addressSize, target);
      this.waiveOffset(BigInt.asUintN(this.builder.operand.addressSize, target));
    } else if (mnemonic.startsWith("PCMPESTR") && (gene & 3) !== 0) {
      for (const [r, length] of [
        [0, (gene >>> 4) % 40],
        [RDX, (gene >>> 12) % 40],
      ] as const) {
        const used = r === this.builder.operand.base || r === this.builder.operand.index;
        if (!memory || !used) this.setLow(r, form.size, BigInt(length - 20));
      }
    } else if (/^(LAR|LSL|VERR|VERW)$/.test(mnemonic) && !memory) {
      this.setLow(this.builder.rm, 16, BigInt(dataSelector(gene)));
    }
    this.fillStack(form, gene);
  }

  private fillStack(form: Form, gene: number): void {
    const { scratch, scratch64, genes } = this;
    const { mnemonic, operands } = form.row;
    for (let i = 0; i < 4; i++) scratch64[i] = pickBig(genes[STATE.STACK_VALUES + i]!);
    let length = 32;
    if (CALLED.test(mnemonic)) {
      const bytes = form.size / 8;
      const put = (index: number, value: bigint) => {
        for (let i = 0; i < bytes; i++) {
          scratch[index * bytes + i] = Number((value >> BigInt(8 * i)) & 0xffn);
        }
      };
      put(
        0,
        mnemonic === "RET"
          ? nearTarget(gene, this.mode, this.segmentBase(1))
          : farOffset(gene, this.mode),
      );
      if (mnemonic !== "RET") put(1, BigInt(farSelector(mix(gene))));
      if (mnemonic === "IRET") {
        put(2, BigInt(mixAgain(gene) & ((gene & 8) !== 0 ? 0x247fd7 : 0xcd5)) | 2n);
        put(3, this.registers[RSP]! + BigInt((gene >>> 8) & 0x7c));
        put(
          4,
          BigInt([this.selectors[1]!, SELECTOR.DATA, dataSelector(gene >>> 4)][(gene >>> 14) % 3]!),
        );
        length = 40;
      }
    } else if (mnemonic === "POP" && /^[DEFGS]S$/.test(operands[0] ?? "")) {
      scratch64[0] = BigInt(dataSelector(gene)) | (scratch64[0]! & ~0xffffn);
    } else if (mnemonic === "POPF") {
      const kept = (gene & 0x70) === 0x70 ? 0x247fd5n : 0x240cd5n;
      scratch64[0] = BigInt(mix(gene)) & kept;
    }
    this.patches.put(this.stackTop(), scratch, length, false);
  }

  private prepareString(form: Form, gene: number): void {
    const { scratch } = this;
    const bits = this.builder.operand.addressSize;
    const override = this.builder.operand.segment;
    const long = this.mode === 64;
    const source = chooseTarget(mix(gene), long) & ~(gene & 0x100 ? 0n : 7n);
    const destination = chooseTarget(mixAgain(gene), long) & ~(gene & 0x200 ? 0n : 7n);
    this.setLow(RSI, bits, source - this.segmentBase(override < 0 ? 3 : override));
    this.setLow(RDI, bits, destination - this.segmentBase(0));
    const counts = (gene & 0x1c00) === 0x1c00 ? pickBig(gene) : BigInt((gene >>> 13) & 63);
    this.setLow(RCX, bits, counts);
    if (bits !== 16) {
      this.waiveOffset(BigInt.asUintN(bits, this.registers[RSI]!));
      if (this.mode !== 64) this.waiveOffset(BigInt.asUintN(32, this.registers[RDI]!));
    }
    if ((gene & 0xc000) === 0) this.setLow(RDX, 64, BigInt(gene >>> 20));
    // Equal operands up to some place.
    if (/^(CMPS|SCAS)$/.test(form.row.mnemonic)) {
      const bytes = form.size / 8;
      for (let i = 0; i < 64; i++) scratch[i] = this.memory[this.at + (i % bytes)]!;
      if ((gene & 2) !== 0) scratch[(gene >>> 24) & 63]! ^= 1;
      this.patches.put(destination, scratch, 64, false);
      if ((gene & 4) !== 0) scratch[(gene >>> 18) & 63]! ^= 0x80;
      this.patches.put(source, scratch, 64, false);
    }
  }

  private prepareExchange(form: Form, gene: number, memory: boolean): void {
    if ((gene & 1) === 0) return;
    const { registers, scratch64, builder } = this;
    if (form.row.mnemonic === "CMPXCHG8B") {
      scratch64[0] = registers[0]!;
      scratch64[1] = registers[RDX]!;
      if (form.size === 32) {
        scratch64[0] = (registers[0]! & 0xffffffffn) | ((registers[RDX]! & 0xffffffffn) << 32n);
      }
      this.patches.put(this.operandAddress, this.scratch, 16, false);
    } else if (memory) {
      scratch64[0] = registers[0]!;
      this.patches.put(this.operandAddress, this.scratch, 8, false);
    } else if (form.size !== 8) {
      registers[builder.rm] = registers[0]!;
    }
  }

  /** A high half that mostly lets the quotient fit. */
  private prepareDivision(form: Form, gene: number): void {
    const { registers, builder } = this;
    const shift = BigInt(form.size);
    const register = form.size === 8 ? 0 : RDX;
    if (!this.builder.hasMemory && builder.rm === register) return;
    const signed = form.row.mnemonic === "IDIV";
    const accumulator = registers[0]!;
    let high = 0n;
    if ((gene & 3) === 1) high = BigInt((gene >>> 2) & 0xff);
    else if ((gene & 3) === 2) high = pickBig(gene >>> 2);
    else if ((gene & 3) === 3) {
      const divisor = builder.hasMemory
        ? pickBig(this.genes[STATE.MEMORY]!)
        : registers[builder.rm]!;
      const size = form.size === 8 ? 8 : form.size;
      const half = BigInt.asUintN(size, divisor) >> (signed ? 1n : 0n);
      high = half > 0n ? (pickBig(mix(gene)) & ((1n << BigInt(size)) - 1n)) % half : 0n;
    } else if (signed && BigInt.asIntN(form.size === 8 ? 8 : form.size, accumulator) < 0n)
      high = -1n;
    if (form.size === 8) {
      this.setLow(0, 16, (accumulator & 0xffn) | (BigInt.asUintN(8, high) << 8n));
    } else {
      registers[register] = BigInt.asUintN(
        64,
        form.size === 64
          ? high
          : ((registers[register]! >> shift) << shift) | BigInt.asUintN(form.size, high),
      );
    }
  }
}
