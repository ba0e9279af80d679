/** One table of EPT02 and what tells tables apart (struct kvm_mmu_page, union kvm_mmu_page_role). */
import type { Role, Root } from "../tdp/mmu.ts";
import { pagesAt, SPTE } from "../tdp/spte.ts";

export const ENTRIES = 512;
/** Frame of EPT12 of a table that shadows nothing. */
const NO_GFN = -1;

/**
 * What makes a table of EPT02 distinct besides the L1 frame that it shadows. Nothing of EPT02 has
 * quadrants (entries of 4 bytes) or passes levels through: its walks are as long as EPT12's.
 */
export interface ShadowRole extends Role {
  /** Rights that the entries of EPT12 above this table give together. */
  readonly access: number;
}

/** The role as a number: equal numbers, equal roles. */
export function roleWord(role: ShadowRole): number {
  return (
    role.level |
    (Number(role.direct) << 4) |
    (role.access << 5) |
    (Number(role.adDisabled) << 8) |
    (Number(role.guestMode) << 9) |
    (role.asId << 10)
  );
}

const ACCESS_BITS = 7 << 5;
const DIRECT_BIT = 1 << 4;

/** The word of the role of a table one level below one with `word` (kvm_mmu_child_role). */
export function childWord(word: number, direct: boolean, access: number): number {
  const own = (word & ~(ACCESS_BITS | DIRECT_BIT)) - 1;
  return own | (access << 5) | (direct ? DIRECT_BIT : 0);
}

export class ShadowPage implements Root {
  readonly pfn: number;
  readonly level: number;
  /** L1 frame of the table of EPT12 that it shadows; of a direct one, the first frame it maps. */
  readonly gfn: number;
  readonly role: ShadowRole;
  readonly word: number;
  /** mmu_valid_gen: generation of the VM's tables in which it was made. */
  readonly generation: number;
  /** Roots of vCPUs that are this page (root_count). */
  references = 0;
  invalid = false;
  readonly users = new Set<number>();
  /** Entries that point here: frame of the table times 512 plus index. */
  readonly parents = new Set<number>();
  /** L1 may write to the table of EPT12, and may have done so. */
  unsync = false;
  /** Indices of entries below which a table is, or was, unsync. */
  readonly unsyncChildren = new Set<number>();
  /** Writes by L1 to the table of EPT12 since a walk last came through. */
  writeFloods = 0;
  /** First L1 frame that each leaf entry maps, -1 for none, and the rights EPT12 gives it. */
  private leafGfns: Float64Array | undefined;
  private leafAccess: Uint8Array | undefined;

  constructor(pfn: number, gfn: number, role: ShadowRole, generation: number) {
    this.pfn = pfn;
    this.level = role.level;
    this.gfn = gfn;
    this.role = role;
    this.word = roleWord(role);
    this.generation = generation;
  }

  /** It shadows a table of EPT12, whose writes L0 has to see (sp_has_gptes). */
  get hasEntries12(): boolean {
    return !this.role.direct && this.gfn !== NO_GFN;
  }

  /** A root for an EPTP that leads to no memory: it maps nothing (kvm_mmu_get_dummy_root). */
  get isDummy(): boolean {
    return this.gfn === NO_GFN;
  }

  /** First L1 frame that leaf entry `index` maps; -1 when it is none (kvm_mmu_page_get_gfn). */
  leafGfn(index: number): number {
    if (this.role.direct) return this.gfn + index * pagesAt(this.level);
    return this.leafGfns?.[index] ?? -1;
  }

  /** Rights of EPT12 with which leaf entry `index` was made. */
  accessOf(index: number): number {
    return this.role.direct ? this.role.access : (this.leafAccess?.[index] ?? 0);
  }

  noteLeaf(index: number, gfn: number, access: number): void {
    if (this.role.direct) return;
    this.leafGfns ??= new Float64Array(ENTRIES).fill(-1);
    this.leafAccess ??= new Uint8Array(ENTRIES);
    this.leafGfns[index] = gfn;
    this.leafAccess[index] = access & SPTE.all;
  }

  forgetLeaf(index: number): void {
    if (this.leafGfns !== undefined) this.leafGfns[index] = -1;
  }

  static dummy(pfn: number, role: ShadowRole, generation: number): ShadowPage {
    return new ShadowPage(pfn, NO_GFN, role, generation);
  }
}
