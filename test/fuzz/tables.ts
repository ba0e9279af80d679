/** Tables of the fuzzed machine: descriptors, gates, task states and paging structures, half sane. */
import type { Core } from "../../src/core/core.ts";
import type { Genes } from "../oracle/values.ts";
import type { FuzzMode } from "./machine.ts";

const TABLES = 0x1000;
const GDT = 0x8000;
const LDT = 0x9000;
const TSS = 0xa000;
const IDT = 0xc000;
const CODE = 0x10000;
const RAM_PAGES = 512;

/** Fills the lower 64 KiB of the guest's memory for `mode`. */
export function fillTables(core: Core, ram: number, mode: FuzzMode, genes: Genes): void {
  const at32 = (gpa: number) => (ram + gpa) >> 2;
  const put64 = (gpa: number, low: number, high: number) => {
    core.u32[at32(gpa)] = low;
    core.u32[at32(gpa) + 1] = high;
  };
  if (mode === "real") {
    for (let vector = 0; vector < 256; vector++) {
      core.u32[at32(vector * 4)] = ((CODE >> 4) << 16) | (genes.next() & 0x7fff);
    }
    return;
  }
  fillPaging(mode, genes, put64);
  fillDescriptors(mode, genes, put64);
  fillGates(mode, genes, put64);
  fillTasks(core, ram, mode, genes);
}

type Put64 = (gpa: number, low: number, high: number) => void;

function fillPaging(mode: FuzzMode, genes: Genes, put64: Put64): void {
  if (!/paging|PAE|compat|64/.test(mode)) return;
  const odd = (low: number): number => {
    const gene = genes.next();
    if ((gene & 0x3f) !== 0) return low;
    return low ^ (1 << ((gene >>> 6) % 12));
  };
  const page = (i: number): number => {
    const gene = genes.next();
    // A frame of a device now and then.
    const frame = (gene & 0xff) === 0 ? 0x1000 + (gene >>> 20) : i % RAM_PAGES;
    return odd((frame << 12) | 7);
  };
  // Every address leads to memory: all upper entries are alike.
  if (mode === "32-bit paging") {
    for (let i = 0; i < 512; i++) put64(TABLES + i * 8, 0x2007, odd(0x2007));
    for (let i = 0; i < 512; i++) put64(0x2000 + i * 8, page(i * 2), page(i * 2 + 1));
    return;
  }
  const levels = mode === "PAE" ? 2 : mode.includes("5") ? 4 : 3;
  let table = TABLES;
  for (let level = 0; level < levels; level++) {
    const pointers = mode === "PAE" && level === 0;
    for (let i = 0; i < (pointers ? 4 : 512); i++) {
      put64(table + i * 8, (table + 0x1000) | (pointers ? 1 : i === 0 ? 7 : odd(7)), 0);
    }
    table += 0x1000;
  }
  for (let i = 0; i < 512; i++) {
    put64(table + i * 8, page(i), (genes.next() & 0xff) === 0 ? 0x80000000 : 0);
  }
}

/** Descriptor halves from base, limit and rights in the format of VMX. */
function descriptor(base: number, limit: number, access: number): [number, number] {
  const paged = limit > 0xfffff;
  const scaled = paged ? limit >>> 12 : limit;
  return [
    (scaled & 0xffff) | (base << 16),
    ((base >>> 16) & 0xff) |
      ((access & 0x70ff) << 8) |
      (scaled & 0xf0000) |
      (paged ? 0x800000 : 0) |
      (base & 0xff000000),
  ];
}

function fillDescriptors(mode: FuzzMode, genes: Genes, put64: Put64): void {
  const long = /64|compat/.test(mode);
  const narrow = /8086|protected 16/.test(mode);
  const code = mode.startsWith("64") ? 0xa09b : narrow ? 0x9b : 0xc09b;
  const rows: [number, number, number][] = [
    [0, 0, 0],
    [narrow ? CODE : 0, narrow ? 0xffff : 0xffffffff, code],
    [narrow ? CODE : 0, narrow ? 0xffff : 0xffffffff, narrow ? 0x93 : 0xc093],
    [0, 0xffffffff, long ? 0xa09b : 0xc09f],
    // Level 3, 0x23 and 0x2b.
    [narrow ? CODE : 0, narrow ? 0xffff : 0xffffffff, code | 0x60],
    [narrow ? CODE : 0, narrow ? 0xffff : 0xffffffff, (narrow ? 0x93 : 0xc093) | 0x60],
    [CODE, 0xffff, 0xfb],
    [0, 0xffff, 0xf7],
    [TSS, long ? 0x67 : 0xab, 0x8b],
    [0, 0, 0],
    [LDT, 0xfff, 0x82],
    [0, 0, 0],
    [TSS + 0x200, 0xab, 0xe9],
    [TSS + 0x400, 0x2b, 0xe1],
    [0, 0xffffffff, 0xa0fb],
    [0, 0xffffffff, 0xc0fb],
  ];
  for (const table of [GDT, LDT]) {
    rows.forEach(([base, limit, access], i) => {
      let [low, high] = descriptor(base, limit, access);
      const gene = genes.next();
      if ((gene & 0x3f) === 0) high ^= 1 << (8 + ((gene >>> 6) & 15));
      if ((gene & 0x3f) === 1) low ^= 1 << ((gene >>> 6) & 31);
      put64(table + i * 8, low, high);
    });
    // Gates and noise behind them.
    for (let i = 16; i < 64; i++) {
      const gene = genes.next();
      const type = [0xec, 0xe4, 0xe5, 0x8c, 0xee][gene % 5]!;
      const selector = [8, 0x18, 0x23, 0x60, 0x68, 0x30][(gene >>> 3) % 6]!;
      const offset = CODE + ((gene >>> 8) & 0x7fff);
      put64(
        table + i * 8,
        (offset & 0xffff) | (selector << 16),
        (offset & 0xffff0000) | (type << 8) | ((gene >>> 24) & 3),
      );
    }
  }
}

function fillGates(mode: FuzzMode, genes: Genes, put64: Put64): void {
  const long = /64|compat/.test(mode);
  for (let vector = 0; vector < 256; vector++) {
    const gene = genes.next();
    const narrow = /8086|protected 16/.test(mode);
    const offset = (narrow ? 0 : CODE) + ((gene >>> 8) & 0x7fff);
    const dpl = gene & 0x60;
    let type = [0x8e, 0x8f, 0x8e, 0x8f, long ? 0x8e : 0x85, 0x86, 0x87, 0x0e][gene & 7]!;
    if (long && (gene & 7) > 4) type = 0x8e;
    const selector = (type & 15) === 5 ? 0x60 : long ? 0x18 : 8;
    const low = (offset & 0xffff) | (selector << 16);
    const high = (offset & 0xffff0000) | ((type | dpl) << 8);
    if (long) {
      // A double fault gets a stack that is surely there.
      const stack = vector === 8 ? 1 : gene >>> 31 === 0 ? 0 : (gene >>> 28) & 7;
      put64(IDT + vector * 16, low, high | stack);
      put64(IDT + vector * 16 + 8, 0, 0);
    } else put64(IDT + vector * 8, low, high);
  }
}

function fillTasks(core: Core, ram: number, mode: FuzzMode, genes: Genes): void {
  const long = /64|compat/.test(mode);
  const words = core.u32.subarray((ram + TSS) >> 2, (ram + TSS + 0x600) >> 2);
  if (long) {
    // RSP0-2 and the interrupt stacks.
    for (let i = 0; i < 10; i++) {
      words[1 + i * 2] = 0x20000 + (genes.next() & 0xfff8);
      words[2 + i * 2] = 0;
    }
    words[25] = 0x680000;
    return;
  }
  for (const base of [0, 0x80]) {
    for (let level = 0; level < 3; level++) {
      words[base + 1 + level * 2] = 0x8000 + (genes.next() & 0x7ffc);
      words[base + 2 + level * 2] = 0x10 | level;
    }
    words[base + 7] = 0x1000;
    words[base + 8] = (mode.includes("16") ? 0 : CODE) + (genes.next() & 0x7fff);
    words[base + 9] = genes.next() & 0x4ed5;
    for (let i = 10; i < 18; i++) words[base + i] = genes.next() & 0x1ffff;
    words[base + 18] = 0x10;
    words[base + 19] = 8;
    for (let i = 20; i < 24; i++) words[base + i] = 0x10;
    words[base + 24] = (genes.next() & 1) * 0x50;
    words[base + 25] = ((genes.next() & 0x3ff) << 16) | (genes.next() & 1);
  }
}
