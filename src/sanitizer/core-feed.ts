/** The feed of a real machine: what the core holds in its memory, and what it calls. */
import { type Core, type CoreImports, LAYOUT, MACHINE_WORD } from "../core/core.ts";
import { STATE } from "../generated/state.ts";
import { addressOf, type PhysicalMemory } from "../machine/memory.ts";
import type { LogicalProcessor } from "../machine/processor.ts";
import { FLUSH_OPERATIONS } from "../tables/flush-operations.ts";
import { ACCESS, type CoreFeed, type SpaceTags, VPID_PHYSICAL, type WalkStep } from "./feed.ts";
import type { Sanitizer } from "./sanitizer.ts";
import type { Layer, Site } from "./types.ts";

/** What the feed needs of the machine. */
export interface FeedMachine {
  readonly core: Core;
  readonly memory: PhysicalMemory;
  readonly cpus: readonly LogicalProcessor[];
  readonly time: number;
  /** True while the core executes instructions. */
  readonly executing: boolean;
}

const VMX_NON_ROOT = 2;
const NO_APIC_ACCESS = 1;
const INSTRUCTION_BYTES_MAX = 15;
const PAGE = 4096;
const FRAME_LOW = 0xfffff000;
const EP4TA_HIGH = 0xfffff;

export class MachineFeed implements CoreFeed {
  private readonly machine: FeedMachine;
  private readonly core: Core;

  constructor(machine: FeedMachine) {
    this.machine = machine;
    this.core = machine.core;
  }

  where() {
    const { machine, core } = this;
    const cpu = core.machine32(MACHINE_WORD.CURRENT_CPU);
    if (!machine.executing) return { cpu, rip: 0n, layer: "host" as Layer, time: machine.time };
    const nonRoot = core.state32(STATE.VMX_OPERATION) === VMX_NON_ROOT;
    return {
      cpu,
      rip: BigInt.asUintN(64, core.exports.currentRip()),
      layer: (nonRoot ? "non-root" : "root") as Layer,
      time: machine.time,
    };
  }

  isUserMode(): boolean {
    return this.core.state32(STATE.CPL) === 3;
  }

  spaceTags(space: number): SpaceTags {
    const { u32 } = this.core;
    const at = (LAYOUT.SPACES + space * LAYOUT.SPACE_BYTES) >> 2;
    return {
      cpu: u32[at + 7]!,
      vpid: u32[at + 2]!,
      pcid: u32[at + 3]!,
      ep4ta: ep4taOf(u32[at + 4]!, u32[at + 5]!),
    };
  }

  walkSteps(): readonly WalkStep[] {
    const { u32 } = this.core;
    const info = LAYOUT.FILL_INFO >> 2;
    const first = u32[info + 6]!;
    const count = u32[info + 7]!;
    const steps: WalkStep[] = [];
    const width = LAYOUT.WALK_STEP_BYTES >> 2;
    let at = (LAYOUT.WALK_STEPS >> 2) + first * width;
    for (let i = 0; i < count; i++, at += width) {
      steps.push({
        hpa: addressOf(u32[at]!, u32[at + 1]!),
        lo: u32[at + 2]!,
        hi: u32[at + 3]!,
        kind: u32[at + 4]!,
      });
    }
    return steps;
  }

  fillDetails() {
    const { u32 } = this.core;
    const at = LAYOUT.FILL_INFO >> 2;
    return {
      hpa: addressOf(u32[at]!, u32[at + 1]!),
      gpa: addressOf(u32[at + 2]!, u32[at + 3]!),
      rights: u32[at + 4]!,
      access: u32[at + 5]!,
    };
  }

  references(id: number): number {
    return this.core.u16[(this.core.machine32(MACHINE_WORD.PROVENANCE_REFS) >> 1) + id]!;
  }

  markStale(what: number, id: number, address: bigint, sizeLog: number, on: boolean): void {
    const { lo, hi } = halves(address);
    this.core.exports.markStale(what, id, lo, hi, sizeLog, Number(on));
  }

  watchFrame(hpa: number, on: boolean): void {
    this.core.exports.watchFrame(hpa % 2 ** 32, Math.floor(hpa / 2 ** 32), Number(on));
  }

  frameWords(hpa: number): Uint32Array | undefined {
    const { memory } = this.machine;
    if (!memory.has(hpa, PAGE)) return undefined;
    const bytes = memory.view(hpa, PAGE);
    return new Uint32Array(bytes.buffer, bytes.byteOffset, PAGE >> 2);
  }

  probeWalk(gla: bigint, access: number): number | undefined {
    const { lo, hi } = halves(gla);
    return this.core.exports.probeWalk(lo, hi, access) === 0 ? undefined : this.probed();
  }

  probeGuestPhysical(gpa: number, access: number): number | undefined {
    const { exports } = this.core;
    const found = exports.probeGuestPhysical(gpa % 2 ** 32, Math.floor(gpa / 2 ** 32), access);
    return found === 0 ? undefined : this.probed();
  }

  /** Page that the last probe has found. */
  private probed(): number {
    const { lo, hi } = this.core.result();
    return addressOf((lo & FRAME_LOW) >>> 0, hi);
  }

  context() {
    const { core } = this;
    const eptp = core.state64(STATE.EPTP);
    return {
      vpid: core.state32(STATE.VPID),
      ep4ta: eptp === 0n ? undefined : Number(eptp & 0x000f_ffff_ffff_f000n),
    };
  }

  apicAccessPage(): number | undefined {
    const page = Number(this.core.state64(STATE.APIC_ACCESS_HPA));
    return page === NO_APIC_ACCESS ? undefined : page;
  }

  code(site: Site) {
    const { machine, core } = this;
    const cpu = machine.cpus[site.cpu]!;
    const bits = cpu.codeBits;
    const here = machine.executing && core.machine32(MACHINE_WORD.CURRENT_CPU) === site.cpu;
    if (!here || site.actor !== undefined) return { bytes: new Uint8Array(0), bits };
    const bytes: number[] = [];
    const access = ACCESS.FETCH | (this.isUserMode() ? ACCESS.USER : 0);
    while (bytes.length < INSTRUCTION_BYTES_MAX) {
      const gla = BigInt.asUintN(64, site.rip + BigInt(bytes.length));
      const inPage = Number(gla & 0xfffn);
      const page = this.probeWalk(gla, access);
      if (page === undefined || !machine.memory.has(page, PAGE)) break;
      const length = Math.min(INSTRUCTION_BYTES_MAX - bytes.length, PAGE - inPage);
      bytes.push(...machine.memory.view(page + inPage, length));
    }
    return { bytes: Uint8Array.from(bytes), bits };
  }
}

function halves(address: bigint): { lo: number; hi: number } {
  return { lo: Number(address & 0xffff_ffffn), hi: Number((address >> 32n) & 0xffff_ffffn) };
}

/** The core marks an EP4TA in use by bit 0. */
function ep4taOf(lo: number, hi: number): number | undefined {
  return (lo & 1) === 0 ? undefined : addressOf((lo & FRAME_LOW) >>> 0, hi & EP4TA_HIGH);
}

type SanitizerImports = Pick<CoreImports, "tlbFill" | "staleUse" | "tableStore" | "flush">;

/** What the core calls, for the sanitizer that `get` gives; none yet while a machine is made. */
export function sanitizerImports(get: () => Sanitizer | undefined): SanitizerImports {
  const wide = (lo: number, hi: number) => (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);
  return {
    tlbFill: (what, space, lo, hi, sizeLog) => get()?.fill(what, space, wide(lo, hi), sizeLog) ?? 0,
    staleUse: (what, id, _place, lo, hi, access) => get()?.use(what, id, wide(lo, hi), access) ?? 0,
    tableStore: (lo, hi, bytes) => get()?.store(addressOf(lo, hi), bytes >>> 0),
    flush: (operation, vpid, pcid, ep4taLo, ep4taHi, lo, hi, dropped) => {
      const physical = vpid === VPID_PHYSICAL;
      get()?.flush({
        operation: FLUSH_OPERATIONS[operation]!.name,
        vpid,
        pcid,
        ep4ta: ep4taOf(ep4taLo, ep4taHi),
        gla: physical ? undefined : wide(lo, hi),
        gpa: physical ? addressOf(lo, hi) : undefined,
        dropped: dropped >>> 0,
      });
    },
  };
}
