/**
 * A core in VMX non-root operation under EPT, for tests of translation: controls, VMCS and paging
 * structures are set by hand, no VM entry or exit is carried out. The TLB keeps whatever it may.
 *
 * Guest-physical memory is host-physical memory 0 to 2 MiB, page by page; the guest maps linear
 * addresses 0 to 2 MiB likewise. Above lie the structures that the guest does not see.
 */

import type { CoreImports } from "../../src/core/core.ts";
import { STATE } from "../../src/generated/state.ts";
import { TLB_PROFILES, type TlbProfile } from "../../src/tables/tlb-profiles.ts";
import { fieldOffset, VMCS_FIELDS } from "../../src/tables/vmx/fields.ts";
import { BareCore } from "./bare-core.ts";

export const GUEST_PML4 = 0x1000;
export const GUEST_PDPT = 0x2000;
export const GUEST_PD = 0x3000;
export const GUEST_PT = 0x4000;
export const EPT_PML4 = 0x200000;
/** Another root over its own tables; maps like the first. */
export const EPT_PML4_B = 0x208000;
/** The root of a 5-level walk over the first tables. */
export const EPT_PML5 = 0x210000;
export const VMCS = 0x220000;
export const PML = 0x221000;
export const VE_INFO = 0x222000;
export const EPTP_LIST = 0x223000;
export const SPPT = 0x224000;

/** IA32_VMX_EPT_VPID_CAP with everything that the core knows. */
export const CAP_ALL =
  1n |
  (1n << 6n) |
  (1n << 7n) |
  (1n << 8n) |
  (1n << 14n) |
  (3n << 16n) |
  (7n << 20n) |
  (3n << 25n) |
  (1n << 32n) |
  (15n << 40n);
const CAPABILITIES = 0x6800;
const EPT_VPID_CAP = CAPABILITIES + 12 * 8;
/** IA32_VMX_CR0_FIXED0 and 1, IA32_VMX_CR4_FIXED0 and 1. */
const CR_FIXED = [6, 8].map((index) => [
  CAPABILITIES + index * 8,
  CAPABILITIES + (index + 1) * 8,
]) as [number, number][];

export const READ = 0;
export const WRITE = 1;
export const FETCH = 2;
export const USER = 4;
export const IMPLICIT = 8;

export const SECONDARY = {
  EPT: 1 << 1,
  VPID: 1 << 5,
  INVPCID: 1 << 12,
  VM_FUNCTIONS: 1 << 13,
  PML: 1 << 17,
  VE: 1 << 18,
  MBEC: 1 << 22,
  SPP: 1 << 23,
} as const;

export const WRITE_BACK = 6n << 3n;
/** Read, write, execute, write-back. */
export const RWX = 7n | WRITE_BACK;

/** Keeps whatever may be kept, also the same address in dozens of contexts. */
export const KEEPING: TlbProfile = (() => {
  const { arrays, guestPhysical, structures, ...rest } = TLB_PROFILES.find(
    ({ name }) => name === "adversarial",
  )!;
  return {
    ...rest,
    arrays: arrays.map((row) => ({ ...row, sets: 512, ways: 64 })),
    guestPhysical: guestPhysical!.map((row) => ({ ...row, sets: 128, ways: 32 })),
    structures: structures!.map((row) => ({ ...row, sets: 16, ways: 64 })),
  };
})();

const KIND_VM_EXIT = 7;

/** How an access ended. */
export type Ending =
  | { readonly hpa: number }
  | { readonly fault: number; readonly error: number; readonly address: bigint }
  | {
      readonly exit: number;
      readonly qualification: number;
      readonly gla: bigint;
      readonly gpa: bigint;
    };

export interface Context {
  readonly vpid?: number;
  /** Root of the EPT structures; 0 for none. */
  readonly root?: number;
  readonly pcid?: number;
  /** Flush VPID 0 on the way, as a transition without VPIDs does. */
  readonly flush?: boolean;
  readonly ad?: boolean;
}

/** Fields of a VM exit by an instruction. */
export interface Exit {
  readonly reason: number;
  readonly qualification: bigint;
  readonly length: number;
  readonly info: number;
}

export class EptCore {
  readonly bare: BareCore;

  private constructor(bare: BareCore) {
    this.bare = bare;
  }

  static async create(
    imports: Partial<CoreImports> = {},
    tlb: TlbProfile = KEEPING,
  ): Promise<EptCore> {
    const self = new EptCore(await BareCore.create(undefined, tlb, imports));
    self.reset();
    return self;
  }

  get core() {
    return this.bare.core;
  }

  read64(hpa: number): bigint {
    return this.core.u64[(this.bare.ram + hpa) >> 3]!;
  }

  write64(hpa: number, value: bigint): void {
    this.core.u64[(this.bare.ram + hpa) >> 3] = BigInt.asUintN(64, value);
  }

  private writeTables(root: number): void {
    this.write64(root, BigInt(root + 0x1000) | 7n);
    this.write64(root + 0x1000, BigInt(root + 0x2000) | 7n);
    this.write64(root + 0x2000, BigInt(root + 0x3000) | 7n);
    for (let i = 0; i < 512; i++) this.write64(root + 0x3000 + i * 8, BigInt(i << 12) | RWX);
  }

  /** Everything as at the start: non-root, VPID 1, EPT without A/D flags, empty caches. */
  reset(): void {
    const { core } = this;
    core.u8.fill(0, this.bare.ram, this.bare.ram + (4 << 20));
    this.bare.reset();
    this.write64(GUEST_PML4, BigInt(GUEST_PDPT) | 7n);
    this.write64(GUEST_PDPT, BigInt(GUEST_PD) | 7n);
    this.write64(GUEST_PD, BigInt(GUEST_PT) | 7n);
    for (let i = 0; i < 512; i++) this.write64(GUEST_PT + i * 8, BigInt(i << 12) | 7n);
    this.writeTables(EPT_PML4);
    this.writeTables(EPT_PML4_B);
    this.write64(EPT_PML5, BigInt(EPT_PML4) | 7n);
    core.u64[EPT_VPID_CAP >> 3] = CAP_ALL;
    for (const [fixed0, fixed1] of CR_FIXED) {
      core.u64[fixed0 >> 3] = 0n;
      core.u64[fixed1 >> 3] = 0xffffffffffffffffn;
    }
    core.setState64(STATE.VMCS_HPA, BigInt(VMCS));
    core.setState32(STATE.VMCS_PTR, this.bare.ram + VMCS);
    for (const word of [STATE.FAULT, STATE.WALK_EXIT, STATE.NMI_UNBLOCKED, STATE.DELIVERING]) {
      core.setState32(word, 0);
    }
    for (const word of [STATE.CTL_PIN, STATE.CTL_PRIMARY, STATE.CTL_TERTIARY]) {
      core.setState32(word, 0);
    }
    this.controls(0);
    this.writeHost();
    core.setState64(STATE.CR3, BigInt(GUEST_PML4));
    this.enter({ vpid: 1, root: EPT_PML4 });
    this.forget();
  }

  /** Sets capability bits of EPT and VPID. */
  capability(value: bigint): void {
    this.core.u64[EPT_VPID_CAP >> 3] = value;
  }

  /** Secondary controls besides EPT, VPID and INVPCID. */
  controls(bits: number): void {
    const all = bits | SECONDARY.EPT | SECONDARY.VPID | SECONDARY.INVPCID;
    this.core.setState32(STATE.CTL_SECONDARY, all);
  }

  /** Sets the offset of a VMCS field. */
  field(name: string, value: bigint): void {
    this.write64(VMCS + this.offset(name), value);
  }

  readField(name: string): bigint {
    return this.read64(VMCS + this.offset(name));
  }

  private offset(name: string): number {
    const row = VMCS_FIELDS.find((field) => field.name === name);
    if (!row) throw new Error(`no VMCS field ${name}`);
    return fieldOffset(row);
  }

  /** Moves to non-root operation in the given context; drops nothing unless `flush`. */
  enter({ vpid = 1, root = EPT_PML4, pcid = 0, flush = false, ad = false }: Context): void {
    const { core } = this;
    core.setState32(STATE.VMX_OPERATION, 2);
    core.setState32(STATE.VPID, vpid);
    const length = root === EPT_PML5 ? 4 : 3;
    const eptp = root === 0 ? 0n : BigInt(root | (length << 3) | 6 | (ad ? 0x40 : 0));
    core.setState64(STATE.EPTP, eptp);
    core.setState64(STATE.CR3, BigInt(GUEST_PML4 | pcid));
    core.exports.switchContext(flush ? 1 : 0);
  }

  /** Moves to root operation. */
  leave({ pcid = 0, flush = false }: Context = {}): void {
    const { core } = this;
    core.setState32(STATE.VMX_OPERATION, 1);
    core.setState32(STATE.VPID, 0);
    core.setState64(STATE.EPTP, 0n);
    core.setState64(STATE.CR3, BigInt(GUEST_PML4 | pcid));
    core.exports.switchContext(flush ? 1 : 0);
  }

  /** Empties every cache of translations. */
  forget(): void {
    this.core.exports.dropTranslations();
  }

  /** Address of the guest's PTE of `gla`. */
  pte(gla: number): number {
    return GUEST_PT + (gla >> 12) * 8;
  }

  /** Address of the EPT PTE of `gpa`. */
  ept(gpa: number, root: number = EPT_PML4): number {
    return root + 0x3000 + (gpa >> 12) * 8;
  }

  /** Gives exits a host: 64-bit code that halts. */
  private writeHost(): void {
    const HALT = 0x11000;
    this.bare.bytes(HALT, 1)[0] = 0xf4;
    const host: Record<string, bigint> = {
      vmexit_controls: 0x236fffn,
      host_cr0: 0x80000033n,
      host_cr3: BigInt(GUEST_PML4),
      host_cr4: 0x42620n,
      host_ia32_efer: 0xd00n,
      host_cs_selector: 8n,
      host_ss_selector: 16n,
      host_ds_selector: 16n,
      host_es_selector: 16n,
      host_tr_selector: 24n,
      host_rip: BigInt(HALT),
      vmcs_link_pointer: ~0n,
    };
    for (const [name, value] of Object.entries(host)) this.field(name, value);
  }

  /** Runs code to the VM exit that it causes. */
  runToExit(code: readonly number[]): Exit {
    this.bare.run(code);
    return {
      reason: Number(this.readField("exit_reason")),
      qualification: this.readField("exit_qualification"),
      length: Number(this.readField("exit_instruction_length")),
      info: Number(this.readField("exit_instruction_info")),
    };
  }

  /** Translates one access. */
  access(gla: number | bigint, access: number, bytes = 1): Ending {
    const { core } = this;
    const address = BigInt(gla);
    const lo = Number(address & 0xffffffffn);
    const pointer = core.exports.translateAs(lo, Number(address >> 32n), access, bytes);
    if (pointer > 1) return { hpa: pointer - this.bare.ram };
    if (pointer === 1) return { hpa: -1 };
    core.setState32(STATE.FAULT, 0);
    if (core.state32(STATE.WALK_EXIT) !== 0) throw new Error("the exit was not taken");
    if (core.state32(STATE.FAULT_KIND) === KIND_VM_EXIT) {
      return {
        exit: core.state32(STATE.EXIT_REASON),
        qualification: Number(core.state64(STATE.EXIT_QUALIFICATION)),
        gla: core.state64(STATE.EXIT_GLA),
        gpa: core.state64(STATE.EXIT_GPA),
      };
    }
    return {
      fault: core.state32(STATE.FAULT_VECTOR),
      error: core.state32(STATE.FAULT_ERROR),
      address: core.state64(STATE.FAULT_CR2),
    };
  }
}
