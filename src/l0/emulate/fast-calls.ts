/**
 * SYSCALL and SYSRET outside 64-bit code, which AMD processors have and Intel's answer with #UD: for a
 * guest that is told one of AMD's (em_syscall).
 */
import { FIELD } from "../../generated/vmx.ts";
import { VECTOR_GP } from "../inject.ts";
import type { Vcpu } from "../vcpu.ts";
import { EFER } from "../vmcs01.ts";
import type { Decoded } from "./decode.ts";
import { writeSegment } from "./descriptors.ts";
import { fault, type Outcome, REG, readRegister, SEG } from "./operands.ts";
import { EFLAGS, loadFlags, nextRip } from "./stack.ts";

const MSR = { star: 0xc0000081, cstar: 0xc0000083, sfmask: 0xc0000084 } as const;
/** Flat segments of level 0. */
const CODE_64 = 0xa09b;
const CODE_32 = 0xc09b;
const DATA = 0xc093;
/** Every flag that can be set but RF, which comes out clear. */
const ALL_FLAGS = 0x3d7fd5 | EFLAGS.RF;
const RETURNED = 0x3c7fd7n;
const R11 = 11;

function loadFlat(vcpu: Vcpu, cs: number, ss: number, code: number, level: number): void {
  const flat = { base: 0n, limit: 0xffffffff };
  const rights = level << 5;
  writeSegment(vcpu, SEG.cs, { ...flat, selector: cs & 0xffff, access: code | rights });
  writeSegment(vcpu, SEG.ss, { ...flat, selector: ss & 0xffff, access: DATA | rights });
}

/** An MSR that the guest has for itself, 64 bits. */
function msr(vcpu: Vcpu, index: number): bigint {
  const lo = vcpu.hw.rdmsr(index) ?? 0;
  return (BigInt(vcpu.hw.hi) << 32n) | BigInt(lo);
}

const isEnabled = (vcpu: Vcpu) =>
  vcpu.isProtectedMode && (vcpu.hw.read(FIELD.guest_ia32_efer) & EFER.SCE) !== 0;

function syscall(vcpu: Vcpu, d: Decoded): Outcome {
  const { hw, rflags } = vcpu;
  const star = msr(vcpu, MSR.star);
  const cs = Number((star >> 32n) & 0xfffcn);
  vcpu.setGpr(REG.rcx >> 3, nextRip(vcpu, d));
  if (vcpu.isLongMode) {
    vcpu.setGpr(R11, BigInt((rflags & ~EFLAGS.RF) >>> 0));
    const mask = Number(msr(vcpu, MSR.sfmask) & 0xffffffffn);
    const target = msr(vcpu, MSR.cstar);
    loadFlat(vcpu, cs, cs + 8, CODE_64, 0);
    loadFlags(vcpu, BigInt((rflags & ~mask & ~EFLAGS.RF) >>> 0), ALL_FLAGS);
    hw.writeWide(FIELD.guest_rip, target);
  } else {
    loadFlat(vcpu, cs, cs + 8, CODE_32, 0);
    loadFlags(vcpu, 0n, EFLAGS.VM | EFLAGS.IF | EFLAGS.RF);
    hw.writeWide(FIELD.guest_rip, star & 0xffffffffn);
  }
  return "jumped";
}

function sysret(vcpu: Vcpu): Outcome {
  if (vcpu.cpl !== 0) return fault(vcpu, VECTOR_GP, 0);
  const base = Number(msr(vcpu, MSR.star) >> 48n);
  const wasLong = vcpu.isLongMode;
  loadFlat(vcpu, base | 3, (base + 8) | 3, CODE_32, 3);
  if (wasLong) loadFlags(vcpu, vcpu.gpr(R11) & RETURNED, ALL_FLAGS);
  else loadFlags(vcpu, BigInt(EFLAGS.IF), EFLAGS.IF);
  vcpu.hw.writeWide(FIELD.guest_rip, readRegister(vcpu, REG.rcx, 4));
  return "jumped";
}

/** Carries out what the guest's processor has and this one has not; "unknown" leaves #UD. */
export function executeFastCall(vcpu: Vcpu, d: Decoded): Outcome {
  if (!vcpu.msrs.has("SYSCALL_LEGACY") || vcpu.is64BitCode || !isEnabled(vcpu)) return "unknown";
  if (d.row.mnemonic === "SYSCALL") return syscall(vcpu, d);
  return d.row.mnemonic === "SYSRET" ? sysret(vcpu) : "unknown";
}
