/** What a VM entry depends on, as the tests describe it: VMCS fields by name and the processor. */
import { CONTROLS, type ControlWord } from "../../src/tables/vmx/controls.ts";
import { VMCS_FIELDS } from "../../src/tables/vmx/fields.ts";

/** Values of all fields by name; natural width and 64 bits alike. */
export type Fields = Record<string, bigint>;

export interface EntryState {
  readonly fields: Fields;
  /** IA32_EFER of the processor. */
  efer: bigint;
  /** Doublewords of memory by host-physical address. */
  readonly memory: Map<number, number>;
}

/** The processor: what its capability MSRs and CPUID say. */
export interface Processor {
  readonly capability: (msr: number) => bigint;
  readonly physicalBits: number;
  readonly linearBits: number;
  /** Bits that IA32_EFER may have. */
  readonly eferBits: bigint;
  /** Doubleword of memory; all ones where no RAM is. */
  readonly read32: (hpa: bigint) => bigint;
}

// Places in memory.
export const VMCS_HPA = 0x100000;
export const VIRTUAL_APIC_HPA = 0x102000;
export const LINK_HPA = 0x103000;
export const PDPT_HPA = 0x104000;

export const NO_LINK = 0xffffffffffffffffn;

const WORD_FIELD: Record<ControlWord, string> = {
  pin: "pin_based_controls",
  primary: "primary_proc_controls",
  secondary: "secondary_proc_controls",
  tertiary: "tertiary_exec_controls",
  exit: "vmexit_controls",
  exit2: "secondary_exit_controls",
  entry: "vmentry_controls",
};

const CONTROL_BITS = new Map(
  CONTROLS.map(({ word, name, bit }) => {
    return [`${word}.${name}`, { field: WORD_FIELD[word], mask: 1n << BigInt(bit) }];
  }),
);

/** Field and bit of the control `reference`, as `secondary.enable_ept`. */
export function controlBit(reference: string): { field: string; mask: bigint } {
  const place = CONTROL_BITS.get(reference);
  if (place === undefined) throw new Error(`no control ${reference}`);
  return place;
}

const SEGMENTS = ["es", "cs", "ss", "ds", "fs", "gs"];

/** A state that passes every check: 64-bit host and guest, no control that need not be 1. */
export function baseState(processor: Processor): EntryState {
  const { capability } = processor;
  const mustBeOne = (msr: number) => capability(msr) & 0xffffffffn;
  const fields: Fields = Object.fromEntries(VMCS_FIELDS.map(({ name }) => [name, 0n]));
  Object.assign(fields, {
    pin_based_controls: mustBeOne(0x48d),
    primary_proc_controls: mustBeOne(0x48e),
    vmexit_controls: mustBeOne(0x48f) | controlBit("exit.host_address_space_size").mask,
    vmentry_controls: mustBeOne(0x490) | controlBit("entry.ia32e_mode_guest").mask,
    vmcs_link_pointer: NO_LINK,
    vpid: 1n,
    eptp: 0x3001en,
    tsc_multiplier: 1n << 48n,
    virtual_apic_addr: BigInt(VIRTUAL_APIC_HPA),
    io_bitmap_a: 0x20000n,
    io_bitmap_b: 0x21000n,
    msr_bitmap: 0x22000n,
    posted_intr_notification_vector: 0xf2n,
    vmentry_instruction_length: 2n,
    guest_cr0: 0x80000031n,
    guest_cr3: BigInt(PDPT_HPA),
    guest_cr4: 0x2020n,
    guest_dr7: 0x400n,
    guest_rflags: 2n,
    guest_rip: 0x1000n,
    guest_ia32_pat: 0x0007040600070406n,
    guest_ia32_efer: 0x500n,
    guest_tr_selector: 0x18n,
    guest_tr_ar: 0x8bn,
    guest_tr_limit: 0x67n,
    guest_ldtr_ar: 0x10000n,
    guest_gdtr_limit: 0xffffn,
    guest_idtr_limit: 0xffffn,
    host_cr0: 0x80000031n,
    host_cr3: 0x2000n,
    host_cr4: 0x2020n,
    host_rip: 0x1000n,
    host_ia32_pat: 0x0007040600070406n,
    host_ia32_efer: 0x500n,
    host_tr_selector: 0x18n,
  });
  for (const name of SEGMENTS) {
    fields[`guest_${name}_selector`] = name === "cs" ? 8n : 0x10n;
    fields[`guest_${name}_ar`] = name === "cs" ? 0xa09bn : 0xc093n;
    fields[`guest_${name}_limit`] = 0xffffffffn;
    fields[`host_${name}_selector`] = name === "cs" ? 8n : 0x10n;
  }
  return { fields, efer: 0xd00n, memory: new Map() };
}

/** Differences from a state. */
export interface Changes {
  /** Controls to set and to clear, separated by blanks; activating controls come by themselves. */
  readonly on?: string;
  readonly off?: string;
  readonly fields?: Readonly<Record<string, bigint | number>>;
  readonly efer?: bigint;
  readonly memory?: Readonly<Record<number, number>>;
}

const words = (text: string | undefined) => (text ? text.trim().split(/\s+/) : []);

/** `state` with `changes`, one after the other. */
export function changed(state: EntryState, ...changes: Changes[]): EntryState {
  const copy = { ...state, fields: { ...state.fields }, memory: new Map(state.memory) };
  for (const change of changes) apply(copy, change);
  return copy;
}

/** Makes `change` in `state` itself. */
export function apply(state: EntryState, change: Changes): void {
  const { fields, memory } = state;
  const set = (reference: string) => {
    const { field, mask } = controlBit(reference);
    fields[field] = fields[field]! | mask;
  };
  for (const reference of words(change.on)) {
    set(reference);
    if (reference.startsWith("secondary.")) set("primary.activate_secondary_controls");
    if (reference.startsWith("tertiary.")) set("primary.activate_tertiary_controls");
  }
  for (const reference of words(change.off)) {
    const { field, mask } = controlBit(reference);
    fields[field] = fields[field]! & ~mask;
  }
  for (const [name, value] of Object.entries(change.fields ?? {})) {
    if (!(name in fields)) throw new Error(`no VMCS field ${name}`);
    fields[name] = BigInt.asUintN(64, BigInt(value));
  }
  for (const [hpa, value] of Object.entries(change.memory ?? {})) memory.set(Number(hpa), value);
  state.efer = change.efer ?? state.efer;
}

/** A guest in 32-bit protected mode with PAE paging. */
export const PAE_GUEST: Changes = {
  off: "entry.ia32e_mode_guest",
  fields: { guest_cs_ar: 0xc09b, guest_ia32_efer: 0 },
};

/** A guest in virtual-8086 mode. */
export const V86_GUEST: Changes = {
  ...PAE_GUEST,
  fields: {
    guest_rflags: 0x20002,
    ...Object.fromEntries(
      SEGMENTS.flatMap((name, i) => [
        [`guest_${name}_selector`, 0x1234 + i],
        [`guest_${name}_base`, (0x1234 + i) << 4],
        [`guest_${name}_limit`, 0xffff],
        [`guest_${name}_ar`, 0xf3],
      ]),
    ),
  },
};

/** An unrestricted guest in real mode. */
export const REAL_GUEST: Changes = {
  on: "secondary.enable_ept secondary.unrestricted_guest",
  off: "entry.ia32e_mode_guest",
  fields: {
    guest_cr0: 0x30,
    guest_cr4: 0x2000,
    ...Object.fromEntries(
      SEGMENTS.flatMap((name) => [
        [`guest_${name}_limit`, 0xffff],
        [`guest_${name}_ar`, 0x93],
      ]),
    ),
  },
};

/** A 32-bit host; the processor is outside IA-32e mode. */
export const HOST_32: Changes = {
  ...PAE_GUEST,
  off: "entry.ia32e_mode_guest exit.host_address_space_size",
  efer: 0n,
};
