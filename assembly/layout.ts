/**
 * The map of linear memory. Everything the core touches lies in one of these regions.
 *
 * Compiler-made static data starts at STATICS (asconfig.json, memoryBase); the regions whose size
 * depends on the machine (TLB arrays, frame tables, RAM) are placed by `configure` behind ARENA.
 */

/** Addresses below this are never RAM: a pointer in here is a fault (0) or the bounce buffer. */
export const HOST_LIMIT: u32 = 0x1000;
/** Where a store through a faulting pointer lands harmlessly. */
export const NULL_SINK: u32 = 0;
/** Operand copy for accesses that cannot go straight to RAM (MMIO, page crossing, code pages). */
export const BOUNCE: u32 = 0x100;
/** State of the current logical processor; layout in generated/state.ts. */
export const STATE: u32 = 0x1000;
export const STATE_BYTES: u32 = 0x1000;
/** Machine-wide variables; layout in machine block below. */
export const MACHINE: u32 = 0x2000;
/** Work space of multi-step instructions (FXSAVE, XSAVE, task switch). */
export const SCRATCH: u32 = 0x3000;
export const SCRATCH_BYTES: u32 = 0x1000;
/** CPUID leaves, written by the host; CPUID_ROW_BYTES each. */
export const CPUID_TABLE: u32 = 0x4000;
export const CPUID_ROW_BYTES: u32 = 24;
export const CPUID_ROWS_MAX: u32 = 160;
/** Gathered bytes of the instruction being decoded. */
export const FETCH_BYTES: u32 = 0x5000;
/**
 * Offset in the VMCS region of each field, 16 bits each, written by the host: 0 for what is no field.
 * The place is the width (2 bits), the group (2 bits) and the index (6 bits) of the encoding.
 */
export const VMCS_FIELDS: u32 = 0x6000;
/** Capability MSRs from IA32_VMX_BASIC on, written by the host. */
export const VMX_CAPABILITIES: u32 = 0x6800;
/** Which of them RDMSR reads: bit 0 for the first. */
export const VMX_MSRS_PRESENT: u32 = 0x68f8;
/** Entries that the current walk has read: WALK_STEPS_MAX of WALK_STEP_BYTES; tlb/provenance.ts. */
export const WALK_STEPS: u32 = 0x7000;
export const WALK_STEPS_MAX: u32 = 64;
export const WALK_STEP_BYTES: u32 = 24;
/** What is being entered into a cache, for the host; see tlb/provenance.ts. */
export const FILL_INFO: u32 = 0x7600;
/** Tables that a walk of the EPT has read, 16 bytes a level; see paging/ept.ts. */
export const EPT_PATH: u32 = 0x7640;
/** Compiler-made static data. */
export const STATICS: u32 = 0x10000;
export const STATICS_BYTES: u32 = 0x70000;

/** Fetch front cache: FETCH_FRONT_ENTRIES of FRONT_ENTRY_BYTES. */
export const FETCH_FRONT: u32 = 0x88000;
export const FETCH_FRONT_ENTRIES: u32 = 256;
export const FRONT_ENTRY_BYTES: u32 = 32;
/** Parked states of the other logical processors. */
export const CPU_SAVE: u32 = 0x90000;
export const CPUS_MAX: u32 = 64;
/** Interned tag tuples. */
export const SPACES: u32 = 0xd0000;
export const SPACES_MAX: u32 = 512;
export const SPACE_BYTES: u32 = 32;
/** Heads of the hash chains of interned tuples, 16 bits each. */
export const SPACE_BUCKETS: u32 = 0xd4000;
export const SPACE_BUCKETS_MAX: u32 = 512;
/** Heads of the lists of live tuples, SPACE_LISTS_PER_CPU of 16 bits each for every processor. */
export const SPACE_LISTS: u32 = 0xd4400;
export const SPACE_LISTS_PER_CPU: u32 = 4;
/** Which large pages stand in the TLB in pieces: a filter of FRAGMENT_FILTER_BITS bits. */
export const FRAGMENT_FILTER: u32 = 0xd4800;
export const FRAGMENT_FILTER_BITS: u32 = 1024;
/** For each address space the word of its paging-structure caches and how many entries it has. */
export const STRUCTURE_WORDS: u32 = 0xd8000;
export const STRUCTURE_COUNTS: u32 = 0xd8800;
/** Where entries of paging-structure caches were found last: 32 bits for each of so many a cache. */
export const STRUCTURE_HINTS: u32 = 0xd9000;
export const STRUCTURE_HINTS_A_ROW: u32 = 16;
/** Heads of the hash chains of decoded blocks. */
export const BLOCK_TABLE: u32 = 0x100000;
export const BLOCK_TABLE_ENTRIES: u32 = 0x10000;
/** Geometry of the caches of translations (tlb/array.ts), written by the host before `configure`. */
export const TLB_ARRAYS: u32 = 0x140000;
export const TLB_ARRAY_BYTES: u32 = 64;
/** Physical memory map: PHYSICAL_RANGES_MAX ranges of PHYSICAL_RANGE_BYTES. */
export const PHYSICAL_RANGES: u32 = 0x141000;
export const PHYSICAL_RANGES_MAX: u32 = 16;
export const PHYSICAL_RANGE_BYTES: u32 = 32;
/** Targets of indirect jumps: JUMP_CACHE_ENTRIES of 32 bytes, see cpu/jump-cache.ts. */
export const JUMP_CACHE: u32 = 0x150000;
export const JUMP_CACHE_ENTRIES: u32 = 4096;
/**
 * Data front cache: FRONT_ENTRIES of FRONT_ENTRY_BYTES. Pages whose distance is a multiple of 16 MiB
 * share a place; with 4 MiB, stacks and variables of common images did.
 */
export const FRONT: u32 = 0x180000;
export const FRONT_ENTRIES: u32 = 4096;
/** For each address space its number in the tags of the front caches, u64: era << 9 | number. */
export const FRONT_NUMBERS: u32 = 0x1a0000;
/** Decoded instructions. */
export const ARENA: u32 = 0x200000;
export const ARENA_BYTES: u32 = 0x1000000;
/** First address whose use depends on the configuration. */
export const DYNAMIC: u32 = ARENA + ARENA_BYTES;

// Machine-wide variables.
export const M_RAM_BASE: u32 = MACHINE + 0x00;
export const M_FRAMES: u32 = MACHINE + 0x04;
export const M_FRAME_FLAGS: u32 = MACHINE + 0x08;
export const M_FRAME_CODE: u32 = MACHINE + 0x0c;
export const M_FRAME_BLOCKS: u32 = MACHINE + 0x10;
export const M_RANGES: u32 = MACHINE + 0x14;
export const M_TLB_BASE: u32 = MACHINE + 0x18;
export const M_TLB_CPU_BYTES: u32 = MACHINE + 0x1c;
export const M_TLB_ARRAYS: u32 = MACHINE + 0x20;
export const M_CPUS: u32 = MACHINE + 0x24;
export const M_CURRENT_CPU: u32 = MACHINE + 0x28;
export const M_ARENA_NEXT: u32 = MACHINE + 0x2c;
export const M_ARENA_GENERATION: u32 = MACHINE + 0x30;
export const M_SPACES: u32 = MACHINE + 0x34;
export const M_CPUID_ROWS: u32 = MACHINE + 0x38;
export const M_PHYS_BITS: u32 = MACHINE + 0x3c;
/** Feature bits of the CPU model, FEATURE_WORDS of 32 bits. */
export const M_FEATURES: u32 = MACHINE + 0x40;
export const FEATURE_WORDS: u32 = 8;
export const M_PATCH_REC: u32 = MACHINE + 0x60;
export const M_PATCH_OP: u32 = MACHINE + 0x64;
export const M_TLB_SEED: u32 = MACHINE + 0x68;
export const M_HOOKS: u32 = MACHINE + 0x70;
/** Result words of calls whose value does not fit the return value. */
export const M_RESULT_LO: u32 = MACHINE + 0x80;
export const M_RESULT_HI: u32 = MACHINE + 0x84;
export const M_TSC_SHIFT: u32 = MACHINE + 0x88;
/** 1 while another logical processor has something to do; set by the host. */
export const M_OTHERS_RUNNABLE: u32 = MACHINE + 0x8c;
/** Number of the VM-entry check that failed last (generated/vmx.ts), or 0. */
export const M_ENTRY_CHECK: u32 = MACHINE + 0x90;
/** Nonzero while the host follows translations (tlb/provenance.ts); set before `configure`. */
export const M_SANITIZE: u32 = MACHINE + 0x94;
/** Steps in WALK_STEPS. */
export const M_WALK_STEPS: u32 = MACHINE + 0x98;
/** Table of how many places hold each provenance, 16 bits for each of PROVENANCES_MAX. */
export const M_PROVENANCE_REFS: u32 = MACHINE + 0x9c;
export const PROVENANCES_MAX: u32 = 0x100000;
/** Number of arrays of guest-physical mappings. */
export const M_TLB_PHYSICAL: u32 = MACHINE + 0xa0;
/** Which paging-structure caches there are: bits 3:0 levels 2 to 5 of the guest, 7:4 of the EPT. */
export const M_STRUCTURES: u32 = MACHINE + 0xa4;
/** 1 while loads and stores have first-level arrays of their own. */
export const M_TLB_SPLIT: u32 = MACHINE + 0xa8;
/** Size codes that some array caches, 32 bits behind this times each KIND_*: 1, 2 and 4. */
export const M_TLB_SERVED: u32 = MACHINE + 0xac;
/** 1 while second-level arrays share a size of page for the same kind of access. */
export const M_TLB_TWINS: u32 = MACHINE + 0xc0;
/** 1 while a cached translation remembers whether its page was the APIC-access page when it was made. */
export const M_TLB_APIC: u32 = MACHINE + 0xc4;
/** Active VMCSs, see vmx/vmcs-cache.ts. */
export const M_VMCS_SLOTS: u32 = MACHINE + 0xec;
/** First of the free numbers of address spaces, plus one. */
export const M_SPACE_FREE: u32 = MACHINE + 0xf0;
export const M_COUNTERS: u32 = MACHINE + 0x100;
