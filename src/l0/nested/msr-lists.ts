/** MSR lists of vmcs12 (nested_vmx_load_msr, nested_vmx_store_msr). */
import { FIELD } from "../../generated/vmx.ts";
import { isCanonicalBase } from "../emulate/memory.ts";
import type { Vcpu } from "../vcpu.ts";
import type { Nested } from "./state.ts";

export const MSR_ENTRY_BYTES = 16;
/** Entries that are read at most. */
export const MSR_LIST_MAX = 512;
const FS_BASE = 0xc0000100;
const GS_BASE = 0xc0000101;
const EFER = 0xc0000080;
const SMM_MONITOR_CTL = 0x9b;
const MICROCODE_UPDATE = 0x79;
const BIOS_SIGN_ID = 0x8b;
const TSC = 0x10;
const SMBASE = 0x9e;
/** MSRs that live in VMCS fields. */
const IN_FIELDS = new Map<number, number>([
  [0x174, FIELD.guest_ia32_sysenter_cs],
  [0x175, FIELD.guest_ia32_sysenter_esp],
  [0x176, FIELD.guest_ia32_sysenter_eip],
  [FS_BASE, FIELD.guest_fs_base],
  [GS_BASE, FIELD.guest_gs_base],
]);
/** MSRs that the guest has in the processor itself. */
const IN_PROCESSOR = new Set([
  0xc0000081, 0xc0000082, 0xc0000083, 0xc0000084, 0xc0000102, 0xc0000103,
]);

function l1TimeStamp({ userspace, tscOffset }: Vcpu): { lo: number; hi: number } {
  const offset = (BigInt(tscOffset.hi) << 32n) | BigInt(tscOffset.lo);
  const value = BigInt.asUintN(64, BigInt(userspace.now()) + offset);
  return { lo: Number(value & 0xffffffffn), hi: Number(value >> 32n) };
}

function readMsr(vcpu: Vcpu, index: number): { lo: number; hi: number } | undefined {
  const field = IN_FIELDS.get(index);
  if (field !== undefined) {
    const lo = vcpu.hw.read(field);
    return { lo, hi: vcpu.hw.hi };
  }
  // The list has the time stamp of L1.
  if (index === TSC) return l1TimeStamp(vcpu);
  if (!IN_PROCESSOR.has(index)) return vcpu.msrs.read(vcpu, index);
  const lo = vcpu.hw.rdmsr(index);
  return lo === undefined ? undefined : { lo, hi: vcpu.hw.hi };
}

function writeMsr(vcpu: Vcpu, index: number, lo: number, hi: number): boolean {
  const field = IN_FIELDS.get(index);
  if (field !== undefined) {
    const value = (BigInt(hi) << 32n) | BigInt(lo);
    if (index !== 0x174 && !isCanonicalBase(vcpu, value)) return false;
    vcpu.hw.write(field, lo, index === 0x174 ? 0 : hi);
    return true;
  }
  if (IN_PROCESSOR.has(index)) return vcpu.hw.wrmsr(index, lo, hi);
  return vcpu.msrs.write(vcpu, index, lo, hi);
}

interface ListEntry {
  readonly index: number;
  readonly reserved: number;
  readonly lo: number;
  readonly hi: number;
}

function entryAt(vcpu: Vcpu, gpa: number): ListEntry | undefined {
  const bytes = new Uint8Array(MSR_ENTRY_BYTES);
  if (!vcpu.vm.readGuest(gpa, bytes)) return undefined;
  const view = new DataView(bytes.buffer);
  const word = (at: number) => view.getUint32(at, true);
  return { index: word(0), reserved: word(4), lo: word(8), hi: word(12) };
}

function isX2apic(index: number): boolean {
  return index >>> 8 === 8;
}

/** Loads a list: 0, or the number of the first entry that cannot be loaded, from 1. */
export function loadMsrs(nested: Nested, address: number, count: number, isEntry: boolean): number {
  const { vcpu, vmcs12 } = nested;
  const entries = vmcs12.lo(count);
  const gpa = vmcs12.address(address);
  for (let i = 0; i < entries; i++) {
    if (i >= MSR_LIST_MAX) return i + 1;
    const entry = entryAt(vcpu, gpa + i * MSR_ENTRY_BYTES);
    if (entry === undefined || entry.reserved !== 0) return i + 1;
    const { index, lo, hi } = entry;
    const barred =
      index === FS_BASE ||
      index === GS_BASE ||
      index === SMM_MONITOR_CTL ||
      index === MICROCODE_UPDATE ||
      index === BIOS_SIGN_ID ||
      isX2apic(index);
    if (barred) return i + 1;
    // The mode of the processor comes from the entry controls.
    if (isEntry && index === EFER && !keepsLma(vcpu, lo)) return i + 1;
    if (!writeMsr(vcpu, index, lo, hi)) return i + 1;
  }
  return 0;
}

function keepsLma(vcpu: Vcpu, lo: number): boolean {
  return ((vcpu.hw.read(FIELD.guest_ia32_efer) ^ lo) & 0x400) === 0;
}

/** Stores a list; false when an entry cannot be stored, which is a VMX abort. */
export function storeMsrs(nested: Nested): boolean {
  const { vcpu, vmcs12 } = nested;
  const entries = vmcs12.lo(FIELD.vmexit_msr_store_count);
  const gpa = vmcs12.address(FIELD.vmexit_msr_store_addr);
  for (let i = 0; i < entries; i++) {
    const at = gpa + i * MSR_ENTRY_BYTES;
    const entry = i < MSR_LIST_MAX ? entryAt(vcpu, at) : undefined;
    if (entry === undefined || entry.reserved !== 0) return false;
    if (entry.index === SMBASE || isX2apic(entry.index)) return false;
    const value = readMsr(vcpu, entry.index);
    if (value === undefined) return false;
    const bytes = new Uint8Array(8);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, value.lo, true);
    view.setUint32(4, value.hi, true);
    if (!vcpu.vm.writeGuest(at + 8, bytes)) return false;
  }
  return true;
}
