/**
 * The walk of one linear address from memory alone, step by step through both dimensions: what a
 * processor whose caches are empty would read, and what the access would meet. Nothing is changed:
 * flags that a walk sets are kept beside memory. The rules are those of assembly/paging/walk.ts.
 */
import type { Core } from "../core/core.ts";
import { STATE } from "../generated/state.ts";
import type { LogicalProcessor } from "../machine/processor.ts";
import { memoryType } from "./memory-type.ts";
import {
  ENTRY_NAMES,
  EPT_FETCH,
  EPT_FETCH_USER,
  EPT_READ,
  EPT_WRITE,
  EPTP_AD,
  EptWalk,
  Q_EXECUTE_DISABLE,
  Q_LINEAR,
  Q_TRANSLATION,
  Q_USER,
  Q_WRITABLE,
} from "./walk-ept.ts";
import {
  CR0_WP,
  CR4_PGE,
  CR4_PKE,
  CR4_PSE,
  CR4_SMAP,
  CR4_SMEP,
  EFER_NXE,
  FLAG_AC,
  FRAME,
  PAGING,
  WalkEnd,
  type WalkMemory,
  WalkState,
} from "./walk-state.ts";
import type { Walk, WalkAccess, WalkResult, WalkStep } from "./walk-types.ts";

const PF_PRESENT = 1;
const PF_WRITE = 2;
const PF_USER = 4;
const PF_RESERVED = 8;
const PF_FETCH = 16;
const PF_KEY = 32;

const P = 1n;
const W = 2n;
const U = 4n;
const A = 0x20n;
const D = 0x40n;
const PS = 0x80n;
const G = 0x100n;
const NX = 1n << 63n;
/** Bits 62:52, which are reserved outside IA-32e mode. */
const HIGH = 0x7ff0_0000_0000_0000n;

const CAP_ADVANCED = 0x400000n;
const USER_LEVEL = 3;

const PAGING_NAMES = ["none", "32-bit", "PAE", "4-level", "5-level"] as const;

/** Rights that all entries read so far grant. */
interface Granted {
  write: boolean;
  user: boolean;
  execute: boolean;
}

interface Leaf {
  /** Guest-physical address of the page. */
  readonly page: bigint;
  readonly sizeLog: number;
  readonly global: boolean;
  readonly dirty: boolean;
  readonly protectionKey: number;
  readonly patIndex: number;
}

/** Walks the tables of `cpu` for an access to linear address `gla`. */
export function walkLinear(
  core: Core,
  memory: WalkMemory,
  cpu: LogicalProcessor,
  gla: bigint,
  access: WalkAccess = {},
): Walk {
  const { kind = "load", user = cpu.cpl === USER_LEVEL, implicit = false, bytes = 1 } = access;
  return new GuestWalk(new WalkState(core, memory, cpu), gla, {
    kind,
    user,
    implicit,
    bytes,
  }).walk();
}

class GuestWalk {
  private readonly state: WalkState;
  private readonly gla: bigint;
  private readonly access: Required<WalkAccess>;
  private readonly steps: WalkStep[] = [];
  private readonly ept: EptWalk | undefined;
  private readonly granted: Granted = { write: true, user: true, execute: true };

  constructor(state: WalkState, gla: bigint, access: Required<WalkAccess>) {
    this.state = state;
    this.access = access;
    const wide = state.mode >= PAGING.level4;
    this.gla = wide ? BigInt.asUintN(64, gla) : gla & 0xffff_ffffn;
    this.ept = state.eptp === 0n ? undefined : new EptWalk(state, this.steps);
  }

  walk(): Walk {
    const { state, gla, access, steps } = this;
    return {
      cpu: state.cpu.index,
      gla,
      access,
      paging: PAGING_NAMES[state.mode]!,
      eptp: state.eptp === 0n ? undefined : state.eptp,
      cr3: state.cr3,
      result: this.result(),
      steps,
    };
  }

  private result(): WalkResult {
    try {
      if (!this.isCanonical()) return { kind: "not-canonical" };
      return this.finish(this.findLeaf());
    } catch (error) {
      if (error instanceof WalkEnd) return error.result;
      throw error;
    }
  }

  private isCanonical(): boolean {
    const { mode } = this.state;
    if (mode < PAGING.level4) return true;
    const width = mode === PAGING.level5 ? 57 : 48;
    return BigInt.asUintN(64, BigInt.asIntN(width, this.gla)) === this.gla;
  }

  private findLeaf(): Leaf {
    const { state, gla } = this;
    switch (state.mode) {
      case PAGING.none: {
        const page = gla & 0xffff_f000n;
        return { page, sizeLog: 12, global: false, dirty: true, protectionKey: 0, patIndex: 0 };
      }
      case PAGING.legacy:
        return this.walk32();
      case PAGING.pae:
        return this.walkWide(2, this.pdpte());
      default:
        return this.walkWide(state.mode === PAGING.level4 ? 4 : 5, state.cr3 & FRAME);
    }
  }

  /** The table that the PDPTE register for the address names; the register is a step. */
  private pdpte(): bigint {
    const { state, gla } = this;
    const value = state.cpu.wide(STATE.PDPTE + Number((gla >> 30n) & 3n) * 8);
    this.note(3, undefined, undefined, value, 8, 0, value & FRAME);
    if ((value & P) === 0n) this.pageFault(0);
    return value & FRAME;
  }

  /** PAE, 4-level and 5-level paging. */
  private walkWide(levels: number, root: bigint): Leaf {
    const { state, gla } = this;
    const nxe = (state.efer & EFER_NXE) !== 0n;
    const reserved = state.addressReserved | (nxe ? 0n : NX) | (levels === 2 ? HIGH : 0n);
    let table = root;
    for (let level = levels; ; level--) {
      const shift = BigInt(3 + level * 9);
      const address = table | (((gla >> shift) & 0x1ffn) << 3n);
      const hpa = this.reach(address);
      const entry = state.read(hpa, 8);
      const large = level > 1 && (entry & PS) !== 0n;
      const leaf = level === 1 || large;
      const low = (1n << shift) - 1n;
      this.restrict(entry, (entry & NX) === 0n);
      const target = leaf ? entry & FRAME & ~low : entry & FRAME;
      this.note(level, hpa, address, entry, 8, leaf ? 2 ** Number(shift) : 0, target);
      if ((entry & P) === 0n) this.pageFault(0);
      if ((entry & reserved) !== 0n) this.pageFault(PF_PRESENT | PF_RESERVED);
      if (large) {
        const known = level === 2 || (level === 3 && state.hasFeature("PDPE1GB"));
        const clean = (entry & low & 0x000f_ffff_ffff_e000n) === 0n;
        if (!known || !clean) this.pageFault(PF_PRESENT | PF_RESERVED);
      }
      if (leaf) {
        const protectionKey = Number((entry >> 59n) & 15n);
        return this.useLeaf(address, entry, 8, target, Number(shift), large, protectionKey);
      }
      this.setFlags(address, hpa, entry, entry | A);
      table = entry & FRAME;
    }
  }

  /** 32-bit paging, with 4 MiB pages where CR4.PSE permits them. */
  private walk32(): Leaf {
    const { state, gla } = this;
    const pdeAddress = (state.cr3 & 0xffff_f000n) | ((gla >> 22n) << 2n);
    const pdeHpa = this.reach(pdeAddress);
    const pde = state.read(pdeHpa, 4);
    this.restrict(pde, true);
    if ((pde & P) !== 0n && (pde & PS) !== 0n && (state.cr4 & CR4_PSE) !== 0n) {
      // PSE-36: bits 20:13 are address bits 39:32; what lies above the address width is reserved.
      const physical = Number(state.physicalBits);
      const widest = state.hasFeature("PSE36") ? Math.min(physical, 40) : 32;
      const usable = ((1n << BigInt(widest - 32)) - 1n) << 13n;
      const page = (pde & 0xffc0_0000n) | (((pde >> 13n) & 0xffn) << 32n);
      this.note(2, pdeHpa, pdeAddress, pde, 4, 2 ** 22, page);
      if ((pde & 0x003f_e000n & ~usable) !== 0n) this.pageFault(PF_PRESENT | PF_RESERVED);
      return this.useLeaf(pdeAddress, pde, 4, page, 22, true, 0);
    }
    this.note(2, pdeHpa, pdeAddress, pde, 4, 0, pde & 0xffff_f000n);
    if ((pde & P) === 0n) this.pageFault(0);
    this.setFlags(pdeAddress, pdeHpa, pde, pde | A);
    const address = (pde & 0xffff_f000n) | (((gla >> 12n) & 0x3ffn) << 2n);
    const hpa = this.reach(address);
    const entry = state.read(hpa, 4);
    this.restrict(entry, true);
    const page = entry & 0xffff_f000n;
    this.note(1, hpa, address, entry, 4, 4096, page);
    if ((entry & P) === 0n) this.pageFault(0);
    return this.useLeaf(address, entry, 4, page, 12, false, 0);
  }

  private restrict(entry: bigint, executable: boolean): void {
    const { granted } = this;
    if ((entry & P) === 0n) return;
    granted.write &&= (entry & W) !== 0n;
    granted.user &&= (entry & U) !== 0n;
    granted.execute &&= executable;
  }

  private note(
    level: number,
    hpa: bigint | undefined,
    gpa: bigint | undefined,
    value: bigint,
    bytes: 4 | 8,
    pageBytes: number,
    target: bigint,
  ): void {
    const { state, granted } = this;
    const register = hpa === undefined;
    const execute = bytes === 4 || register || (value & NX) === 0n;
    const user = register || (value & U) !== 0n;
    this.steps.push({
      tables: "guest",
      level,
      entry: ENTRY_NAMES[level - 1]!,
      hpa: register ? undefined : state.maskA20(hpa),
      gpa: gpa === undefined ? undefined : Number(gpa),
      translates: undefined,
      bytes,
      value,
      present: (value & P) !== 0n,
      rights: {
        read: true,
        write: register || (value & W) !== 0n,
        execute,
        user,
        executeUser: execute && user,
      },
      granted: { read: true, ...granted, executeUser: granted.execute && granted.user },
      accessed: register || (value & A) !== 0n,
      dirty: pageBytes !== 0 && (value & D) !== 0n,
      pageBytes,
      target: Number(target),
    });
  }

  /** Host-physical address of the entry at `gpa`, by the EPT where there is one. */
  private reach(gpa: bigint): bigint {
    const { ept, state } = this;
    if (!ept) return gpa;
    // With accessed and dirty flags in the EPT every access to such an entry counts as a write.
    const access = (state.eptp & EPTP_AD) !== 0n ? EPT_READ | EPT_WRITE : EPT_READ;
    const { hpa } = ept.translate(gpa, access, access | Q_LINEAR, 0);
    if ((hpa & ~0xfffn) === this.apicAccessPage) {
      throw new WalkEnd({ kind: "apic-access", gpa: Number(gpa) });
    }
    return hpa;
  }

  private get apicAccessPage(): bigint {
    return this.state.cpu.wide(STATE.APIC_ACCESS_HPA);
  }

  /** Sets flags in the entry at `gpa`, if they are not set: the EPT must permit the write. */
  private setFlags(gpa: bigint, hpa: bigint, entry: bigint, updated: bigint): void {
    if (updated === entry) return;
    const access = EPT_READ | EPT_WRITE;
    this.ept?.translate(gpa, access, access | Q_LINEAR, 0, true);
    this.state.write(hpa, updated);
  }

  private useLeaf(
    address: bigint,
    entry: bigint,
    width: 4 | 8,
    page: bigint,
    sizeLog: number,
    large: boolean,
    protectionKey: number,
  ): Leaf {
    const { state } = this;
    const denied = this.violation(protectionKey);
    if (denied !== 0) this.pageFault(denied);
    const updated = entry | A | (this.access.kind === "store" ? D : 0n);
    if (this.ept && updated !== entry) {
      const access = EPT_READ | EPT_WRITE;
      this.ept.translate(address, access, access | Q_LINEAR, 0, true);
    }
    const patBit = large ? (entry >> 12n) & 1n : (entry >> 7n) & 1n;
    return {
      page,
      sizeLog,
      global: (entry & G) !== 0n && (state.cr4 & CR4_PGE) !== 0n,
      dirty: (updated & D) !== 0n,
      protectionKey: width === 8 ? protectionKey : 0,
      patIndex: Number(((entry >> 3n) & 3n) | (patBit << 2n)),
    };
  }

  /** Takes the page through the EPT. */
  private finish(leaf: Leaf): WalkResult {
    const { state, gla, granted, access } = this;
    const gpa = leaf.page | (gla & ((1n << BigInt(leaf.sizeLog)) - 1n));
    let hpa = gpa;
    let { sizeLog, dirty } = leaf;
    let { execute } = granted;
    if (this.ept) {
      const fetch = granted.user ? EPT_FETCH_USER : EPT_FETCH;
      const needed = { load: EPT_READ, store: EPT_WRITE, fetch }[access.kind];
      const found = this.ept.translate(gpa, needed, this.finalQualification(), access.bytes);
      hpa = found.hpa;
      sizeLog = Math.min(sizeLog, found.sizeLog);
      dirty &&= (found.rights & EPT_WRITE) !== 0;
      execute &&= (found.rights & fetch) !== 0;
    }
    return {
      kind: "page",
      hpa: state.maskA20(hpa),
      gpa: Number(gpa),
      pageBytes: 2 ** sizeLog,
      write: granted.write,
      execute,
      user: granted.user,
      global: leaf.global,
      dirty,
      protectionKey: leaf.protectionKey,
      patIndex: leaf.patIndex,
      patType: memoryType(state.cpu, leaf.patIndex),
      apicAccess: (hpa & ~0xfffn) === this.apicAccessPage,
    };
  }

  /** What is known of the exit qualification before the page is accessed. */
  private finalQualification(): number {
    const { state, granted, access } = this;
    const bits = { load: EPT_READ, store: EPT_WRITE, fetch: EPT_FETCH }[access.kind];
    const base = Q_LINEAR | Q_TRANSLATION | bits;
    if ((state.eptCapability & CAP_ADVANCED) === 0n) return base;
    return (
      base |
      (granted.user ? Q_USER : 0) |
      (granted.write ? Q_WRITABLE : 0) |
      (granted.execute ? 0 : Q_EXECUTE_DISABLE)
    );
  }

  private pageFault(bits: number): never {
    throw new WalkEnd({ kind: "page-fault", errorCode: bits | this.accessError() });
  }

  /** The bits of a page-fault error code that depend on the access alone. */
  private accessError(): number {
    const { state, access } = this;
    let error = access.kind === "store" ? PF_WRITE : 0;
    if (access.user) error |= PF_USER;
    const nx = state.mode >= PAGING.pae && (state.efer & EFER_NXE) !== 0n;
    if (access.kind === "fetch" && (nx || (state.cr4 & CR4_SMEP) !== 0n)) error |= PF_FETCH;
    return error;
  }

  /** Bits of the error code for an access that the rights deny, else 0 (SDM "Access Rights"). */
  private violation(protectionKey: number): number {
    const { state, granted, access } = this;
    const { cr0, cr4, cpu } = state;
    const { kind, user, implicit } = access;
    const writeChecked = user || (cr0 & CR0_WP) !== 0n;
    let bad = user && !granted.user;
    if (kind === "fetch" && !granted.execute) bad = true;
    if (kind === "store" && !granted.write && writeChecked) bad = true;
    if (!user && granted.user) {
      if (kind === "fetch") {
        if ((cr4 & CR4_SMEP) !== 0n) bad = true;
      } else if ((cr4 & CR4_SMAP) !== 0n) {
        if (implicit || (cpu.word(STATE.FLAGS_REST) & FLAG_AC) === 0) bad = true;
      }
    }
    let key = 0;
    const keyed = cpu.word(STATE.LONG_MODE) !== 0 && (cr4 & CR4_PKE) !== 0n;
    if (kind !== "fetch" && granted.user && keyed) {
      const denied = (cpu.word(STATE.PKRU) >>> (protectionKey * 2)) & 3;
      if ((denied & 1) !== 0) key = PF_KEY;
      if ((denied & 2) !== 0 && kind === "store" && writeChecked) key = PF_KEY;
    }
    return bad || key !== 0 ? PF_PRESENT | key : 0;
  }
}
