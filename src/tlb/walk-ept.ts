/**
 * Translation of a guest-physical address from memory alone (SDM "The Extended Page Table Mechanism
 * (EPT)"): the rules of assembly/paging/ept.ts, told step by step.
 */
import { STATE } from "../generated/state.ts";
import { CR0_PE, FRAME, SECONDARY, WalkEnd, type WalkState } from "./walk-state.ts";
import type { EntryName, Rights, WalkStep } from "./walk-types.ts";

export const EPT_READ = 1;
export const EPT_WRITE = 2;
export const EPT_FETCH = 4;
export const EPT_FETCH_USER = 8;
const ALL_RIGHTS = 15;

// Bits of exit qualifications.
export const Q_LINEAR = 0x80;
export const Q_TRANSLATION = 0x100;
export const Q_USER = 0x200;
export const Q_WRITABLE = 0x400;
export const Q_EXECUTE_DISABLE = 0x800;
const Q_SPP_MISS = 0x800;

export const EPTP_AD = 0x40n;
const ENTRY_LARGE = 0x80n;
const ENTRY_A = 0x100n;
const ENTRY_D = 0x200n;
const ENTRY_SUB_PAGE = 1n << 61n;
const ENTRY_SUPPRESS_VE = 1n << 63n;
const CAP_EXECUTE_ONLY = 1n;
const CAP_2M = 0x10000n;
const CAP_1G = 0x20000n;
const PML_ENTRIES = 512;

const VECTOR_RESERVED = 0xaaaa_aaaa_aaaa_aaaan;

export const ENTRY_NAMES: readonly EntryName[] = ["PTE", "PDE", "PDPTE", "PML4E", "PML5E"];

export interface EptTranslation {
  /** Host-physical address of the byte. */
  readonly hpa: bigint;
  readonly sizeLog: number;
  /** EPT_* rights; EPT_WRITE only when a write needs no further work. */
  readonly rights: number;
}

function namedRights(rights: number): Rights {
  return {
    read: (rights & EPT_READ) !== 0,
    write: (rights & EPT_WRITE) !== 0,
    execute: (rights & EPT_FETCH) !== 0,
    user: false,
    executeUser: (rights & EPT_FETCH_USER) !== 0,
  };
}

export class EptWalk {
  private readonly state: WalkState;
  private readonly steps: WalkStep[];
  private readonly mbec: boolean;

  constructor(state: WalkState, steps: WalkStep[]) {
    this.state = state;
    this.steps = steps;
    this.mbec = state.secondary(SECONDARY.mbec);
  }

  /**
   * Translates `gpa` for an access that needs the EPT_* rights `access`; `qualification` is what is
   * known of the exit qualification, `bytes` the size of a write. Throws WalkEnd. `quiet`: adds no
   * steps, for an access that a processor makes with what it has just translated.
   */
  translate(
    gpa: bigint,
    access: number,
    qualification: number,
    bytes: number,
    quiet = false,
  ): EptTranslation {
    const { state } = this;
    const levels = Number((state.eptp >> 3n) & 7n) + 1;
    if (gpa >> BigInt(12 + levels * 9) !== 0n) this.violation(gpa, qualification, 0, false);
    const path: bigint[] = [];
    let table = state.eptp & FRAME;
    let rights = ALL_RIGHTS;
    let above = ALL_RIGHTS;
    let common = -1n;
    for (let level = levels; ; level--) {
      const at = table | (((gpa >> BigInt(3 + level * 9)) & 0x1ffn) << 3n);
      const entry = state.read(at, 8);
      const present = (entry & (this.mbec ? 0x407n : 7n)) !== 0n;
      const leaf = level === 1 || ((entry & ENTRY_LARGE) !== 0n && level <= 3);
      above = rights;
      if (present) rights &= this.rightsOf(entry);
      if (!quiet) this.note(at, gpa, entry, level, present, leaf, rights);
      const convertible = (entry & ENTRY_SUPPRESS_VE) === 0n;
      if (!present) this.violation(gpa, qualification, 0, convertible);
      if (this.isMisconfigured(entry, level, leaf)) {
        throw new WalkEnd({ kind: "ept-misconfiguration", gpa: Number(gpa) });
      }
      common &= entry;
      path.push(at);
      if (!leaf) {
        table = entry & FRAME;
        continue;
      }
      let usable = rights;
      if ((rights & access) !== access) {
        const eligible =
          state.secondary(SECONDARY.spp) &&
          access === EPT_WRITE &&
          (qualification & Q_TRANSLATION) !== 0 &&
          level === 1 &&
          (entry & ENTRY_SUB_PAGE) !== 0n &&
          (above & EPT_WRITE) !== 0 &&
          (rights & EPT_READ) !== 0;
        if (!eligible || !this.subPagePermits(gpa, bytes)) {
          this.violation(gpa, qualification, rights, convertible);
        }
        usable &= ~EPT_WRITE;
      }
      usable &= this.useFlags(gpa, path, entry, common, access);
      const low = (1n << BigInt(3 + level * 9)) - 1n;
      const hpa = (entry & FRAME & ~low) | (gpa & low);
      return { hpa, sizeLog: 3 + level * 9, rights: usable };
    }
  }

  private note(
    at: bigint,
    gpa: bigint,
    value: bigint,
    level: number,
    present: boolean,
    leaf: boolean,
    granted: number,
  ): void {
    const pageBytes = leaf ? 2 ** (3 + level * 9) : 0;
    const frame = Number(value & FRAME);
    this.steps.push({
      tables: "ept",
      level,
      entry: ENTRY_NAMES[level - 1]!,
      hpa: this.state.maskA20(at),
      gpa: undefined,
      translates: Number(gpa),
      bytes: 8,
      value,
      present,
      rights: namedRights(this.rightsOf(value)),
      granted: namedRights(granted),
      accessed: (value & ENTRY_A) !== 0n,
      dirty: (value & ENTRY_D) !== 0n,
      pageBytes,
      target: pageBytes === 0 ? frame : frame - (frame % pageBytes),
    });
  }

  private rightsOf(entry: bigint): number {
    const low = Number(entry & 7n);
    return low | (this.mbec ? Number((entry >> 10n) & 1n) << 3 : (low & EPT_FETCH) << 1);
  }

  /** True when the entry, which is present, is one that no processor accepts. */
  private isMisconfigured(entry: bigint, level: number, leaf: boolean): boolean {
    const { state } = this;
    if ((entry & FRAME & ~((1n << state.physicalBits) - 1n)) !== 0n) return true;
    if ((entry & 1n) === 0n) {
      if ((entry & 2n) !== 0n) return true;
      const fetches = 4n | (this.mbec ? 0x400n : 0n);
      if ((entry & fetches) !== 0n && (state.eptCapability & CAP_EXECUTE_ONLY) === 0n) return true;
    }
    if (!leaf) return (entry & 0x78n) !== 0n || (level > 3 && (entry & ENTRY_LARGE) !== 0n);
    const type = Number((entry >> 3n) & 7n);
    if (type === 2 || type === 3 || type === 7) return true;
    if (level === 1) return false;
    if ((state.eptCapability & (level === 2 ? CAP_2M : CAP_1G)) === 0n) return true;
    return (entry & ((1n << BigInt(3 + level * 9)) - 1n) & FRAME) !== 0n;
  }

  /** Sets accessed and dirty flags as a walk would. Returns a mask of the rights that remain. */
  private useFlags(
    gpa: bigint,
    path: readonly bigint[],
    leaf: bigint,
    common: bigint,
    access: number,
  ): number {
    const { state } = this;
    if ((state.eptp & EPTP_AD) === 0n) return ALL_RIGHTS;
    const writes = (access & EPT_WRITE) !== 0;
    const dirty = (leaf & ENTRY_D) !== 0n;
    if ((common & ENTRY_A) === 0n || (writes && !dirty)) {
      this.log(gpa, writes && !dirty);
      path.forEach((at, i) => {
        const entry = state.read(at, 8);
        state.write(at, entry | ENTRY_A | (writes && i === path.length - 1 ? ENTRY_D : 0n));
      });
    }
    return dirty || writes ? ALL_RIGHTS : ALL_RIGHTS & ~EPT_WRITE;
  }

  /** Page-modification logging: ends the walk when the log is full. */
  private log(gpa: bigint, dirties: boolean): void {
    const { state } = this;
    if (!state.secondary(SECONDARY.pml)) return;
    const index = (Number(state.vmcsField("pml_index")) - state.logged) & 0xffff;
    if (index >= PML_ENTRIES) throw new WalkEnd({ kind: "pml-full", gpa: Number(gpa) });
    if (dirties) state.logged++;
  }

  /** Judges a write by the sub-page permission table (SDM "Sub-Page Write Permissions"). */
  private subPagePermits(gpa: bigint, bytes: number): boolean {
    if (bytes === 0) return false;
    const { state } = this;
    const end = (qualification: number): never => {
      throw new WalkEnd({ kind: "spp-event", gpa: Number(gpa), qualification });
    };
    let table = state.vmcsField("sppt_pointer") & FRAME;
    const reserved = ~((1n << state.physicalBits) - 1n) | 0xffen;
    for (let shift = 39n; shift >= 21n; shift -= 9n) {
      const entry = state.read(table | (((gpa >> shift) & 0x1ffn) << 3n), 8);
      if ((entry & 1n) === 0n) end(Q_SPP_MISS);
      if ((entry & reserved) !== 0n) end(0);
      table = entry & FRAME;
    }
    const vector = state.read(table | (((gpa >> 12n) & 0x1ffn) << 3n), 8);
    if ((vector & VECTOR_RESERVED) !== 0n) end(0);
    const first = (gpa & 0xfffn) >> 7n;
    const last = ((gpa & 0xfffn) + BigInt(bytes - 1)) >> 7n;
    for (let part = first; part <= last; part++) {
      if (((vector >> (part << 1n)) & 1n) === 0n) return false;
    }
    return true;
  }

  private violation(
    gpa: bigint,
    qualification: number,
    granted: number,
    convertible: boolean,
  ): never {
    let full = qualification | ((granted & 7) << 3);
    if (this.mbec) full |= (granted & EPT_FETCH_USER) << 3;
    const becomes = convertible && this.state.secondary(SECONDARY.ve) && this.canRaiseVe();
    const kind = becomes ? "virtualization-exception" : "ept-violation";
    throw new WalkEnd({ kind, gpa: Number(gpa), qualification: full });
  }

  /** Whether a virtualization exception could be delivered now. */
  private canRaiseVe(): boolean {
    const { state } = this;
    if ((state.cr0 & CR0_PE) === 0n || state.cpu.word(STATE.DELIVERING) !== 0) return false;
    const area = state.vmcsField("ve_info_addr");
    return state.read(area + 4n, 4) === 0n;
  }
}
