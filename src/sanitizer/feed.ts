/** What the sanitizer needs of the core: `core-feed.ts` has the real one, tests script their own. */
import type { Layer, Site } from "./types.ts";

/** Values of `what` in the core's calls. */
export const WHAT = { linear: 0, physical: 1, structure: 2, eptStructure: 3 } as const;

/** In an id that a fill returns and that an entry holds: the entry is stale. */
export const STALE_MARK = 0x80000000;
export const ID_MASK = 0xfffff;

/** One step of a walk as the core notes it; `kind` by STEP. */
export interface WalkStep {
  /** Host-physical address of the paging-structure entry. */
  readonly hpa: number;
  readonly lo: number;
  readonly hi: number;
  readonly kind: number;
}

export const STEP = {
  LEVEL: 0xf,
  EPT: 0x10,
  /** No read: `lo` is the id of the cached entry that was used instead. */
  REFERENCE: 0x20,
  NARROW: 0x40,
  /** A PDPTE register of PAE paging. */
  REGISTER: 0x80,
} as const;

/** Tags of an address space as the core numbers it. VPID_PHYSICAL marks guest-physical mappings. */
export interface SpaceTags {
  readonly cpu: number;
  readonly vpid: number;
  readonly pcid: number;
  readonly ep4ta: number | undefined;
}
export const VPID_PHYSICAL = 0x10000;

/** Details of the entry being filled, or what a probe has found. */
export interface FillDetails {
  readonly hpa: number;
  readonly gpa: number;
  readonly rights: number;
  /** Bits of ACCESS. */
  readonly access: number;
}

export const RIGHT = { WRITE: 1, USER: 2, GLOBAL: 16 } as const;
export const ACCESS = { WRITE: 1, FETCH: 2, USER: 4 } as const;
/** Accesses to guest-physical addresses: EPT rights. */
export const EPT_ACCESS = { READ: 1, WRITE: 2, FETCH: 4, FETCH_USER: 8 } as const;

export interface Context {
  readonly vpid: number;
  readonly ep4ta: number | undefined;
}

export interface CoreFeed {
  where(): { cpu: number; rip: bigint; layer: Layer; time: number };
  isUserMode(): boolean;
  spaceTags(space: number): SpaceTags;
  walkSteps(): readonly WalkStep[];
  fillDetails(): FillDetails;
  /** In how many places of the core an id stands. */
  references(id: number): number;
  markStale(what: number, id: number, address: bigint, sizeLog: number, on: boolean): void;
  watchFrame(hpa: number, on: boolean): void;
  /** The frame's 1024 words as they are in memory, or undefined where no RAM is. */
  frameWords(hpa: number): Uint32Array | undefined;
  /** Host-physical page to which the structures lead now, undefined where access is refused. */
  probeWalk(gla: bigint, access: number): number | undefined;
  probeGuestPhysical(gpa: number, access: number): number | undefined;
  /** VPID and EP4TA in use. */
  context(): Context;
  /** Page whose accesses are virtualized, undefined when none is. */
  apicAccessPage(): number | undefined;
  /** Bytes of the instruction being executed and the size of its code. */
  code(site: Site): { readonly bytes: Uint8Array; readonly bits: 16 | 32 | 64 };
}
