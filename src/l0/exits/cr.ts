/** Accesses to control registers (handle_cr). */
import { FIELD } from "../../generated/vmx.ts";
import { readCr0, setCr0, setCr3, setCr4 } from "../control-registers.ts";
import { queueException, VECTOR_GP } from "../inject.ts";
import { setL2Cr0, setL2Cr4 } from "../nested/events.ts";
import { InternalError } from "../userspace.ts";
import type { Vcpu } from "../vcpu.ts";
import { CR0 } from "../vmcs01.ts";

const ACCESS = { to: 0, from: 1, clts: 2, lmsw: 3 } as const;
const LMSW_BITS = 0xfn;

export function handleCrAccess(vcpu: Vcpu): boolean {
  const qualification = vcpu.hw.read(FIELD.exit_qualification);
  const register = qualification & 15;
  const gpr = (qualification >>> 8) & 15;
  switch ((qualification >>> 4) & 3) {
    case ACCESS.to:
      return finish(vcpu, write(vcpu, register, value(vcpu, gpr)));
    case ACCESS.from:
      read(vcpu, register, gpr);
      return finish(vcpu, true);
    case ACCESS.clts:
      return finish(vcpu, writeCr0(vcpu, shownCr0(vcpu) & ~BigInt(CR0.TS)));
    default: {
      // LMSW cannot clear PE.
      const source = BigInt(qualification >>> 16) & LMSW_BITS;
      const old = shownCr0(vcpu);
      return finish(vcpu, writeCr0(vcpu, (old & ~0xen) | source | (old & 1n)));
    }
  }
}

/** A register operand: 64 bits in 64-bit code, else 32. */
function value(vcpu: Vcpu, gpr: number): bigint {
  return vcpu.is64BitCode ? vcpu.gpr(gpr) : BigInt(vcpu.low(gpr));
}

function write(vcpu: Vcpu, register: number, operand: bigint): boolean {
  switch (register) {
    case 0:
      return writeCr0(vcpu, operand);
    case 3:
      setCr3(vcpu, operand);
      return true;
    case 4:
      return vcpu.guestMode ? setL2Cr4(vcpu, vcpu.nested!, operand) : setCr4(vcpu, operand);
    case 8:
      if (operand > 15n) return false;
      vcpu.userspace.syncClock();
      vcpu.apic.lapic?.setCr8(Number(operand));
      return true;
    default:
      throw unexpected(vcpu, `MOV to CR${register}`);
  }
}

function read(vcpu: Vcpu, register: number, gpr: number): void {
  if (register === 3) vcpu.setGpr(gpr, vcpu.hw.readWide(FIELD.guest_cr3));
  else if (register === 8) vcpu.setGpr(gpr, BigInt(vcpu.apic.lapic?.getCr8() ?? 0));
  else throw unexpected(vcpu, `MOV from CR${register}`);
}

/** Neither the controls nor the masks ask for such an exit. */
function unexpected(vcpu: Vcpu, instruction: string): InternalError {
  return new InternalError("unexpected-exit", `vCPU ${vcpu.index}: ${instruction} exits`);
}

function writeCr0(vcpu: Vcpu, value: bigint): boolean {
  return vcpu.guestMode ? setL2Cr0(vcpu, vcpu.nested!, value) : setCr0(vcpu, value);
}

/** CR0 as the guest reads it. */
function shownCr0(vcpu: Vcpu): bigint {
  if (!vcpu.guestMode) return readCr0(vcpu);
  const mask = vcpu.hw.readWide(FIELD.cr0_guest_host_mask);
  const real = vcpu.hw.readWide(FIELD.guest_cr0) & ~mask;
  return real | (vcpu.hw.readWide(FIELD.cr0_read_shadow) & mask);
}

function finish(vcpu: Vcpu, done: boolean): boolean {
  if (done) vcpu.skip();
  else queueException(vcpu, VECTOR_GP, 0);
  return true;
}
