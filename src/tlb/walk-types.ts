/** One walk of the tables for one address, step by step: what `Machine.walk` returns. */

export interface WalkAccess {
  /** Default "load". */
  readonly kind?: "load" | "store" | "fetch";
  /** A user-mode access. Default: what the processor's current privilege level is. */
  readonly user?: boolean;
  /**
   * An access of the processor itself to a descriptor table or TSS: SMAP applies to it whatever
   * RFLAGS.AC is. Default false.
   */
  readonly implicit?: boolean;
  /** Bytes that a store writes, which sub-page permissions depend on. Default 1. */
  readonly bytes?: number;
}

export type EntryName = "PML5E" | "PML4E" | "PDPTE" | "PDE" | "PTE";

/** Rights by kind of access. */
export interface Rights {
  readonly read: boolean;
  readonly write: boolean;
  /** Of the EPT with mode-based execute control: from supervisor-mode linear addresses. */
  readonly execute: boolean;
  /** Of the guest's tables: the page is a user-mode page. */
  readonly user: boolean;
  /** Of the EPT with mode-based execute control: from user-mode linear addresses. */
  readonly executeUser: boolean;
}

/** One paging-structure entry that a walk reads. */
export interface WalkStep {
  readonly tables: "guest" | "ept";
  /** 1 (PTE) to 5 (PML5E). */
  readonly level: number;
  readonly entry: EntryName;
  /** Host-physical address of the entry; undefined for a PDPTE register of PAE paging. */
  readonly hpa: number | undefined;
  /** Guest-physical address of an entry of the guest's tables; without EPT the same as `hpa`. */
  readonly gpa: number | undefined;
  /** Of an entry of the EPT: the guest-physical address that is being translated. */
  readonly translates: number | undefined;
  readonly bytes: 4 | 8;
  readonly value: bigint;
  /** Whether the entry is present. The rest means nothing unless it is. */
  readonly present: boolean;
  /** What the entry itself grants, and what all entries down to it grant. */
  readonly rights: Rights;
  readonly granted: Rights;
  readonly accessed: boolean;
  readonly dirty: boolean;
  /** Bytes of the page that the entry maps; 0 when it leads to a table. */
  readonly pageBytes: number;
  /** Address in the entry: of the page or of the table below; guest-physical in the guest's tables. */
  readonly target: number;
}

/** A page has been found, and permits the access. */
export interface WalkedPage {
  readonly kind: "page";
  /** Host-physical and guest-physical address of the byte; without EPT they are the same. */
  readonly hpa: number;
  readonly gpa: number;
  /** The smaller of the guest's page and the EPT's. */
  readonly pageBytes: number;
  readonly write: boolean;
  readonly execute: boolean;
  readonly user: boolean;
  readonly global: boolean;
  /** True when a further write has no flag to set. */
  readonly dirty: boolean;
  readonly protectionKey: number;
  /** Index into IA32_PAT, and the type that stands there. */
  readonly patIndex: number;
  readonly patType: MemoryType;
  /** The byte lies in the page whose accesses VMX virtualizes or makes exit. */
  readonly apicAccess: boolean;
}

export type MemoryType = "UC" | "WC" | "WT" | "WP" | "WB" | "UC-" | "reserved";

/** What an access meets, without anything having been changed. */
export type WalkResult =
  | WalkedPage
  | { readonly kind: "page-fault"; readonly errorCode: number }
  /** A general-protection or stack fault: the address is not canonical. */
  | { readonly kind: "not-canonical" }
  | {
      readonly kind: "ept-violation" | "virtualization-exception";
      readonly gpa: number;
      readonly qualification: number;
    }
  | { readonly kind: "ept-misconfiguration"; readonly gpa: number }
  | { readonly kind: "pml-full"; readonly gpa: number }
  | { readonly kind: "spp-event"; readonly gpa: number; readonly qualification: number }
  /** An entry of the guest's tables lies in the APIC-access page: a VM exit. */
  | { readonly kind: "apic-access"; readonly gpa: number }
  /** An entry lies where no RAM is: it has not been read, for reading a device can change it. */
  | { readonly kind: "not-ram"; readonly hpa: number };

export interface Walk {
  readonly cpu: number;
  readonly gla: bigint;
  readonly access: Required<WalkAccess>;
  readonly paging: "none" | "32-bit" | "PAE" | "4-level" | "5-level";
  /** EPT pointer in force; undefined without EPT. */
  readonly eptp: bigint | undefined;
  /** The root of the guest's tables, as CR3 has it. */
  readonly cr3: bigint;
  readonly steps: readonly WalkStep[];
  readonly result: WalkResult;
}
