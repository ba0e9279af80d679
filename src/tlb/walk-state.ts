/** What a walk depends on: registers, controls, and memory with the walk's own writes. */
import { type Core, LAYOUT, MACHINE_WORD } from "../core/core.ts";
import { STATE } from "../generated/state.ts";
import type { PhysicalMemory } from "../machine/memory.ts";
import type { LogicalProcessor } from "../machine/processor.ts";
import { FEATURES } from "../tables/features.ts";
import { CONTROLS } from "../tables/vmx/controls.ts";
import { fieldOffset, VMCS_FIELDS } from "../tables/vmx/fields.ts";
import type { WalkResult } from "./walk-types.ts";

export type WalkMemory = Pick<PhysicalMemory, "has" | "read32" | "read64">;

/** Values of STATE.PAGING_MODE. */
export const PAGING = { none: 0, legacy: 1, pae: 2, level4: 3, level5: 4 } as const;

export const CR0_PE = 1n;
export const CR0_WP = 1n << 16n;
export const CR4_PSE = 1n << 4n;
export const CR4_PGE = 1n << 7n;
export const CR4_SMEP = 1n << 20n;
export const CR4_SMAP = 1n << 21n;
export const CR4_PKE = 1n << 22n;
export const EFER_NXE = 1n << 11n;
export const FLAG_AC = 1 << 18;
/** Address bits of an entry. */
export const FRAME = 0x000f_ffff_ffff_f000n;

const A20 = 1n << 20n;
/** Place of IA32_VMX_EPT_VPID_CAP behind IA32_VMX_BASIC. */
const EPT_VPID_CAP = 12;

function controlBit(name: string): number {
  const row = CONTROLS.find((control) => control.word === "secondary" && control.name === name);
  if (!row) throw new Error(`no secondary control ${name}`);
  return (1 << row.bit) >>> 0;
}

export const SECONDARY = {
  mbec: controlBit("mode_based_execute_ept"),
  pml: controlBit("enable_pml"),
  spp: controlBit("subpage_write_permissions"),
  ve: controlBit("ept_violation_ve"),
} as const;

/** Ends a walk from anywhere within it. */
export class WalkEnd extends Error {
  readonly result: WalkResult;
  constructor(result: WalkResult) {
    super(result.kind);
    this.result = result;
  }
}

export class WalkState {
  readonly cpu: LogicalProcessor;
  readonly mode: number;
  readonly cr0: bigint;
  readonly cr3: bigint;
  readonly cr4: bigint;
  readonly efer: bigint;
  readonly eptp: bigint;
  readonly physicalBits: bigint;
  private readonly core: Core;
  private readonly memory: WalkMemory;
  /** Entries in which the walk would have set flags, by host-physical address. */
  private readonly written = new Map<number, bigint>();
  /** Pages that the walk would have logged. */
  logged = 0;

  constructor(core: Core, memory: WalkMemory, cpu: LogicalProcessor) {
    this.core = core;
    this.memory = memory;
    this.cpu = cpu;
    this.mode = cpu.word(STATE.PAGING_MODE);
    this.cr0 = cpu.wide(STATE.CR0);
    this.cr3 = cpu.wide(STATE.CR3);
    this.cr4 = cpu.wide(STATE.CR4);
    this.efer = cpu.wide(STATE.EFER);
    this.eptp = cpu.wide(STATE.EPTP);
    this.physicalBits = BigInt(core.machine32(MACHINE_WORD.PHYS_BITS));
  }

  hasFeature(name: string): boolean {
    const bit = FEATURES.findIndex((feature) => feature.name === name);
    const word = this.core.machine32(MACHINE_WORD.FEATURES + (bit >> 5) * 4);
    return ((word >>> (bit & 31)) & 1) !== 0;
  }

  /** Bits of a secondary processor-based control that are in force. */
  secondary(bits: number): boolean {
    return (this.cpu.word(STATE.CTL_SECONDARY) & bits) !== 0;
  }

  /** IA32_VMX_EPT_VPID_CAP. */
  get eptCapability(): bigint {
    return this.core.u64[(LAYOUT.VMX_CAPABILITIES >> 3) + EPT_VPID_CAP]!;
  }

  /** A field of the current VMCS as the processor holds it; 0 without one. */
  vmcsField(name: string): bigint {
    const row = VMCS_FIELDS.find((field) => field.name === name);
    const vmcs = this.cpu.word(STATE.VMCS_PTR);
    if (!row || vmcs === 0) return 0n;
    const value = this.core.u64[(vmcs + fieldOffset(row)) >> 3]!;
    return row.width === 16 ? value & 0xffffn : row.width === 32 ? value & 0xffff_ffffn : value;
  }

  /** Address bits above the physical-address width, up to bit 51. */
  get addressReserved(): bigint {
    return 0x000f_ffff_ffff_ffffn & ~((1n << this.physicalBits) - 1n);
  }

  /** Address as the memory system sees it while address line 20 is masked. */
  maskA20(address: bigint): number {
    const masked = this.cpu.word(STATE.A20_MASKED) !== 0 ? address & ~A20 : address;
    return Number(masked);
  }

  /** An entry of a table. Ends the walk where no RAM is. */
  read(address: bigint, bytes: 4 | 8): bigint {
    const hpa = this.maskA20(address);
    const known = this.written.get(hpa);
    if (known !== undefined) return known;
    if (!this.memory.has(hpa, bytes)) throw new WalkEnd({ kind: "not-ram", hpa });
    return bytes === 8 ? this.memory.read64(hpa) : BigInt(this.memory.read32(hpa));
  }

  /** Notes what the walk would write into an entry. */
  write(address: bigint, value: bigint): void {
    this.written.set(this.maskA20(address), value);
  }
}
