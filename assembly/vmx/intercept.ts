/**
 * Instructions that exit under a condition: control registers, ports, MSRs (SDM "Instructions That
 * Cause VM Exits Conditionally"), and how control registers look to a guest.
 */
import { CR0_TS } from "../cpu/control-bits";
import { is64BitCode, SEG_FS, segmentBase } from "../cpu/mode";
import {
  addressSizeOf,
  FAULTED,
  isMemory,
  NEXT,
  PREFIX_F2,
  PREFIX_F3,
  prefixOf,
  r1Of,
  r2Of,
  SIZE_32,
  segmentOf,
  sizeOf,
} from "../decode/record";
import { operandOffset } from "../execute/address";
import { CR0, CR4, CTL_PRIMARY, CTL_SECONDARY, EXIT_GLA } from "../generated/state";
import {
  PRIMARY_CR3_LOAD_EXITING,
  PRIMARY_UNCONDITIONAL_IO_EXITING,
  PRIMARY_USE_IO_BITMAPS,
  PRIMARY_USE_MSR_BITMAPS,
  REASON_CR_ACCESS,
  REASON_GDTR_IDTR_ACCESS,
  REASON_IO_INSTRUCTION,
  REASON_LDTR_TR_ACCESS,
  SECONDARY_DESCRIPTOR_TABLE_EXITING,
  V_CR0_GUEST_HOST_MASK,
  V_CR0_READ_SHADOW,
  V_CR3_TARGET_COUNT,
  V_CR3_TARGET0,
  V_CR4_GUEST_HOST_MASK,
  V_CR4_READ_SHADOW,
  V_IO_BITMAP_A,
  V_IO_BITMAP_B,
  V_MSR_BITMAP,
} from "../generated/vmx";
import { physicalRead32 } from "../memory/physical";
import { displacementOf, memoryInfo, operandInfo } from "./info";
import { exitInstruction, exitWithInfo } from "./pending";
import { isNonRoot, vmcsRead } from "./vmcs";

const ACCESS_MOV_FROM: u32 = 1 << 4;
const ACCESS_CLTS: u32 = 2 << 4;
const ACCESS_LMSW: u32 = 3 << 4;
const LMSW_MEMORY: u32 = 1 << 6;

/** CR0 as MOV and SMSW read it. */
export function visibleCr0(): u64 {
  const cr0 = load<u64>(CR0);
  if (!isNonRoot()) return cr0;
  const mask = vmcsRead<u64>(V_CR0_GUEST_HOST_MASK);
  return (cr0 & ~mask) | (vmcsRead<u64>(V_CR0_READ_SHADOW) & mask);
}

/** CR4 as MOV reads it. */
export function visibleCr4(): u64 {
  const cr4 = load<u64>(CR4);
  if (!isNonRoot()) return cr4;
  const mask = vmcsRead<u64>(V_CR4_GUEST_HOST_MASK);
  return (cr4 & ~mask) | (vmcsRead<u64>(V_CR4_READ_SHADOW) & mask);
}

export function cr0WriteExits(value: u64): bool {
  const different = value ^ vmcsRead<u64>(V_CR0_READ_SHADOW);
  return (different & vmcsRead<u64>(V_CR0_GUEST_HOST_MASK)) != 0;
}

export function cr4WriteExits(value: u64): bool {
  const different = value ^ vmcsRead<u64>(V_CR4_READ_SHADOW);
  return (different & vmcsRead<u64>(V_CR4_GUEST_HOST_MASK)) != 0;
}

/** What a write of `value` to CR0 that does not exit makes of it: host-owned bits stay. */
export function mergedCr0(value: u64): u64 {
  const mask = vmcsRead<u64>(V_CR0_GUEST_HOST_MASK);
  return (load<u64>(CR0) & mask) | (value & ~mask);
}

export function mergedCr4(value: u64): u64 {
  const mask = vmcsRead<u64>(V_CR4_GUEST_HOST_MASK);
  return (load<u64>(CR4) & mask) | (value & ~mask);
}

export function cr3WriteExits(value: u64): bool {
  if ((load<u32>(CTL_PRIMARY) & PRIMARY_CR3_LOAD_EXITING) == 0) return false;
  const targets = vmcsRead<u32>(V_CR3_TARGET_COUNT);
  for (let i: u32 = 0; i < targets; i++) {
    if (vmcsRead<u64>(V_CR3_TARGET0 + (i << 3)) == value) return false;
  }
  return true;
}

/** Exit of MOV to or from the control register of `rec`. */
export function exitMovCr(rec: u32, from: bool): u32 {
  const register = (r2Of(rec) >>> 3) & 15;
  const qualification = r1Of(rec) | (from ? ACCESS_MOV_FROM : 0) | (register << 8);
  return exitInstruction(rec, REASON_CR_ACCESS, qualification as u64);
}

/** What `guestClts` says of a CLTS that does what it always does. */
export const CLTS_PLAIN: u32 = 0xff;

/** CLTS in non-root operation. */
export function guestClts(rec: u32): u32 {
  if ((vmcsRead<u64>(V_CR0_GUEST_HOST_MASK) & CR0_TS) == 0) return CLTS_PLAIN;
  if ((vmcsRead<u64>(V_CR0_READ_SHADOW) & CR0_TS) == 0) return NEXT;
  return exitInstruction(rec, REASON_CR_ACCESS, ACCESS_CLTS as u64);
}

/** True when LMSW with this source exits; it never clears PE. */
export function lmswExits(source: u32): bool {
  const mask = vmcsRead<u32>(V_CR0_GUEST_HOST_MASK);
  const shadow = vmcsRead<u32>(V_CR0_READ_SHADOW);
  if ((mask & source & ~shadow & 1) != 0) return true;
  return ((source ^ shadow) & mask & 0xe) != 0;
}

export function exitLmsw(rec: u32, source: u32): u32 {
  const memory = isMemory(rec);
  const qualification = ACCESS_LMSW | (memory ? LMSW_MEMORY : 0) | ((source & 0xffff) << 16);
  exitInstruction(rec, REASON_CR_ACCESS, qualification as u64);
  if (memory) store<u64>(EXIT_GLA, linearIn(segmentOf(rec), operandOffset(rec)));
  return FAULTED;
}

/** True when RDMSR or WRMSR (`write`) of MSR `index` exits. */
export function msrAccessExits(index: u32, write: bool): bool {
  if ((load<u32>(CTL_PRIMARY) & PRIMARY_USE_MSR_BITMAPS) == 0) return true;
  const high = index >= 0xc0000000;
  const bit = index & 0x1fff;
  if ((high ? index - 0xc0000000 : index) > 0x1fff) return true;
  const map =
    vmcsRead<u64>(V_MSR_BITMAP) + ((high ? 1024 : 0) as u64) + ((write ? 2048 : 0) as u64);
  return ((physicalRead32(map + (((bit >>> 5) << 2) as u64)) >>> (bit & 31)) & 1) != 0;
}

function portBit(port: u32): bool {
  const map = vmcsRead<u64>(port < 0x8000 ? V_IO_BITMAP_A : V_IO_BITMAP_B);
  const bit = port & 0x7fff;
  return ((physicalRead32(map + (((bit >>> 5) << 2) as u64)) >>> (bit & 31)) & 1) != 0;
}

/** True when an access to `bytes` ports from `port` on exits. */
export function ioExits(port: u32, bytes: u32): bool {
  const primary = load<u32>(CTL_PRIMARY);
  if ((primary & PRIMARY_USE_IO_BITMAPS) == 0) {
    return (primary & PRIMARY_UNCONDITIONAL_IO_EXITING) != 0;
  }
  if (port + bytes > 0x10000) return true;
  for (let i: u32 = 0; i < bytes; i++) {
    if (portBit(port + i)) return true;
  }
  return false;
}

export function exitIo(rec: u32, port: u32, bytes: u32, input: bool, immediate: bool): u32 {
  const qualification = (bytes - 1) | (input ? 8 : 0) | (immediate ? 0x40 : 0) | (port << 16);
  return exitInstruction(rec, REASON_IO_INSTRUCTION, qualification as u64);
}

/** Exit of INS and OUTS, whose operand lies at `offset` of `segment`. */
export function exitStringIo(
  rec: u32,
  port: u32,
  bytes: u32,
  input: bool,
  segment: u32,
  offset: u64,
): u32 {
  const repeated = (prefixOf(rec) & (PREFIX_F2 | PREFIX_F3)) != 0;
  const qualification = (bytes - 1) | (input ? 8 : 0) | 0x10 | (repeated ? 0x20 : 0) | (port << 16);
  const info = ((addressSizeOf(rec) - 1) << 7) | (input ? 0 : segment << 15);
  exitWithInfo(rec, REASON_IO_INSTRUCTION, qualification as u64, info);
  store<u64>(EXIT_GLA, linearIn(segment, offset));
  return FAULTED;
}

/** Linear address without any check. */
function linearIn(segment: u32, offset: u64): u64 {
  if (is64BitCode()) return segment >= SEG_FS ? offset + segmentBase(segment) : offset;
  return (offset + segmentBase(segment)) & 0xffffffff;
}

// What the instruction information tells of descriptor-table instructions, bits 29:28.
export const INFO_SGDT: u32 = 0;
export const INFO_SIDT: u32 = 1;
export const INFO_LGDT: u32 = 2;
export const INFO_LIDT: u32 = 3;
export const INFO_SLDT: u32 = 0;
export const INFO_STR: u32 = 1;
export const INFO_LLDT: u32 = 2;
export const INFO_LTR: u32 = 3;

/** @inline */
export function descriptorTablesExit(): bool {
  return (load<u32>(CTL_SECONDARY) & SECONDARY_DESCRIPTOR_TABLE_EXITING) != 0;
}

/** Exit of SGDT, SIDT, LGDT, LIDT. */
export function exitTable(rec: u32, which: u32): u32 {
  const wide: u32 = sizeOf(rec) >= SIZE_32 ? 1 << 11 : 0;
  const info = memoryInfo(rec) | wide | (which << 28);
  return exitWithInfo(rec, REASON_GDTR_IDTR_ACCESS, displacementOf(rec), info);
}

/** Exit of SLDT, STR, LLDT, LTR. */
export function exitSystemSegment(rec: u32, which: u32): u32 {
  const info = operandInfo(rec) | (which << 28);
  return exitWithInfo(rec, REASON_LDTR_TR_ACCESS, displacementOf(rec), info);
}
