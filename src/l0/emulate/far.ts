/** Far transfers of control of the emulator: JMP, CALL, RETF and IRET, without gates and tasks. */
import { FIELD } from "../../generated/vmx.ts";
import { VECTOR_GP, VECTOR_NP } from "../inject.ts";
import type { Vcpu } from "../vcpu.ts";
import type { Decoded } from "./decode.ts";
import {
  AR,
  accessOf,
  type Descriptor,
  dplOf,
  isNull,
  limitOf,
  loadRealSegment,
  readDescriptor,
  readSegment,
  type Segment,
  segmentOf,
  selectorFault,
  setAccessed,
  stackDescriptor,
  usesDescriptors,
  writeSegment,
} from "./descriptors.ts";
import { isCanonical } from "./memory.ts";
import { type Execute, fault, type Outcome, REG, readMemory, SEG } from "./operands.ts";
import {
  EFLAGS,
  loadFlags,
  NEAR_TRANSFERS,
  nextRip,
  peek,
  push,
  release,
  returnFlags,
  setStackPointer,
} from "./stack.ts";

/** A code segment, checked, and marked as accessed when it is loaded. */
interface Target {
  readonly selector: number;
  readonly descriptor: Descriptor;
}

function farPointer(vcpu: Vcpu, d: Decoded): { selector: number; offset: bigint } | undefined {
  if (d.row.operands[0] === "Ap") {
    const offset = BigInt.asUintN(d.size === 2 ? 16 : 32, d.immediate);
    return { selector: Number((d.immediate >> 32n) & 0xffffn), offset };
  }
  const offset = readMemory(vcpu, d, d.size);
  if (offset === undefined) return undefined;
  const selector = readMemory(vcpu, d, 2, BigInt(d.size));
  return selector === undefined ? undefined : { selector: Number(selector), offset };
}

/** Whether `rip` may be executed in the code segment. */
function mayExecute(vcpu: Vcpu, descriptor: Descriptor, rip: bigint): boolean {
  const isLong = vcpu.isLongMode && (accessOf(descriptor) & AR.long) !== 0;
  return isLong ? isCanonical(vcpu, rip) : rip <= BigInt(limitOf(descriptor));
}

function loadCode(vcpu: Vcpu, target: Target, level: number, rip: bigint): boolean {
  const marked = setAccessed(vcpu, target.descriptor);
  if (marked === undefined) return false;
  writeSegment(vcpu, SEG.cs, segmentOf((target.selector & ~3) | level, marked));
  vcpu.hw.writeWide(FIELD.guest_rip, rip);
  return true;
}

/** The code segment that JMP or CALL names; a string is the end of the instruction. */
function directCode(vcpu: Vcpu, selector: number): Target | "fault" | "unknown" {
  if (isNull(selector)) return fault(vcpu, VECTOR_GP, 0);
  const descriptor = readDescriptor(vcpu, selector);
  if (descriptor === undefined) return "fault";
  const access = accessOf(descriptor);
  // Gates and task-state segments, as KVM.
  if ((access & AR.notSystem) === 0) return "unknown";
  const { cpl } = vcpu;
  const dpl = dplOf(access);
  const conforms = (access & AR.conforming) !== 0;
  const both = AR.long | AR.db;
  if (
    (access & AR.code) === 0 ||
    (vcpu.isLongMode && (access & both) === both) ||
    (conforms ? dpl > cpl : (selector & 3) > cpl || dpl !== cpl)
  ) {
    return fault(vcpu, VECTOR_GP, selector & 0xfffc);
  }
  if ((access & AR.present) === 0) return fault(vcpu, VECTOR_NP, selector & 0xfffc);
  return { selector, descriptor };
}

function transferFar(vcpu: Vcpu, d: Decoded, isCall: boolean): Outcome {
  const pointer = farPointer(vcpu, d);
  if (pointer === undefined) return "fault";
  const { selector, offset } = pointer;
  const next = nextRip(vcpu, d);
  const cs = BigInt(readSegment(vcpu, SEG.cs).selector);
  const pushReturn = () => !isCall || (push(vcpu, d, cs) && push(vcpu, d, next));
  if (!usesDescriptors(vcpu)) {
    if (offset > BigInt(vcpu.hw.read(FIELD.guest_cs_limit))) return fault(vcpu, VECTOR_GP, 0);
    if (!pushReturn()) return "fault";
    loadRealSegment(vcpu, SEG.cs, selector);
    vcpu.hw.writeWide(FIELD.guest_rip, offset);
    return "jumped";
  }
  const target = directCode(vcpu, selector);
  if (typeof target === "string") return target;
  if (!pushReturn()) return "fault";
  if (!mayExecute(vcpu, target.descriptor, offset)) return fault(vcpu, VECTOR_GP, 0);
  return loadCode(vcpu, target, vcpu.cpl, offset) ? "jumped" : "fault";
}

const isFar = (d: Decoded) => /^(Ap|Mp)$/.test(d.row.operands[0] ?? "");

const transfer =
  (name: "JMP" | "CALL"): Execute =>
  (vcpu, d) =>
    isFar(d) ? transferFar(vcpu, d, name === "CALL") : NEAR_TRANSFERS.get(name)!(vcpu, d);

/** The code segment that RETF or IRET goes back to. */
function returnCode(vcpu: Vcpu, selector: number): Target | undefined {
  if (isNull(selector)) return selectorFault(vcpu, VECTOR_GP, 0);
  const descriptor = readDescriptor(vcpu, selector);
  if (descriptor === undefined) return undefined;
  const access = accessOf(descriptor);
  const rpl = selector & 3;
  const dpl = dplOf(access);
  const isCode = (access & (AR.notSystem | AR.code)) === (AR.notSystem | AR.code);
  const both = AR.long | AR.db;
  if (
    !isCode ||
    rpl < vcpu.cpl ||
    (vcpu.isLongMode && (access & both) === both) ||
    ((access & AR.conforming) !== 0 ? dpl > rpl : dpl !== rpl)
  ) {
    return selectorFault(vcpu, VECTOR_GP, selector);
  }
  if ((access & AR.present) === 0) return selectorFault(vcpu, VECTOR_NP, selector);
  return { selector, descriptor };
}

function returnFar(vcpu: Vcpu, d: Decoded): Outcome {
  const dropped = Number(d.immediate & 0xffffn);
  const rawSelector = peek(vcpu, d, d.size);
  if (rawSelector === undefined) return "fault";
  const rip = peek(vcpu, d, 0);
  if (rip === undefined) return "fault";
  const selector = Number(rawSelector & 0xffffn);
  if (!usesDescriptors(vcpu)) {
    if (rip > BigInt(vcpu.hw.read(FIELD.guest_cs_limit))) return fault(vcpu, VECTOR_GP, 0);
    release(vcpu, d.size * 2 + dropped);
    loadRealSegment(vcpu, SEG.cs, selector);
    vcpu.hw.writeWide(FIELD.guest_rip, rip);
    return "jumped";
  }
  const target = returnCode(vcpu, selector);
  if (target === undefined) return "fault";
  if ((selector & 3) !== vcpu.cpl) return returnOuter(vcpu, d, target, rip, 2, dropped);
  if (!mayExecute(vcpu, target.descriptor, rip)) return fault(vcpu, VECTOR_GP, 0);
  if (!loadCode(vcpu, target, selector & 3, rip)) return "fault";
  release(vcpu, d.size * 2 + dropped);
  return "jumped";
}

/** The new stack, which lies `depth` operands above the top of the old one. */
function outerStack(vcpu: Vcpu, target: Target, ss: number): Segment | undefined {
  const rpl = target.selector & 3;
  if (!isNull(ss)) return stackDescriptor(vcpu, ss, rpl, VECTOR_GP, 0);
  const isLong = vcpu.isLongMode && (accessOf(target.descriptor) & AR.long) !== 0;
  if (!isLong || rpl === 3 || (ss & 3) !== rpl) return selectorFault(vcpu, VECTOR_GP, 0);
  return { selector: ss, base: 0n, limit: 0, access: AR.unusable | (rpl << 5) };
}

function returnOuter(
  vcpu: Vcpu,
  d: Decoded,
  target: Target,
  rip: bigint,
  depth: number,
  dropped: number,
): Outcome {
  const newRsp = peek(vcpu, d, depth * d.size + dropped);
  if (newRsp === undefined) return "fault";
  const ss = peek(vcpu, d, (depth + 1) * d.size + dropped);
  if (ss === undefined) return "fault";
  const stack = outerStack(vcpu, target, Number(ss & 0xffffn));
  if (stack === undefined) return "fault";
  if (!mayExecute(vcpu, target.descriptor, rip)) return fault(vcpu, VECTOR_GP, 0);
  const rpl = target.selector & 3;
  const isOuter = rpl > vcpu.cpl;
  if (!loadCode(vcpu, target, rpl, rip)) return "fault";
  writeSegment(vcpu, SEG.ss, stack);
  const sp = newRsp + BigInt(dropped);
  const wide = (stack.access & AR.db) === 0 && !vcpu.is64BitCode && d.size === 4;
  // The upper half of ESP is loaded although only SP is used.
  if (wide) vcpu.setGpr(REG.rsp >> 3, (newRsp & 0xffff0000n) | (sp & 0xffffn));
  else setStackPointer(vcpu, sp);
  if (isOuter) dropInnerSegments(vcpu);
  return "jumped";
}

/** Data segments that the outer level may not use become unusable. */
function dropInnerSegments(vcpu: Vcpu): void {
  for (const segment of [SEG.es, SEG.ds, SEG.fs, SEG.gs]) {
    const old = readSegment(vcpu, segment);
    const conforms = (old.access & (AR.code | AR.conforming)) === (AR.code | AR.conforming);
    if ((old.access & AR.unusable) !== 0 || conforms || dplOf(old.access) >= vcpu.cpl) continue;
    writeSegment(vcpu, segment, { ...old, selector: 0, access: old.access | AR.unusable });
  }
}

const BLOCKED_BY_NMI = 8;

function returnInterrupt(vcpu: Vcpu, d: Decoded): Outcome {
  const outcome = returnFrame(vcpu, d);
  if (outcome !== "jumped") return outcome;
  const { hw } = vcpu;
  const blocking = hw.read(FIELD.guest_interruptibility);
  hw.write(FIELD.guest_interruptibility, blocking & ~BLOCKED_BY_NMI);
  return outcome;
}

function returnFrame(vcpu: Vcpu, d: Decoded): Outcome {
  const rip = peek(vcpu, d, 0);
  if (rip === undefined) return "fault";
  const cs = peek(vcpu, d, d.size);
  if (cs === undefined) return "fault";
  const flags = peek(vcpu, d, d.size * 2);
  if (flags === undefined) return "fault";
  const selector = Number(cs & 0xffffn);
  const iopl = (vcpu.rflags & EFLAGS.IOPL) >>> 12;
  if (!vcpu.isProtectedMode) {
    if (rip > BigInt(vcpu.hw.read(FIELD.guest_cs_limit))) return fault(vcpu, VECTOR_GP, 0);
    release(vcpu, d.size * 3);
    loadRealSegment(vcpu, SEG.cs, selector);
    vcpu.hw.writeWide(FIELD.guest_rip, rip);
    loadFlags(vcpu, flags, returnFlags(d.size) | EFLAGS.IF | EFLAGS.IOPL);
    return "jumped";
  }
  // Nested tasks and virtual-8086 mode, as KVM, which has no IRET of protected mode at all.
  const toVirtual = (Number(flags) & EFLAGS.VM) !== 0 && vcpu.cpl === 0 && d.size === 4;
  const nested = (vcpu.rflags & EFLAGS.NT) !== 0 || toVirtual;
  if (vcpu.isVirtual8086 || (nested && !vcpu.isLongMode)) return "unknown";
  if ((vcpu.rflags & EFLAGS.NT) !== 0) return fault(vcpu, VECTOR_GP, 0);
  let mask = returnFlags(d.size);
  if (vcpu.cpl === 0) mask |= EFLAGS.IOPL | (d.size === 2 ? 0 : EFLAGS.VIF | EFLAGS.VIP);
  if (vcpu.cpl <= iopl) mask |= EFLAGS.IF;
  const target = returnCode(vcpu, selector);
  if (target === undefined) return "fault";
  // 64-bit code always pops SS and RSP.
  if ((selector & 3) !== vcpu.cpl || vcpu.is64BitCode) {
    const outcome = returnOuter(vcpu, d, target, rip, 3, 0);
    if (outcome === "jumped") loadFlags(vcpu, flags, mask);
    return outcome;
  }
  if (!mayExecute(vcpu, target.descriptor, rip)) return fault(vcpu, VECTOR_GP, 0);
  if (!loadCode(vcpu, target, selector & 3, rip)) return "fault";
  release(vcpu, d.size * 3);
  loadFlags(vcpu, flags, mask);
  return "jumped";
}

export const TRANSFERS: readonly (readonly [string, Execute])[] = [
  ["JMP", transfer("JMP")],
  ["CALL", transfer("CALL")],
  ["RETF", returnFar],
  ["IRET", returnInterrupt],
];
