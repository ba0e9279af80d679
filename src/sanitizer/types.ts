/** What the sanitizer tells: reports, the ledger's rows, and the parts they are made of. */

export const ERROR_KINDS = [
  "stale-use",
  "wrong-scope",
  "wrong-tag",
  "unsafe-free",
  "torn-entry",
  "lost-request",
] as const;
export type ErrorKind = (typeof ERROR_KINDS)[number];

/** Errors, and what the architecture allows or what only costs time. */
export type ReportKind = ErrorKind | "stale-window" | "redundant-flush";

/** Who executes: software outside VMX operation counts as root operation. */
export type Layer = "root" | "non-root" | "host";

/** Where and when something was done. */
export interface Site {
  readonly cpu: number;
  /** Linear address of the instruction; 0 for what the host did. */
  readonly rip: bigint;
  readonly layer: Layer;
  /** Virtual time in ticks. */
  readonly time: number;
  /** Name of the function of the host's hypervisor that did it, if that was not the guest. */
  readonly actor: string | undefined;
}

/** In the place of a PCID: a global translation. */
export const PCID_GLOBAL = 0x1000;

/** The tags of a cached translation. */
export interface Tags {
  readonly cpu: number;
  /** Guest-physical mappings have none. */
  readonly vpid: number | undefined;
  /** PCID_GLOBAL for a global translation; guest-physical mappings have none. */
  readonly pcid: number | undefined;
  /** Host-physical address of the EPT PML4 table; undefined without EPT. */
  readonly ep4ta: number | undefined;
}

/** What is cached: a translation of a linear or guest-physical address, or a step on the way. */
export type EntryWhat = "linear" | "combined" | "guest-physical" | "structure" | "ept-structure";

export interface EntryDescription {
  readonly what: EntryWhat;
  readonly tags: Tags;
  /** Linear address of the page, guest-physical for the mappings of the EPT. */
  readonly address: bigint;
  /** Bytes that it translates. */
  readonly bytes: number;
  /** Host-physical address that it leads to. */
  readonly hpa: number;
  readonly gpa: number;
  readonly writable: boolean;
  readonly user: boolean;
  readonly filled: Site;
}

/** A store that changed a paging-structure entry. */
export interface StoreDescription {
  readonly site: Site;
  /** Host-physical address of the paging-structure entry. */
  readonly entryHpa: number;
  /** 1 for the entry that maps a 4 KiB page, up to 5. */
  readonly level: number;
  readonly ept: boolean;
  readonly before: bigint;
  readonly after: bigint;
}

/** Why a flush left an entry alone. */
export type Miss = "cpu" | "kind" | "vpid" | "pcid" | "ep4ta" | "address" | "global";

export interface FlushDescription {
  readonly operation: string;
  readonly site: Site;
  /** In words, with the operands: "INVVPID single-context VPID 2". */
  readonly text: string;
  /** Undefined where it left nothing alone. */
  readonly miss: Miss | undefined;
  /** In words. */
  readonly why: string;
}

export interface AccessDescription {
  readonly site: Site;
  readonly kind: "read" | "write" | "fetch";
  readonly user: boolean;
  readonly gla: bigint | undefined;
  readonly gpa: number | undefined;
  /** Where the cached entry leads. */
  readonly hpa: number;
  /** Where the paging structures lead now; undefined when the access would not be permitted. */
  readonly hpaNow: number | undefined;
  /** Bytes of the instruction, as far as they can be read. */
  readonly code: Uint8Array;
  readonly bits: 16 | 32 | 64;
}

/** How the owner of a frame showed that the old translation must not be used any more. */
export interface Reuse {
  readonly how: "written" | "mapped" | "freed" | "apic-access";
  readonly site: Site;
  readonly hpa: number;
}

export interface SanitizerReport {
  readonly kind: ReportKind;
  readonly level: "error" | "note";
  /** One sentence. */
  readonly message: string;
  /** Section of the SDM that has the rule. */
  readonly sdm: string;
  readonly access: AccessDescription | undefined;
  readonly entry: EntryDescription | undefined;
  readonly store: StoreDescription | undefined;
  readonly reuse: Reuse | undefined;
  /** Flushes since the store, oldest first. */
  readonly flushes: readonly FlushDescription[];
  /** How often; the details are those of the first time. */
  count: number;
}

export type Verdict = "needed" | "needless" | "sometimes";

/** What one place in the program that flushes has done. */
export interface LedgerRow {
  readonly operation: string;
  readonly rip: bigint;
  readonly actor: string | undefined;
  /** The software asked for it by an instruction for that purpose. */
  readonly explicit: boolean;
  readonly times: number;
  /** Times at which an entry that had to go was there. */
  readonly timesNeeded: number;
  /** Entries of the TLB that went. */
  readonly dropped: number;
  /** Translations among them whose paging structures had changed. */
  readonly stale: number;
  /** Translations that were still right and were walked for again afterwards. */
  readonly refills: number;
  /** Paging-structure entries read for those. */
  readonly refillReferences: number;
  readonly verdict: Verdict;
}

/** The core and the host's rules disagree: a defect of the emulator, not of the guest. */
export class SanitizerFault extends Error {
  override readonly name = "SanitizerFault";
}
