/** What the caches of translations hold at one moment: what `Machine.tlb` returns. */
import type { EntryName, MemoryType, Rights } from "./walk-types.ts";

/** Which kind of mapping an entry is (SDM "Information That May Be Cached"). */
export type MappingKind = "linear" | "combined" | "guest-physical";

/** What an entry is tagged with. Two entries with equal tags are used by the same contexts. */
export interface CacheTag {
  readonly kind: MappingKind;
  /** Undefined for guest-physical mappings, which have none. */
  readonly vpid: number | undefined;
  /** Undefined for guest-physical mappings; "global" for pages of every PCID. */
  readonly pcid: number | "global" | undefined;
  /** Bits 51:12 of the EPT pointer as an address; undefined for linear mappings. */
  readonly ep4ta: number | undefined;
}

interface Placed {
  readonly set: number;
  readonly way: number;
  readonly tag: CacheTag;
  /** What the processor's next access would find under its present context. */
  readonly inContext: boolean;
}

/** A translation of a linear address. */
export interface TranslationEntry extends Placed {
  readonly type: "translation";
  /** Linear address of the page. */
  readonly gla: bigint;
  readonly pageBytes: number;
  readonly hpa: number;
  /** Of a linear mapping the same as `hpa`. */
  readonly gpa: number;
  readonly rights: Rights;
  /** A write has no flag to set any more. */
  readonly dirty: boolean;
  readonly global: boolean;
  readonly protectionKey: number;
  /** Index into IA32_PAT, and the type that the processor's IA32_PAT has there now. */
  readonly patIndex: number;
  readonly patType: MemoryType;
  /** Size of the guest's page of which this is a piece; undefined when it is all of it. */
  readonly pieceOf: number | undefined;
}

/** A translation of a guest-physical address. */
export interface GuestPhysicalEntry extends Placed {
  readonly type: "guest-physical";
  readonly gpa: number;
  readonly pageBytes: number;
  readonly hpa: number;
  readonly rights: Rights;
}

/** A paging-structure entry that leads to a table. */
export interface StructureEntry extends Placed {
  readonly type: "structure";
  readonly tables: "guest" | "ept";
  readonly entry: EntryName;
  readonly level: number;
  /** First address that it serves, linear or (of the EPT) guest-physical, and how many bytes. */
  readonly address: bigint;
  readonly reachBytes: number;
  /** Host-physical and guest-physical address of the table below; of the EPT they are the same. */
  readonly tableHpa: number;
  readonly tableGpa: number;
  /** What all entries down to this one grant. */
  readonly rights: Rights;
}

export type CacheEntry = TranslationEntry | GuestPhysicalEntry | StructureEntry;

export interface CacheArray {
  readonly name: string;
  readonly group: "tlb" | "guest-physical" | "structure";
  /** Of the TLB 1 or 2; of the others 1. */
  readonly level: number;
  /** Accesses that it serves, or the structure entries that it caches. */
  readonly holds: string;
  readonly pages: readonly string[];
  readonly sets: number;
  readonly ways: number;
  readonly replacement: string;
  /** What can still be found; in the order of sets and ways. */
  readonly entries: readonly CacheEntry[];
}

/** The tags that look-ups of a processor carry now. */
export interface CacheContext {
  readonly operation: "none" | "VMX root" | "VMX non-root";
  readonly vpid: number;
  readonly pcid: number;
  readonly ep4ta: number | undefined;
}

export interface ProcessorCaches {
  readonly cpu: number;
  readonly context: CacheContext;
  readonly arrays: readonly CacheArray[];
}

export interface TlbSnapshot {
  /** Name of the geometry. */
  readonly profile: string;
  readonly processors: readonly ProcessorCaches[];
}
