/**
 * Worlds in which L1 is a hypervisor: its own page tables, vmcs12s, EPT12s and the tables of its guests
 * are put in its memory as an L1 would have them that has got so far; the instructions are L1's own.
 *
 * L1's memory, besides that of other scenarios: page directory, VMXON regions, vmcs12s, code of L2,
 * page tables of L2, EPT12s of six pages each.
 */
import { FIELD, PRIMARY, SECONDARY } from "../generated/vmx.ts";
import { PAGE_BYTES } from "../l0/frames.ts";
import { LAUNCH_STATE, VMCS12_REVISION, Vmcs12 } from "../l0/nested/vmcs12.ts";
import type { Vcpu } from "../l0/vcpu.ts";
import { CONTROL_WORDS, type ControlWord } from "../tables/vmx/controls.ts";
import { CODE_BYTES, type Code } from "./program.ts";
import { hypervisor, paged, stackOf } from "./start-states.ts";
import type { World, WorldOptions } from "./world.ts";

/** Page directory of L1: the first 4 MiB as they are, and those of its APIC. */
export const L1_DIRECTORY = 0x1000;
/** VMXON region of the first vCPU; the others follow. */
export const VMXON_REGION = 0x2000;
/** The first vmcs12; the others follow. */
export const VMCS12 = 0x4000;
/** Code of the first guest of L1; the others follow in steps of CODE_BYTES. */
export const L2_CODE = 0xa000;
/** Page directory of L2, with the same as L1's and one page table for LINEAR. */
export const L2_DIRECTORY = 0x30000;
/** Another one, for stories with two. */
export const L2_DIRECTORY_2 = 0x32000;
/** Linear address of the first page that L2's own page table maps. */
export const LINEAR = 0x400000;
/** Root of the first EPT12; the others follow in steps of EPT12_BYTES. */
export const EPT12 = 0x40000;
export const EPT12_BYTES = 6 * PAGE_BYTES;
const TABLE_OF_DIRECTORY = PAGE_BYTES;

const LARGE = 0x83;
const PRESENT = 3;
const APIC_PDE = 0x3fb;
const APIC_REGION = 0xfec00000;
const APIC_GPA = 0xfee00000;
const ENTRIES = 512;
const LARGE_PAGE = 0x200000;
const ALL_WRITE_BACK = 0x37;
const ALL = 7;
const ACCESSED_DIRTY = 0x40;
const WRITE_BACK_4_LEVELS = 0x1e;

export const vmcs12At = (index: number) => VMCS12 + index * PAGE_BYTES;
export const ept12At = (index: number) => EPT12 + index * EPT12_BYTES;

/** EPTP for an EPT12 at `root`. */
export function eptpOf(root: number, accessedDirty = false): number {
  return root + WRITE_BACK_4_LEVELS + (accessedDirty ? ACCESSED_DIRTY : 0);
}

/** An EPT12: all of L1's memory as it is, but for single pages. */
export interface Ept12Options {
  /** L1 guest-physical addresses by L2's, page-aligned; 0 for pages that are absent. */
  readonly pages?: Readonly<Record<number, number>>;
  /** Rights of single pages, by L2's address. */
  readonly rights?: Readonly<Record<number, number>>;
  /** What L2 has at the address of the APIC. */
  readonly apicPage?: number;
}

/** A guest of L1. */
export interface GuestOptions {
  readonly code: Code;
  /** EPTP; without it L2 runs without EPT12. */
  readonly eptp?: number;
  readonly vpid?: number;
  /** Page directory; default L2_DIRECTORY. */
  readonly cr3?: number;
  /** APIC-access page that L1 gives it. */
  readonly apicAccess?: number;
  /** The vCPU that runs it; default 0. */
  readonly vcpu?: number;
  /** Other fields of vmcs12. */
  readonly fields?: Readonly<Record<number, number>>;
}

export interface HypervisorWorld extends Omit<WorldOptions, "nested" | "start"> {
  /** Guests of L1, whose vmcs12s lie at `vmcs12At(0)` and so on. */
  readonly guests: readonly GuestOptions[];
  /** The first vmcs12, if not at VMCS12; the others follow. */
  readonly vmcs12Base?: number;
  /** The vmcs12s have been launched before. */
  readonly launched?: boolean;
  readonly ept12s?: readonly Ept12Options[];
  /** Pages behind LINEAR, by directory of L2. */
  readonly linear?: Readonly<Record<number, readonly number[]>>;
}

/** A world whose vCPUs run hypervisors. */
export function hypervisorWorld(options: HypervisorWorld): WorldOptions {
  const { guests, ept12s = [], linear = { [L2_DIRECTORY]: [] }, prepare, ...world } = options;
  const { vmcs12Base = VMCS12, launched = false } = options;
  return {
    ...world,
    nested: true,
    start: (code, vcpu) => hypervisor(code, L1_DIRECTORY, stackOf(vcpu)),
    prepare: (made) => {
      const { l0 } = made;
      writeDirectory(made, L1_DIRECTORY);
      l0.vcpus.forEach((vcpu, i) => {
        vcpu.nested!.featureControl = 5;
        made.poke(VMXON_REGION + i * PAGE_BYTES, VMCS12_REVISION);
      });
      for (const [directory, pages] of Object.entries(linear)) {
        writeGuestTables(made, Number(directory), pages);
      }
      ept12s.forEach((ept, i) => {
        writeEpt12(made, ept12At(i), ept);
      });
      guests.forEach((guest, i) => {
        const at = L2_CODE + i * CODE_BYTES;
        l0.memory.write(at, Uint8Array.from(guest.code));
        const region = vmcs12Base + i * PAGE_BYTES;
        writeVmcs12(made, region, l0.vcpus[guest.vcpu ?? 0]!, at, guest);
        if (launched) made.poke(region + LAUNCH_STATE, 1);
      });
      prepare?.(made);
    },
  };
}

function writeDirectory(world: World, at: number): void {
  world.poke(at, LARGE);
  world.poke(at + APIC_PDE * 4, APIC_REGION + LARGE);
}

/** A directory of L2 with a page table behind it for the pages from LINEAR on. */
function writeGuestTables(world: World, directory: number, pages: readonly number[]): void {
  const table = directory + TABLE_OF_DIRECTORY;
  writeDirectory(world, directory);
  world.poke(directory + (LINEAR >>> 22) * 4, table | PRESENT);
  pages.forEach((page, i) => {
    world.poke(table + i * 4, page | PRESENT);
  });
}

/** Address of L2's page-table entry for page `index` behind LINEAR. */
export const pteOf = (directory: number, index = 0) => directory + TABLE_OF_DIRECTORY + index * 4;

/** Address of the leaf entry of an EPT12 for L2's `gpa`, which is below 2 MiB. */
export const leafOf = (root: number, gpa: number) => root + 3 * PAGE_BYTES + (gpa / PAGE_BYTES) * 8;

/** Address of the entry of an EPT12 for the 2 MiB at L2's `gpa`, below 1 GiB. */
export const pdeOf = (root: number, gpa: number) => root + 2 * PAGE_BYTES + (gpa / LARGE_PAGE) * 8;

/** Lower half of a leaf entry of EPT12. */
export const leafFor = (page: number, rights = ALL) => page + (ALL_WRITE_BACK & ~ALL) + rights;

/** Six tables: three of upper levels, the leafs of 2 MiB, and two for the APIC's page. */
function writeEpt12(world: World, root: number, options: Ept12Options): void {
  const { pages = {}, rights = {}, apicPage } = options;
  const words = new Uint32Array(EPT12_BYTES / 4);
  const set = (table: number, index: number, value: number) => {
    words[table * (PAGE_BYTES / 4) + index * 2] = value;
  };
  const tableAt = (number: number) => root + number * PAGE_BYTES + ALL;
  set(0, 0, tableAt(1));
  set(1, 0, tableAt(2));
  set(2, 0, tableAt(3));
  for (let i = 0; i < ENTRIES; i++) {
    const gpa = i * PAGE_BYTES;
    const page = pages[gpa] ?? gpa;
    set(3, i, page === 0 && gpa !== 0 ? 0 : leafFor(page, rights[gpa] ?? ALL));
  }
  if (apicPage !== undefined) {
    set(1, Math.floor(APIC_GPA / 2 ** 30), tableAt(4));
    set(4, Math.floor(APIC_GPA / LARGE_PAGE) % ENTRIES, tableAt(5));
    set(5, Math.floor(APIC_GPA / PAGE_BYTES) % ENTRIES, leafFor(apicPage));
  }
  world.l0.memory.write(root, new Uint8Array(words.buffer));
}

/** Control bits that must be one for this L1. */
function required(vcpu: Vcpu, word: ControlWord): number {
  const { msr, trueMsr } = CONTROL_WORDS.find((row) => row.word === word)!;
  return Number(vcpu.nested!.caps.read(trueMsr ?? msr)! & 0xffffffffn);
}

const SEGMENTS = ["es", "cs", "ss", "ds", "fs", "gs", "ldtr", "tr"] as const;

/** A vmcs12 as it lies in L1's memory, clear, with L2 about to begin at `rip`. */
function writeVmcs12(
  world: World,
  gpa: number,
  vcpu: Vcpu,
  rip: number,
  { eptp, vpid, cr3 = L2_DIRECTORY, apicAccess, fields = {} }: GuestOptions,
): void {
  const vmcs12 = new Vmcs12();
  const header = new DataView(vmcs12.bytes.buffer);
  header.setUint32(0, VMCS12_REVISION, true);
  header.setUint32(LAUNCH_STATE, 0, true);
  const set = (field: number, value: number) => vmcs12.setAddress(field, value >>> 0);
  set(FIELD.pin_based_controls, required(vcpu, "pin"));
  const primary = required(vcpu, "primary") | PRIMARY.activate_secondary_controls;
  set(FIELD.primary_proc_controls, primary);
  let secondary = 0;
  if (eptp !== undefined) {
    secondary |= SECONDARY.enable_ept;
    set(FIELD.eptp, eptp);
  }
  if (vpid !== undefined) {
    secondary |= SECONDARY.enable_vpid;
    set(FIELD.vpid, vpid);
  }
  if (apicAccess !== undefined) {
    secondary |= SECONDARY.virtualize_apic_accesses;
    set(FIELD.apic_access_addr, apicAccess);
  }
  set(FIELD.secondary_proc_controls, secondary);
  set(FIELD.vmexit_controls, required(vcpu, "exit"));
  set(FIELD.vmentry_controls, required(vcpu, "entry"));
  vmcs12.set(FIELD.vmcs_link_pointer, 0xffffffff, 0xffffffff);
  const start = paged(rip, cr3);
  for (const name of SEGMENTS) {
    const { selector, base, limit, access } = start.segments[name];
    set(FIELD[`guest_${name}_selector`], selector);
    set(FIELD[`guest_${name}_base`], base);
    set(FIELD[`guest_${name}_limit`], limit);
    set(FIELD[`guest_${name}_ar`], name === "ldtr" ? UNUSABLE : access);
  }
  set(FIELD.guest_rip, rip);
  set(FIELD.guest_rflags, start.rflags);
  set(FIELD.guest_cr0, (start.cr0 | CR0_NE) >>> 0);
  set(FIELD.guest_cr3, cr3);
  set(FIELD.guest_cr4, start.cr4 | CR4_VMXE);
  set(FIELD.guest_dr7, 0x400);
  set(FIELD.guest_ia32_pat, 0);
  set(FIELD.host_cr0, (start.cr0 | CR0_NE) >>> 0);
  set(FIELD.host_cr3, L1_DIRECTORY);
  set(FIELD.host_cr4, start.cr4 | CR4_VMXE);
  set(FIELD.host_cs_selector, 8);
  for (const name of ["es", "ss", "ds", "fs", "gs"] as const) {
    set(FIELD[`host_${name}_selector`], 0x10);
  }
  set(FIELD.host_tr_selector, 0x18);
  set(FIELD.host_rsp, stackOf(vcpu.index));
  for (const [field, value] of Object.entries(fields)) set(Number(field), value);
  world.l0.memory.write(gpa, vmcs12.bytes);
}

const UNUSABLE = 0x10000;
const CR0_NE = 0x20;
const CR4_VMXE = 0x2000;
