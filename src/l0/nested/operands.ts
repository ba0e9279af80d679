/** Operands of VMX instructions, from the exit instruction information (get_vmx_mem_address). */
import { FIELD } from "../../generated/vmx.ts";
import { segmentBase } from "../emulate/decode.ts";
import { isCanonical, readLinear, writeLinear } from "../emulate/memory.ts";
import { queueException, VECTOR_GP, VECTOR_SS } from "../inject.ts";
import type { Vcpu } from "../vcpu.ts";

const REGISTER_OPERAND = 1 << 10;
const NO_INDEX = 1 << 22;
const NO_BASE = 1 << 27;
const SEG_CS = 1;
const SEG_SS = 2;
const UNUSABLE = 0x10000;
const MASK_64 = 0xffff_ffff_ffff_ffffn;

/** Number of the first register operand, and of the second. */
export const firstRegister = (info: number) => (info >>> 3) & 15;
export const secondRegister = (info: number) => (info >>> 28) & 15;
export const isRegisterOperand = (info: number) => (info & REGISTER_OPERAND) !== 0;

/** A general register as an operand: 64 bits in 64-bit code, else 32. */
export function register(vcpu: Vcpu, index: number): bigint {
  return vcpu.is64BitCode ? vcpu.gpr(index) : BigInt(vcpu.low(index));
}

function fault(vcpu: Vcpu, segment: number): undefined {
  queueException(vcpu, segment === SEG_SS ? VECTOR_SS : VECTOR_GP, 0);
  return undefined;
}

/** Linear address of the memory operand; undefined with a fault queued. */
export function operandAddress(
  vcpu: Vcpu,
  info: number,
  write: boolean,
  bytes: number,
): bigint | undefined {
  const { hw } = vcpu;
  const long = vcpu.is64BitCode;
  const segment = (info >>> 15) & 7;
  let offset = hw.readWide(FIELD.exit_qualification);
  if ((info & NO_BASE) === 0) offset += vcpu.gpr((info >>> 23) & 15);
  if ((info & NO_INDEX) === 0) offset += vcpu.gpr((info >>> 18) & 15) << BigInt(info & 3);
  const addressBits = [16, 32, 64][(info >>> 7) & 7]!;
  offset = BigInt.asUintN(addressBits, offset);
  const base = segmentBase(vcpu, segment, long ? 8 : 4);
  if (long) {
    const gla = (base + offset) & MASK_64;
    return isCanonical(vcpu, gla) ? gla : fault(vcpu, segment);
  }
  const gla = (base + offset) & 0xffffffffn;
  const access = hw.read(FIELD.guest_es_ar + segment * 2);
  const isCode = (access & 8) !== 0;
  if ((access & UNUSABLE) !== 0) return fault(vcpu, segment);
  if (write && (isCode || (access & 2) === 0)) return fault(vcpu, segment);
  if (!write && isCode && (access & 2) === 0) return fault(vcpu, segment);
  const limit = BigInt(hw.read(FIELD.guest_es_limit + segment * 2));
  const flat = limit === 0xffffffffn && base === 0n;
  if (!flat && segment !== SEG_CS && offset + BigInt(bytes - 1) > limit)
    return fault(vcpu, segment);
  return gla;
}

/** A 64-bit memory operand, as of VMPTRLD; undefined with a fault queued. */
export function readPointer(vcpu: Vcpu): bigint | undefined {
  const info = vcpu.hw.read(FIELD.exit_instruction_info);
  const gla = operandAddress(vcpu, info, false, 8);
  return gla === undefined ? undefined : readLinear(vcpu, gla, 8);
}

/** The 128-bit descriptor of INVEPT and INVVPID. */
export function readDescriptor(vcpu: Vcpu): { low: bigint; high: bigint } | undefined {
  const info = vcpu.hw.read(FIELD.exit_instruction_info);
  const gla = operandAddress(vcpu, info, false, 16);
  if (gla === undefined) return undefined;
  const low = readLinear(vcpu, gla, 8);
  if (low === undefined) return undefined;
  const high = readLinear(vcpu, (gla + 8n) & MASK_64, 8);
  return high === undefined ? undefined : { low, high };
}

/** Writes to the memory operand; false with a fault queued. */
export function writeOperand(vcpu: Vcpu, info: number, value: bigint, bytes: number): boolean {
  const gla = operandAddress(vcpu, info, true, bytes);
  return gla !== undefined && writeLinear(vcpu, gla, bytes, value);
}
