/** CR0, CR3, CR4, CR8 and EFER of a guest (kvm_set_cr0, vmx_set_cr0 and their like). */
import { ENTERING, FIELD } from "../generated/vmx.ts";
import { translateForL2 } from "./nested/fault.ts";
import { REQ } from "./requests.ts";
import type { Vcpu } from "./vcpu.ts";
import { CR0, CR0_GUEST_OWNED, CR4, CR4_GUEST_OWNED, EFER } from "./vmcs01.ts";

const CR0_KNOWN = 0xe005003fn;
const PAGING_BITS_CR4 = CR4.PAE | CR4.PSE | CR4.PGE | CR4.PCIDE | CR4.SMEP | CR4.SMAP | CR4.LA57;
/** PE, NE and PG stay set in VMX root operation. */
const VMX_FIXED = 0x80000021n;
const TSS_BUSY = 0xb;
const CS_LONG = 0x2000;

/** CR0 as the guest sees it: its own bits from the register, the others from the shadow. */
export function readCr0(vcpu: Vcpu): bigint {
  const owned = BigInt(CR0_GUEST_OWNED);
  const real = vcpu.hw.readWide(FIELD.guest_cr0);
  return (real & owned) | (vcpu.hw.readWide(FIELD.cr0_read_shadow) & ~owned);
}

export function readCr4(vcpu: Vcpu): bigint {
  const owned = BigInt(CR4_GUEST_OWNED & vcpu.msrs.cr4Allowed);
  const real = vcpu.hw.readWide(FIELD.guest_cr4);
  return (real & owned) | (vcpu.hw.readWide(FIELD.cr4_read_shadow) & ~owned);
}

const has = (value: bigint, bit: number) => (value & BigInt(bit)) !== 0n;

/** Writes CR0; false means #GP. `force` is for RESET and for an image's start: no checks. */
export function setCr0(vcpu: Vcpu, value: bigint, force = false): boolean {
  const { hw } = vcpu;
  const old = force ? 0n : readCr0(vcpu);
  const efer = hw.read(FIELD.guest_ia32_efer);
  const cr4 = force ? 0n : readCr4(vcpu);
  if (!force) {
    if (value >> 32n !== 0n) return false;
    if (has(value, CR0.NW) && !has(value, CR0.CD)) return false;
    if (has(value, CR0.PG) && !has(value, CR0.PE)) return false;
    const isRoot = vcpu.nested?.vmxon === true && !vcpu.guestMode;
    if (isRoot && (value & VMX_FIXED) !== VMX_FIXED) return false;
    const enables = has(value, CR0.PG) && !has(old, CR0.PG);
    const disables = !has(value, CR0.PG) && has(old, CR0.PG);
    if (enables && (efer & EFER.LME) !== 0) {
      if (!has(cr4, CR4.PAE) || (hw.read(FIELD.guest_cs_ar) & CS_LONG) !== 0) return false;
    }
    if (disables && (vcpu.is64BitCode || has(cr4, CR4.PCIDE))) return false;
    const pae = has(value, CR0.PG) && has(cr4, CR4.PAE) && (efer & EFER.LME) === 0;
    const changes = ((old ^ value) & BigInt(CR0.PG | CR0.CD | CR0.NW)) !== 0n;
    if (pae && changes && !loadPdptes(vcpu)) return false;
  }
  const shown = (value & CR0_KNOWN) | BigInt(CR0.ET);
  setLongMode(vcpu, efer, has(shown, CR0.PG));
  hw.writeWide(FIELD.cr0_read_shadow, shown);
  const real = (shown & ~BigInt(CR0.NW | CR0.CD)) | BigInt(CR0.NE);
  hw.writeWide(FIELD.guest_cr0, real);
  // Neither SMEP nor anything else that CR0 decides is cached over this without a flush.
  if (((old ^ shown) & BigInt(CR0.PG | CR0.WP)) !== 0n) vcpu.makeRequest(REQ.tlbFlushGuest);
  return true;
}

/** LMA follows PG while LME is set (enter_lmode, exit_lmode). */
function setLongMode(vcpu: Vcpu, efer: number, paging: boolean): void {
  const { hw } = vcpu;
  const long = (efer & EFER.LME) !== 0 && paging;
  if (long === ((efer & EFER.LMA) !== 0)) return;
  if (long) {
    hw.change(FIELD.vmentry_controls, ENTERING.ia32e_mode_guest);
    const access = hw.read(FIELD.guest_tr_ar);
    if ((access & 15) !== TSS_BUSY) hw.write(FIELD.guest_tr_ar, (access & ~15) | TSS_BUSY);
  } else {
    hw.change(FIELD.vmentry_controls, 0, ENTERING.ia32e_mode_guest);
  }
  hw.write(FIELD.guest_ia32_efer, (long ? efer | EFER.LMA : efer & ~EFER.LMA) >>> 0);
}

/** PDPTEs from the table at CR3; false when a reserved bit is set (load_pdptrs). */
export function loadPdptes(vcpu: Vcpu): boolean {
  const { hw } = vcpu;
  const table = (hw.read(FIELD.guest_cr3) & 0xffffffe0) >>> 0;
  const bytes = new Uint8Array(32);
  const gpa = vcpu.guestMode ? translateForL2(vcpu, vcpu.nested!, table, false, false) : table;
  if (gpa === undefined || !vcpu.vm.readGuest(gpa, bytes)) return false;
  const view = new DataView(bytes.buffer);
  const reserved = ~((1n << BigInt(vcpu.msrs.physicalAddressBits)) - 1n) | 0x1e6n;
  for (let i = 0; i < 4; i++) {
    const pdpte = view.getBigUint64(i * 8, true);
    if ((pdpte & 1n) !== 0n && (pdpte & BigInt.asUintN(64, reserved)) !== 0n) return false;
  }
  for (let i = 0; i < 4; i++) {
    hw.writeWide(FIELD.guest_pdpte0 + i * 2, view.getBigUint64(i * 8, true));
  }
  return true;
}

export function setCr4(vcpu: Vcpu, value: bigint, force = false): boolean {
  const { hw } = vcpu;
  const old = force ? 0n : readCr4(vcpu);
  const allowed = BigInt(vcpu.msrs.cr4Allowed);
  if (!force) {
    if ((value & ~allowed) !== 0n) return false;
    const long = vcpu.isLongMode;
    if (vcpu.nested?.vmxon === true && !has(value, CR4.VMXE)) return false;
    if (long && (!has(value, CR4.PAE) || has(value ^ old, CR4.LA57))) return false;
    if (has(value, CR4.PCIDE) && !has(old, CR4.PCIDE)) {
      if (!long || (hw.read(FIELD.guest_cr3) & 0xfff) !== 0) return false;
    }
    const paging = has(readCr0(vcpu), CR0.PG);
    const changes = ((old ^ value) & BigInt(PAGING_BITS_CR4)) !== 0n;
    if (paging && has(value, CR4.PAE) && !long && changes && !loadPdptes(vcpu)) return false;
  }
  hw.writeWide(FIELD.cr4_read_shadow, value);
  hw.writeWide(FIELD.guest_cr4, value | BigInt(CR4.VMXE));
  if (((old ^ value) & BigInt(PAGING_BITS_CR4)) !== 0n) vcpu.makeRequest(REQ.tlbFlushGuest);
  return true;
}

/** Writes EFER (set_efer); LMA is the processor's. */
export function setEfer(vcpu: Vcpu, value: bigint, force = false): boolean {
  const { hw } = vcpu;
  const old = force ? 0 : hw.read(FIELD.guest_ia32_efer);
  if (!force) {
    if ((value & ~BigInt(vcpu.msrs.eferAllowed)) !== 0n) return false;
    const paging = has(readCr0(vcpu), CR0.PG);
    if (paging && ((old ^ Number(value & 0xffffffffn)) & EFER.LME) !== 0) return false;
  }
  const next = Number(value & 0xffffffffn);
  const kept = force ? next : (next & ~EFER.LMA) | (old & EFER.LMA);
  hw.write(FIELD.guest_ia32_efer, kept >>> 0);
  if (force) {
    const long = (next & EFER.LMA) !== 0;
    hw.change(
      FIELD.vmentry_controls,
      long ? ENTERING.ia32e_mode_guest : 0,
      long ? 0 : ENTERING.ia32e_mode_guest,
    );
  }
  return true;
}

/** MOV to CR3 with an exit (kvm_set_cr3); only where something asks for such exits. */
export function setCr3(vcpu: Vcpu, value: bigint): void {
  vcpu.hw.writeWide(FIELD.guest_cr3, value & ~(1n << 63n));
  vcpu.makeRequest(REQ.tlbFlushGuest);
}
