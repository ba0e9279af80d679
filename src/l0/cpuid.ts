/** CPUID as L0 answers it: the leaves of the CPU model that L1 is given (kvm_cpuid). */
import { type CpuidRow, cpuidRows, SUBLEAF_ANY } from "../machine/cpuid.ts";
import type { CpuModel } from "../tables/cpu-models.ts";
import { readCr4 } from "./control-registers.ts";
import type { Vcpu } from "./vcpu.ts";
import { CR4 } from "./vmcs01.ts";

const EXTENDED = 0x80000000;
const HYPERVISOR = 0x40000000;
const XSAVE_LEAF = 0xd;
const XSAVE_LEGACY_BYTES = 576;

/** The leaves of one machine, found by leaf and subleaf. */
export class GuestCpuid {
  private readonly rows: readonly CpuidRow[];
  private readonly highest: number;
  private readonly highestExtended: number;
  private recent: CpuidRow | undefined;

  constructor(model: CpuModel, cpus: number) {
    this.rows = cpuidRows(model, cpus);
    this.highest = this.find(0, 0)!.eax;
    this.highestExtended = this.find(EXTENDED, 0)!.eax;
  }

  find(leaf: number, subleaf: number): CpuidRow | undefined {
    const { recent } = this;
    if (recent !== undefined && matches(recent, leaf, subleaf)) return recent;
    const found = this.rows.find((row) => matches(row, leaf, subleaf));
    if (found !== undefined) this.recent = found;
    return found;
  }

  /** A leaf beyond its range answers as the highest basic one. */
  resolve(leaf: number): number {
    const limit = leaf >= EXTENDED ? this.highestExtended : this.highest;
    const isHypervisor = (leaf & 0xffff0000) >>> 0 === HYPERVISOR;
    return leaf > limit && !isHypervisor ? this.highest : leaf;
  }

  /** Size of the XSAVE area for the components of `mask`. */
  areaBytes(mask: number, compact: boolean): number {
    let bytes = XSAVE_LEGACY_BYTES;
    for (let i = 2; i < 32; i++) {
      if ((mask & (1 << i)) === 0) continue;
      const row = this.find(XSAVE_LEAF, i);
      if (row === undefined) continue;
      if (!compact) bytes = Math.max(bytes, row.ebx + row.eax);
      else bytes = ((row.ecx & 2) !== 0 ? (bytes + 63) & ~63 : bytes) + row.eax;
    }
    return bytes;
  }
}

function matches(row: CpuidRow, leaf: number, subleaf: number): boolean {
  return row.leaf === leaf && (row.subleaf === subleaf || row.subleaf === SUBLEAF_ANY);
}

/** Carries out CPUID with EAX and ECX of the vCPU. */
export function emulateCpuid(vcpu: Vcpu, cpuid: GuestCpuid): void {
  const { regs } = vcpu;
  const asked = regs[0]!;
  const subleaf = regs[2]!;
  vcpu.vm.trace?.cpuid(asked, subleaf);
  const leaf = cpuid.resolve(asked);
  const row = cpuid.find(leaf, subleaf);
  let ebx = row?.ebx ?? 0;
  let ecx = row?.ecx ?? 0;
  let edx = row?.edx ?? 0;
  switch (leaf) {
    case 1: {
      ebx = (ebx & 0x00ffffff) | (vcpu.index << 24);
      if (vcpu.apic.lapic?.enabled === false) edx &= ~(1 << 9);
      if ((Number(readCr4(vcpu)) & CR4.OSXSAVE) !== 0) ecx |= 1 << 27;
      break;
    }
    case 7:
      if (subleaf === 0 && (Number(readCr4(vcpu)) & CR4.PKE) !== 0) ecx |= 1 << 4;
      break;
    case 0xb:
      ecx = (ecx & 0xff00) | (subleaf & 0xff);
      edx = vcpu.index;
      break;
    case XSAVE_LEAF:
      if (subleaf === 0) ebx = cpuid.areaBytes(vcpu.hw.xcr0, false);
      else if (subleaf === 1) {
        const xss = vcpu.hw.rdmsr(0xda0) ?? 0;
        ebx = cpuid.areaBytes(vcpu.hw.xcr0 | xss, true);
      }
      break;
    default:
      break;
  }
  // RAX, RBX, RCX, RDX; upper halves are cleared.
  regs[0] = row?.eax ?? 0;
  regs[1] = 0;
  regs[6] = ebx;
  regs[7] = 0;
  regs[2] = ecx;
  regs[3] = 0;
  regs[4] = edx;
  regs[5] = 0;
}
