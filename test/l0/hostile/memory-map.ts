/** Where the hostile L1 has what, in its guest-physical memory; it is mapped one to one. */
export const PAGE = 4096;
export const RAM_BYTES = 8 << 20;
export const ENTRY = 0x8000;
/** Asks for the next action, and jumps to it. */
export const DISPATCH = 0x8100;
export const HANDLER = 0x8140;
export const IDT = 0xa000;
export const GDT = 0xb000;
export const TABLE_POINTERS = 0xb100;
export const STACKS = 0x40000;
/** Code of the action that a vCPU executes. */
export const ACTIONS = 0x48000;
/** Programs of L2. */
export const L2_CODE = 0x50000;
export const L2_PROGRAMS = 8;
export const L2_PROGRAM_BYTES = 0x200;
export const L2_STACK = 0x5f000;

/** Pages with which L1 plays: EPT12, regions, bitmaps, lists, data. */
export const PLAYGROUND = 0x100000;
export const PLAYGROUND_PAGES = 64;
export const page = (index: number) => PLAYGROUND + index * PAGE;
export const EPT = { pml4: 0, pdpt: 1, low: 2, small: 3, high: 4, apic: 5, otherPml4: 6 } as const;
export const VMCS12_PAGES = [8, 9, 10, 11, 12, 13] as const;
export const VMXON_PAGES = [14, 15] as const;
export const VIRTUAL_APIC = 16;
export const APIC_ACCESS = 17;
export const POSTED = 18;
export const MSR_BITMAP = 19;
export const IO_BITMAPS = [20, 21] as const;
export const MSR_LISTS = [22, 23] as const;
export const PML = 24;
export const DATA_PAGES = [32, 33, 34, 35, 36, 37, 38, 39] as const;
/** Memory slot of its own, which userspace deletes and adds. */
export const EXTRA_SLOT = 9;
export const EXTRA_GPA = 0x40000000;
export const EXTRA_PAGES = 16;

export const NEXT_PORT = 0x500;
export const CODE64 = 0x10;
export const DATA64 = 0x18;
