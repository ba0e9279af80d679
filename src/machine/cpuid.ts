/** The CPUID leaves of a CPU model, as the core reads them. */

import { TICKS_PER_SECOND } from "../devices/device.ts";
import type { CpuModel } from "../tables/cpu-models.ts";
import { type CpuidRegister, FEATURES, NO_LEAF } from "../tables/features.ts";

/** Stands for "whatever ECX holds". */
export const SUBLEAF_ANY = 0xffffffff;

export interface CpuidRow {
  readonly leaf: number;
  readonly subleaf: number;
  eax: number;
  ebx: number;
  ecx: number;
  edx: number;
}

const XSAVE_LEGACY_BYTES = 576;
const PKRU_COMPONENT = 9;
const PKRU_BYTES = 8;
const LINEAR_BITS_4_LEVEL = 48;
const LINEAR_BITS_5_LEVEL = 57;
/** Where PKRU lies on the processors that have it, behind the states of AVX and AVX-512. */
const PKRU_OFFSET = 0xa80;

function ascii(text: string): number {
  return [...text].reduce((word, char, i) => word | (char.charCodeAt(0) << (8 * i)), 0) >>> 0;
}

/** All rows for `model` with `cpus` logical processors. */
export function cpuidRows(model: CpuModel, cpus: number): CpuidRow[] {
  const rows: CpuidRow[] = [];
  const row = (leaf: number, subleaf = SUBLEAF_ANY): CpuidRow => {
    const found = rows.find((r) => r.leaf === leaf && r.subleaf === subleaf);
    if (found) return found;
    const made = { leaf, subleaf, eax: 0, ebx: 0, ecx: 0, edx: 0 };
    rows.push(made);
    return made;
  };
  const has = (name: string) => model.features.includes(name);

  Object.assign(row(0), {
    eax: has("XSAVE") ? 0x16 : 0xb,
    ebx: ascii(model.vendor.slice(0, 4)),
    edx: ascii(model.vendor.slice(4, 8)),
    ecx: ascii(model.vendor.slice(8, 12)),
  });
  // The core expects the first leaves of both ranges to be the first rows.
  row(0x80000000);
  const processorBits = Math.ceil(Math.log2(Math.max(cpus, 1)));
  // CLFLUSH line of 64 bytes in units of 8; number of logical processor ids.
  Object.assign(row(1), { eax: model.signature, ebx: (8 << 8) | ((1 << processorBits) << 16) });
  if (cpus > 1) row(1).edx |= 1 << 28;
  // Descriptors live in leaf 4.
  Object.assign(row(2), { eax: 0x00feff01 });
  addCaches(row, processorBits);
  row(6);
  row(7, 0);
  addTopology(row, cpus, processorBits);
  if (has("XSAVE")) addXsave(row, has("PKU"));
  addFrequencies(row);
  addExtended(row, model);
  for (const name of model.features) {
    const feature = FEATURES.find((f) => f.name === name)!;
    if (feature.leaf === NO_LEAF) continue;
    const subleaf = feature.leaf === 7 || feature.leaf === 0xd ? feature.subleaf : SUBLEAF_ANY;
    const target = row(feature.leaf, subleaf);
    target[feature.register as CpuidRegister] |= 1 << feature.bit;
  }
  return rows.map((r) => ({
    ...r,
    eax: r.eax >>> 0,
    ebx: r.ebx >>> 0,
    ecx: r.ecx >>> 0,
    edx: r.edx >>> 0,
  }));
}

type RowOf = (leaf: number, subleaf?: number) => CpuidRow;

/** Leaf 4: 32K data, 32K instruction, 1M second level, 16M shared third level. */
function addCaches(row: RowOf, processorBits: number): void {
  const shared = (1 << processorBits) - 1;
  const cache = (
    index: number,
    type: number,
    level: number,
    ways: number,
    sets: number,
    sharing: number,
  ) => {
    Object.assign(row(4, index), {
      eax: type | (level << 5) | (1 << 8) | (sharing << 14) | (shared << 26),
      ebx: 63 | ((ways - 1) << 22),
      ecx: sets - 1,
    });
  };
  cache(0, 1, 1, 8, 64, 0);
  cache(1, 2, 1, 8, 64, 0);
  cache(2, 3, 2, 16, 1024, 0);
  cache(3, 3, 3, 16, 16384, shared);
}

/** Leaf 0Bh: one thread a core, all cores in one package. */
function addTopology(row: RowOf, cpus: number, processorBits: number): void {
  Object.assign(row(0xb, 0), { eax: 0, ebx: 1, ecx: 1 << 8 });
  Object.assign(row(0xb, 1), { eax: processorBits, ebx: cpus, ecx: 2 << 8 });
}

/** Leaf 0Dh; EBX of subleaves 0 and 1 is filled in by the core. */
function addXsave(row: RowOf, pkru: boolean): void {
  Object.assign(row(0xd, 0), {
    eax: 3 | (pkru ? 1 << PKRU_COMPONENT : 0),
    ecx: pkru ? PKRU_OFFSET + PKRU_BYTES : XSAVE_LEGACY_BYTES,
  });
  row(0xd, 1);
  if (pkru) Object.assign(row(0xd, PKRU_COMPONENT), { eax: PKRU_BYTES, ebx: PKRU_OFFSET });
}

/** Leaves 15h and 16h: a crystal as fast as the TSC, which is also what the APIC timer counts. */
function addFrequencies(row: RowOf): void {
  const mhz = TICKS_PER_SECOND / 1_000_000;
  Object.assign(row(0x15), { eax: 1, ebx: 1, ecx: TICKS_PER_SECOND });
  Object.assign(row(0x16), { eax: mhz, ebx: mhz, ecx: mhz });
}

function addExtended(row: RowOf, model: CpuModel): void {
  row(0x80000000).eax = 0x80000008;
  row(0x80000001);
  const brand = model.brand.padEnd(48, "\0").slice(0, 48);
  for (let i = 0; i < 3; i++) {
    const part = (n: number) => ascii(brand.slice(i * 16 + n * 4, i * 16 + n * 4 + 4));
    Object.assign(row(0x80000002 + i), { eax: part(0), ebx: part(1), ecx: part(2), edx: part(3) });
  }
  // 1 MiB second-level cache, 16 ways, 64-byte lines.
  row(0x80000006).ecx = (1024 << 16) | (8 << 12) | 64;
  row(0x80000007);
  const linear = model.features.includes("LA57") ? LINEAR_BITS_5_LEVEL : LINEAR_BITS_4_LEVEL;
  row(0x80000008).eax = model.physicalAddressBits | (linear << 8);
}
