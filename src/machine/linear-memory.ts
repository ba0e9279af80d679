/**
 * Reads memory at linear addresses for people and tools: by the page tables, but without the marks
 * a processor leaves there, without access rights, and without touching the TLB.
 */
import { STATE } from "../generated/state.ts";
import type { GuestPhysicalMemory } from "./memory.ts";
import type { LogicalProcessor } from "./processor.ts";

const PAGE_BYTES = 4096;
const PRESENT = 1n;
const PAGE_SIZE = 0x80n;
const FRAME = 0x000f_ffff_ffff_f000n;
const CR4_PSE = 1n << 4n;
const A20 = 1n << 20n;

/** Values of STATE.PAGING_MODE. */
const PAGING = { none: 0, legacy: 1, pae: 2, level4: 3, level5: 4 } as const;

/**
 * The physical address of linear address `gla` of `cpu`, or undefined where no page is present.
 * Page tables that lie outside RAM count as not present.
 */
export function translate(
  memory: GuestPhysicalMemory,
  cpu: LogicalProcessor,
  gla: bigint,
): number | undefined {
  const mode = cpu.word(STATE.PAGING_MODE);
  const masked = cpu.word(STATE.A20_MASKED) !== 0 ? ~A20 : -1n;
  let hpa: bigint | undefined;
  if (mode === PAGING.none) hpa = gla & 0xffff_ffffn;
  else if (mode === PAGING.legacy) hpa = translate32(memory, cpu, gla & 0xffff_ffffn);
  else hpa = translateWide(memory, cpu, gla, mode);
  return hpa === undefined ? undefined : Number(hpa & masked);
}

/**
 * Up to `length` bytes at linear address `gla` of `cpu`: fewer where a page is missing or is no
 * RAM. Changes nothing in the machine.
 */
export function readLinear(
  memory: GuestPhysicalMemory,
  cpu: LogicalProcessor,
  gla: bigint,
  length: number,
): Uint8Array {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const at = BigInt.asUintN(64, gla + BigInt(done));
    const piece = Math.min(length - done, PAGE_BYTES - Number(at & 0xfffn));
    const hpa = translate(memory, cpu, at);
    if (hpa === undefined || !memory.has(hpa, piece)) break;
    bytes.set(memory.view(hpa, piece), done);
    done += piece;
  }
  return bytes.subarray(0, done);
}

function translate32(
  memory: GuestPhysicalMemory,
  cpu: LogicalProcessor,
  gla: bigint,
): bigint | undefined {
  const entry = (table: bigint, index: bigint) => {
    const hpa = Number(table + index * 4n);
    return memory.has(hpa, 4) ? BigInt(memory.read32(hpa)) : 0n;
  };
  const pde = entry(cpu.get("cr3") & 0xffff_f000n, gla >> 22n);
  if ((pde & PRESENT) === 0n) return undefined;
  if ((pde & PAGE_SIZE) !== 0n && (cpu.get("cr4") & CR4_PSE) !== 0n) {
    // PSE-36: bits 20:13 hold bits 39:32 of the address.
    return ((pde & 0x001f_e000n) << 19n) | (pde & 0xffc0_0000n) | (gla & 0x3f_ffffn);
  }
  const pte = entry(pde & 0xffff_f000n, (gla >> 12n) & 0x3ffn);
  return (pte & PRESENT) === 0n ? undefined : (pte & 0xffff_f000n) | (gla & 0xfffn);
}

/** PAE, 4-level and 5-level paging. */
function translateWide(
  memory: GuestPhysicalMemory,
  cpu: LogicalProcessor,
  gla: bigint,
  mode: number,
): bigint | undefined {
  let level = mode === PAGING.pae ? 2 : mode === PAGING.level4 ? 4 : 5;
  let table = cpu.get("cr3");
  if (mode === PAGING.pae) {
    table = cpu.wide(STATE.PDPTE + Number((gla >> 30n) & 3n) * 8);
    if ((table & PRESENT) === 0n) return undefined;
  }
  for (; ; level--) {
    const shift = BigInt(3 + level * 9);
    const at = Number((table & FRAME) | (((gla >> shift) & 0x1ffn) << 3n));
    const entry = memory.has(at, 8) ? memory.read64(at) : 0n;
    if ((entry & PRESENT) === 0n) return undefined;
    if (level === 1 || ((entry & PAGE_SIZE) !== 0n && level <= 3)) {
      const low = (1n << shift) - 1n;
      return (entry & FRAME & ~low) | (gla & low);
    }
    table = entry;
  }
}
