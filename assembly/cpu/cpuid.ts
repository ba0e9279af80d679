/**
 * CPUID. The host writes the leaves of the CPU model into CPUID_TABLE, sorted by leaf and subleaf:
 *
 *   0 u32 leaf   4 u32 subleaf (SUBLEAF_ANY when the leaf has none)   8 u32 EAX, EBX, ECX, EDX
 *
 * Bits that depend on the processor's state are filled in here.
 */
import { APIC_BASE, CPU_INDEX, CR4, XCR0, XSS } from "../generated/state";
import { CPUID_ROW_BYTES, CPUID_TABLE, M_CPUID_ROWS } from "../layout";
import { CR4_OSXSAVE, CR4_PKE } from "./control-bits";

const SUBLEAF_ANY: u32 = 0xffffffff;

export let cpuidEax: u32 = 0;
export let cpuidEbx: u32 = 0;
export let cpuidEcx: u32 = 0;
export let cpuidEdx: u32 = 0;

/** The row found last: guests ask for the same leaf again and again. */
let lastRow: u32 = 0;

/** @inline */
function isRowOf(row: u32, leaf: u32, subleaf: u32): bool {
  const own = load<u32>(row, 4);
  return load<u32>(row) == leaf && (own == subleaf || own == SUBLEAF_ANY);
}

function findRow(leaf: u32, subleaf: u32): u32 {
  if (lastRow != 0 && isRowOf(lastRow, leaf, subleaf)) return lastRow;
  const rows = load<u32>(M_CPUID_ROWS);
  for (let i: u32 = 0; i < rows; i++) {
    const row = CPUID_TABLE + i * CPUID_ROW_BYTES;
    if (isRowOf(row, leaf, subleaf)) {
      lastRow = row;
      return row;
    }
  }
  return 0;
}

/** Highest leaf of the range that `base` starts; the host puts the first leaves of both first. */
function highestLeaf(base: u32): u32 {
  const row = base == 0 ? CPUID_TABLE : CPUID_TABLE + CPUID_ROW_BYTES;
  return load<u32>(row) == base ? load<u32>(row, 8) : 0;
}

/** Leaves the four registers of a leaf in the module's variables. */
export function queryCpuid(leafAsked: u32, subleaf: u32): void {
  let leaf = leafAsked;
  const base = leaf & 0x80000000;
  // A leaf beyond the range answers as the highest basic leaf does.
  if (base == 0 ? leaf > highestLeaf(0) : leaf > highestLeaf(0x80000000)) {
    if ((leaf & 0xffff0000) != 0x40000000) leaf = highestLeaf(0);
  }
  const row = findRow(leaf, subleaf);
  cpuidEax = row != 0 ? load<u32>(row, 8) : 0;
  cpuidEbx = row != 0 ? load<u32>(row, 12) : 0;
  cpuidEcx = row != 0 ? load<u32>(row, 16) : 0;
  cpuidEdx = row != 0 ? load<u32>(row, 20) : 0;
  const cr4 = load<u64>(CR4);
  const apicId = load<u32>(CPU_INDEX);
  if (leaf == 1) {
    cpuidEbx = (cpuidEbx & 0x00ffffff) | (apicId << 24);
    if ((load<u64>(APIC_BASE) & 0x800) == 0) cpuidEdx &= ~(1 << 9);
    if ((cr4 & CR4_OSXSAVE) != 0) cpuidEcx |= 1 << 27;
  } else if (leaf == 7 && subleaf == 0) {
    if ((cr4 & CR4_PKE) != 0) cpuidEcx |= 1 << 4;
  } else if (leaf == 0xb) {
    cpuidEcx = (cpuidEcx & 0xff00) | (subleaf & 0xff);
    cpuidEdx = apicId;
  } else if (leaf == 0xd) {
    if (subleaf == 0) cpuidEbx = areaBytes(load<u64>(XCR0), false);
    else if (subleaf == 1) cpuidEbx = areaBytes(load<u64>(XCR0) | load<u64>(XSS), true);
  }
}

/** Size of an XSAVE area for the components of `mask`. */
export function areaBytes(mask: u64, compact: bool): u32 {
  let bytes: u32 = 576;
  for (let i: u32 = 2; i < 63; i++) {
    if ((mask & ((1 as u64) << (i as u64))) == 0) continue;
    const row = findRow(0xd, i);
    if (row == 0) continue;
    const size = load<u32>(row, 8);
    const aligned = (load<u32>(row, 16) & 2) != 0;
    if (compact) bytes = (aligned ? (bytes + 63) & ~63 : bytes) + size;
    else bytes = max<u32>(bytes, load<u32>(row, 12) + size);
  }
  return bytes;
}

/** Offset in a standard area of component `i`. */
export function componentOffset(i: u32): u32 {
  const row = findRow(0xd, i);
  return row != 0 ? load<u32>(row, 12) : 0;
}

/** Size of component `i`. */
export function componentBytes(i: u32): u32 {
  const row = findRow(0xd, i);
  return row != 0 ? load<u32>(row, 8) : 0;
}

/** True when component `i` starts at a multiple of 64 in a compacted area. */
export function componentAligned(i: u32): bool {
  const row = findRow(0xd, i);
  return row != 0 && (load<u32>(row, 16) & 2) != 0;
}

/** State components that XCR0 may enable. */
export function supportedXcr0(): u64 {
  const row = findRow(0xd, 0);
  return row != 0 ? (load<u32>(row, 8) as u64) | ((load<u32>(row, 20) as u64) << 32) : 0;
}

/** State components that IA32_XSS may enable. */
export function supportedXss(): u64 {
  const row = findRow(0xd, 1);
  return row != 0 ? (load<u32>(row, 16) as u64) | ((load<u32>(row, 20) as u64) << 32) : 0;
}

/** Family, model and stepping as EDX holds them after reset. */
export function cpuSignature(): u32 {
  const row = findRow(1, 0);
  return row != 0 ? load<u32>(row, 8) : 0;
}
