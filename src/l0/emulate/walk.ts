/** L1's own page tables as the emulator walks them: linear to guest-physical (FNAME(walk_addr)). */
import { FIELD } from "../../generated/vmx.ts";
import { readCr0, readCr4 } from "../control-registers.ts";
import { queueException, VECTOR_PF } from "../inject.ts";
import { translateForL2 } from "../nested/fault.ts";
import type { Vcpu } from "../vcpu.ts";
import { CR0, CR4, EFER } from "../vmcs01.ts";

/** Error code bits of a page fault. */
const ERROR = { present: 1, write: 2, user: 4, reserved: 8, fetch: 16, key: 32 } as const;
const ENTRY = {
  present: 1n,
  write: 2n,
  user: 4n,
  accessed: 0x20n,
  dirty: 0x40n,
  large: 0x80n,
} as const;
const NO_EXECUTE = 1n << 63n;
const FRAME = 0x000f_ffff_ffff_f000n;
const FLAG_AC = 0x40000;
const TABLE_ACCESS = { write: false, fetch: false, user: false };

export interface Access {
  readonly write: boolean;
  readonly fetch: boolean;
  /** With the rights of user mode. */
  readonly user: boolean;
  /** An access to tables of the system, which EFLAGS.AC does not free from SMAP. */
  readonly implicit?: boolean;
}

/** How the guest translates at present. */
interface Paging {
  readonly levels: 0 | 2 | 3 | 4 | 5;
  readonly cr3: bigint;
  readonly wp: boolean;
  readonly nx: boolean;
  readonly smep: boolean;
  readonly smap: boolean;
  readonly pse: boolean;
  /** Protection keys of pages of user mode. */
  readonly keys: boolean;
}

function pagingOf(vcpu: Vcpu): Paging {
  const cr0 = Number(readCr0(vcpu));
  const cr4 = Number(readCr4(vcpu));
  const efer = vcpu.hw.read(FIELD.guest_ia32_efer);
  const long = (efer & EFER.LMA) !== 0;
  let levels: Paging["levels"] = 0;
  if ((cr0 & CR0.PG) !== 0) {
    if (long) levels = (cr4 & CR4.LA57) !== 0 ? 5 : 4;
    else levels = (cr4 & CR4.PAE) !== 0 ? 3 : 2;
  }
  return {
    levels,
    cr3: vcpu.hw.readWide(FIELD.guest_cr3),
    wp: (cr0 & CR0.WP) !== 0,
    nx: (efer & EFER.NX) !== 0,
    smep: (cr4 & CR4.SMEP) !== 0,
    smap: (cr4 & CR4.SMAP) !== 0,
    pse: (cr4 & CR4.PSE) !== 0,
    keys: (cr4 & CR4.PKE) !== 0 && long,
  };
}

/** Guest-physical address of `gla`; undefined with the page fault queued. */
export function gvaToGpa(vcpu: Vcpu, gla: bigint, access: Access): number | undefined {
  const paging = pagingOf(vcpu);
  if (paging.levels === 0) return toL1(vcpu, Number(gla & 0xffffffffn), access);
  let error = (access.write ? ERROR.write : 0) | (access.user ? ERROR.user : 0);
  if (access.fetch && (paging.nx || paging.smep)) error |= ERROR.fetch;
  const fault = (bits: number) => {
    queueException(vcpu, VECTOR_PF, error | bits, gla);
    return undefined;
  };
  const wide = paging.levels > 2;
  const indexBits = wide ? 9n : 10n;
  let level: number = paging.levels;
  let table = paging.cr3 & (wide ? FRAME : 0xfffff000n);
  let writable = true;
  let user = true;
  let execute = true;
  if (paging.levels === 3) {
    const index = Number((gla >> 30n) & 3n);
    const pdpte = vcpu.hw.readWide(FIELD.guest_pdpte0 + index * 2);
    if ((pdpte & ENTRY.present) === 0n) return fault(0);
    table = pdpte & FRAME;
    level = 2;
  }
  for (; ; level--) {
    const shift = 12n + indexBits * BigInt(level - 1);
    const index = (gla >> shift) & ((1n << indexBits) - 1n);
    const at = toL1(vcpu, Number(table + index * (wide ? 8n : 4n)), TABLE_ACCESS);
    if (at === undefined) return undefined;
    const entry = readEntry(vcpu, at, wide);
    if (entry === undefined || (entry & ENTRY.present) === 0n) return fault(0);
    writable &&= (entry & ENTRY.write) !== 0n;
    user &&= (entry & ENTRY.user) !== 0n;
    execute &&= (entry & NO_EXECUTE) === 0n;
    const mayBeLarge = wide ? level === 2 || level === 3 : level === 2 && paging.pse;
    const leaf = level === 1 || (mayBeLarge && (entry & ENTRY.large) !== 0n);
    if ((entry & reservedBits(vcpu, paging, level, leaf)) !== 0n) {
      return fault(ERROR.present | ERROR.reserved);
    }
    if (!leaf) {
      mark(vcpu, at, entry, ENTRY.accessed, wide);
      table = entry & (wide ? FRAME : 0xfffff000n);
      continue;
    }
    const quiet = access.implicit !== true && (vcpu.rflags & FLAG_AC) !== 0;
    if (!permitted(paging, access, writable, user, execute, quiet)) return fault(ERROR.present);
    if (user && paging.keys && !keyAllows(vcpu, paging, access, Number((entry >> 59n) & 15n))) {
      return fault(ERROR.present | ERROR.key);
    }
    mark(vcpu, at, entry, access.write ? ENTRY.accessed | ENTRY.dirty : ENTRY.accessed, wide);
    const low = (1n << shift) - 1n;
    // PSE-36: bits 20:13 hold bits 39:32 of the address.
    const high = !wide && level === 2 ? (entry & 0x1fe000n) << 19n : 0n;
    const frame = (entry & (wide ? FRAME : 0xfffff000n) & ~low) | high;
    return toL1(vcpu, Number(frame | (gla & low)), access);
  }
}

/** L2's physical addresses are those that EPT12 translates. */
function toL1(vcpu: Vcpu, gpa: number, access: Access): number | undefined {
  if (!vcpu.guestMode) return gpa;
  return translateForL2(vcpu, vcpu.nested!, gpa, access.write, access.fetch);
}

function permitted(
  paging: Paging,
  access: Access,
  writable: boolean,
  user: boolean,
  execute: boolean,
  quiet: boolean,
): boolean {
  if (access.user && !user) return false;
  if (access.write && !writable && (access.user || paging.wp)) return false;
  if (access.fetch && paging.nx && !execute) return false;
  if (access.fetch && !access.user && user && paging.smep) return false;
  return !(!access.fetch && !access.user && user && paging.smap && !quiet);
}

/** PKRU: access disable and write disable for each of 16 keys. */
function keyAllows(vcpu: Vcpu, paging: Paging, access: Access, key: number): boolean {
  if (access.fetch) return true;
  const rights = (vcpu.hw.pkru >>> (key * 2)) & 3;
  if ((rights & 1) !== 0) return false;
  return (rights & 2) === 0 || !access.write || (!access.user && !paging.wp);
}

/** Bits that must be 0 in an entry of `level`. */
function reservedBits(vcpu: Vcpu, paging: Paging, level: number, leaf: boolean): bigint {
  // PSE-36 leaves bit 21 of a 4-MiB page.
  if (paging.levels === 2) return leaf && level === 2 ? 1n << 21n : 0n;
  let bits = bitsFrom(vcpu.msrs.physicalAddressBits, 52);
  if (paging.levels === 3) bits |= bitsFrom(52, 63);
  if (!paging.nx) bits |= NO_EXECUTE;
  if (leaf && level > 1) bits |= bitsFrom(13, 12 + 9 * (level - 1));
  if (!leaf && level > 3) bits |= ENTRY.large;
  return bits;
}

/** Bits `from` to `to` - 1. */
function bitsFrom(from: number, to: number): bigint {
  return (1n << BigInt(to)) - (1n << BigInt(Math.min(from, to)));
}

function readEntry(vcpu: Vcpu, gpa: number, wide: boolean): bigint | undefined {
  const at = vcpu.vm.guestByte(gpa, false);
  if (at < 0) return undefined;
  const { u32 } = vcpu.hw.core;
  const lo = BigInt(u32[at >>> 2]!);
  return wide ? lo | (BigInt(u32[(at >>> 2) + 1]!) << 32n) : lo;
}

/** Sets accessed and dirty flags where they are not set yet. */
function mark(vcpu: Vcpu, gpa: number, entry: bigint, bits: bigint, wide: boolean): void {
  if ((entry & bits) === bits) return;
  const at = vcpu.vm.guestByte(gpa, true);
  if (at < 0) return;
  const { u32, exports } = vcpu.hw.core;
  u32[at >>> 2]! |= Number(bits);
  exports.hostWritten(at, wide ? 8 : 4);
}
