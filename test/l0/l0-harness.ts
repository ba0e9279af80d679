/**
 * L0 without devices, for tests of its memory management: one virtual machine, its vCPUs in the guest on
 * processors of their own, threads in an order that a seed or a test decides.
 */
import { Core, LAYOUT, SILENT_IMPORTS } from "../../src/core/core.ts";
import { ApicBus } from "../../src/devices/apic-bus.ts";
import { VirtualClock } from "../../src/devices/clock.ts";
import { STATE } from "../../src/generated/state.ts";
import { Hypervisor } from "../../src/l0/hypervisor.ts";
import type { PolicyStep } from "../../src/l0/policy.ts";
import type { Userspace } from "../../src/l0/userspace.ts";
import { realMode } from "../../src/lab/start-states.ts";
import { PhysicalMemory } from "../../src/machine/memory.ts";
import { type ResolvedOptions, resolveOptions } from "../../src/machine/options.ts";
import { configureCore } from "../../src/machine/setup.ts";

const MIB = 1 << 20;
const HOST_BYTES = 16 * MIB;
const GUEST_BYTES = 4 * MIB;
/** Instructions of one stay in the guest. */
const SLICE_TICKS = 400;
export const CODE = 0x8000;

export interface L0Options {
  /** Logical processors, and vCPUs: as many unless given. */
  readonly cpus?: number;
  readonly vcpus?: number;
  readonly leftOut?: readonly PolicyStep[];
  readonly hugePages?: boolean;
  /** With local APICs and the APIC-access page. */
  readonly apic?: boolean;
  /** L1 has VMX; default false. */
  readonly vmx?: boolean;
  /** The threads of the vCPUs run; default true. */
  readonly threads?: boolean;
  readonly tlb?: string;
  /** RAM of the guest; default 4 MiB. */
  readonly guestBytes?: number;
  /** Device memory of the guest; it reads as 0 and forgets. */
  readonly onMmioRead?: (gpa: number, size: number) => number;
  readonly onMmioWrite?: (gpa: number, size: number, value: number) => void;
  /** Ports that the guest writes to. */
  readonly onPort?: (harness: L0Harness, vcpu: number, port: number) => void;
}

export class L0Harness {
  readonly core: Core;
  readonly l0: Hypervisor;
  readonly apicMessages: string[] = [];
  private time = 0;

  private constructor(core: Core, l0: Hypervisor) {
    this.core = core;
    this.l0 = l0;
  }

  static async create(options: L0Options = {}): Promise<L0Harness> {
    const { cpus = 1, leftOut = [], hugePages = false, apic = false } = options;
    let harness: L0Harness | undefined;
    const core = await Core.create({
      ...SILENT_IMPORTS,
      acknowledgeInterrupt: () => harness!.l0.pcpus[harness!.l0.hw.pcpu]!.acknowledge(),
    });
    const resolved: ResolvedOptions = resolveOptions({
      memory: HOST_BYTES,
      cpus,
      tlb: options.tlb ?? "adversarial",
    });
    const base = configureCore(core, resolved);
    new PhysicalMemory(core, base, HOST_BYTES);
    core.exports.resetAll();
    const { features: all } = resolved.model;
    const features = options.vmx ? all : all.filter((name) => name !== "VMX");
    const l0 = new Hypervisor({
      core,
      base,
      hostBytes: HOST_BYTES,
      guestBytes: options.guestBytes ?? GUEST_BYTES,
      cpus,
      vcpus: options.vcpus ?? cpus,
      model: { ...resolved.model, features },
      userspace: quietUserspace(options, (port) =>
        options.onPort?.(harness!, harness!.runningVcpu, port),
      ),
      apicMode: apic ? "flexpriority" : "emulated",
      leftOut,
      hugePages,
    });
    l0.makeVcpus(l0.enterVmxOperation());
    if (apic) {
      const clock = new VirtualClock();
      const bus = new ApicBus();
      for (const vcpu of l0.vcpus) {
        const bootstrap = vcpu.index === 0;
        l0.makeLocalApic(clock, bus, vcpu, { apicId: vcpu.index, bootstrap });
      }
    }
    harness = new L0Harness(core, l0);
    if (options.threads === false) return harness;
    l0.start();
    for (const pcpu of l0.pcpus) pcpu.isSlow = true;
    for (const thread of l0.threads) thread.beforeStay = () => harness!.beginSlice();
    return harness;
  }

  private beginSlice(): void {
    this.core.exports.beginSlice(this.time, SLICE_TICKS);
    this.time += SLICE_TICKS;
  }

  /** The vCPU on the processor at hand. */
  get runningVcpu(): number {
    const { pcpus, hw } = this.l0;
    return pcpus[hw.pcpu]!.vcpu!.index;
  }

  /** All vCPUs begin at CODE in real-address mode, whose segments reach 4 GiB. */
  startAll(code: readonly number[]): void {
    this.l0.memory.write(CODE, Uint8Array.from(code));
    for (const vcpu of this.l0.vcpus) {
      vcpu.start = realMode(CODE);
      vcpu.mpState = 0;
    }
  }

  /** Userspace address of guest-physical `gpa`. */
  hva(gpa: number): number {
    const slot = this.l0.vm.slotOf(Math.floor(gpa / 4096))!;
    return slot.hva + gpa - slot.baseGfn * 4096;
  }

  /** APIC-access address with which processor `pcpu` runs its guest; at this a test may look. */
  apicAccessAddress(pcpu: number): number {
    const isCurrent = this.l0.hw.pcpu === pcpu;
    const base = isCurrent ? LAYOUT.STATE : LAYOUT.CPU_SAVE + pcpu * LAYOUT.STATE_BYTES;
    return Number(this.core.u64[(base + STATE.APIC_ACCESS_HPA) >> 3]!);
  }
}

function quietUserspace(options: L0Options, onPort: (port: number) => void): Userspace {
  return {
    readPort: () => 0xff,
    writePort: onPort,
    readMmio: (_, gpa, size) => options.onMmioRead?.(gpa, size) ?? 0,
    writeMmio: (_, gpa, size, value) => options.onMmioWrite?.(gpa, size, value),
    localApic: () => undefined,
    acknowledge: () => -1,
    syncClock: () => {},
    now: () => 0,
    reschedule: () => {},
    shutdown: (vcpu) => {
      throw new Error(`vCPU ${vcpu} has shut down`);
    },
    internalError: (_, error) => {
      throw error;
    },
    hasTscDeadline: true,
  };
}
