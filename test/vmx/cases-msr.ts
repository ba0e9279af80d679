/**
 * Cases of the checks of MSR lists (SDM "Loading MSRs", "Saving MSRs"): lists that obey a check and
 * lists that break it at their last entry.
 */

/** The first eight bytes of an entry (index and reserved bits), and the value. */
export type ListEntry = readonly [head: bigint | number, value: bigint | number];
export type MsrList = readonly ListEntry[];

export interface MsrCase {
  readonly pass: MsrList;
  /** Each list fails at its last entry. */
  readonly fail: readonly MsrList[];
  /** The same for a list of MSRs to be stored; absent where the check is of loads only. */
  readonly store?: { readonly pass: MsrList; readonly fail: readonly MsrList[] };
}

const TSC_AUX = 0xc0000103;
const STAR = 0xc0000081;
const EFER = 0xc0000080;
const KERNEL_GS_BASE = 0xc0000102;
const FS_BASE = 0xc0000100;
const GS_BASE = 0xc0000101;
const BIOS_UPDT_TRIG = 0x79;
const BIOS_SIGN_ID = 0x8b;
const SYSENTER_CS = 0x174;

/** An entry in front, so that the number of the one that fails is not 1. */
const GOOD: ListEntry = [STAR, 0x1234567800000000n];
const RESERVED = 1n << 32n;
/** What IA32_VMX_MISC of every model recommends at most. */
const LONGEST = 512;

const times = (count: number): MsrList => Array.from({ length: count }, () => GOOD);

export const MSR_CASES: Readonly<Record<string, MsrCase>> = {
  "entry.msr.fsgs": {
    pass: [[KERNEL_GS_BASE, 0x1000]],
    fail: [
      [GOOD, [FS_BASE, 0]],
      [GOOD, [GS_BASE, 0]],
    ],
    store: {
      pass: [
        [FS_BASE, 0],
        [GS_BASE, 0],
      ],
      fail: [],
    },
  },
  "entry.msr.x2apic": {
    pass: [[SYSENTER_CS, 8]],
    fail: [0x800, 0x808, 0x8ff].map((index) => [GOOD, [index, 0]]),
    store: {
      pass: [[SYSENTER_CS, 0]],
      fail: [0x800, 0x802, 0x8ff].map((index) => [GOOD, [index, 0]]),
    },
  },
  "entry.msr.model": {
    pass: [GOOD],
    fail: [
      [GOOD, [BIOS_UPDT_TRIG, 0]],
      [GOOD, GOOD, [BIOS_SIGN_ID, 0]],
    ],
    store: { pass: [[BIOS_SIGN_ID, 0]], fail: [[GOOD, [BIOS_UPDT_TRIG, 0]]] },
  },
  "entry.msr.reserved": {
    pass: [[TSC_AUX, 0xffffffffn]],
    fail: [
      [GOOD, [RESERVED | BigInt(TSC_AUX), 1]],
      [GOOD, [(1n << 63n) | BigInt(TSC_AUX), 1]],
    ],
    store: { pass: [[TSC_AUX, 0]], fail: [[GOOD, [RESERVED | BigInt(TSC_AUX), 0]]] },
  },
  "entry.msr.gp": {
    pass: [[EFER, 0xd01]],
    fail: [
      // No such MSR; a read-only one; reserved bits; an address that is not canonical; LME with paging.
      [GOOD, [0, 0]],
      [GOOD, [0x480, 0]],
      [GOOD, [EFER, 0xd03]],
      [GOOD, [KERNEL_GS_BASE, 1n << 57n]],
      [GOOD, [EFER, 0]],
    ],
    store: { pass: [[0x480, 0]], fail: [[GOOD, [0, 0]]] },
  },
  "entry.msr.count": {
    pass: times(LONGEST),
    fail: [times(LONGEST + 1)],
    store: { pass: times(LONGEST), fail: [times(LONGEST + 1)] },
  },
};

/** The row for MSRs of SMM, which no model has: such an MSR is refused as any that is not there. */
export const MSR_ABSENT_CASES: Readonly<Record<string, { list: MsrList; refusedBy: string }>> = {
  "entry.msr.smm": { list: [GOOD, [0x9b, 0]], refusedBy: "entry.msr.gp" },
};
