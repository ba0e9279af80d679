/** MSRs of a vCPU that L0 keeps or emulates (kvm_get_msr_common, kvm_set_msr_common). */
import { FIELD } from "../generated/vmx.ts";
import type { CpuModel } from "../tables/cpu-models.ts";
import { setEfer } from "./control-registers.ts";
import type { Vcpu } from "./vcpu.ts";
import { CR4, EFER } from "./vmcs01.ts";

export interface MsrHalves {
  lo: number;
  hi: number;
}

const MSR = {
  tsc: 0x10,
  apicBase: 0x1b,
  featureControl: 0x3a,
  tscAdjust: 0x3b,
  biosSignId: 0x8b,
  mtrrCap: 0xfe,
  sysenterCs: 0x174,
  sysenterEsp: 0x175,
  sysenterEip: 0x176,
  mcgCap: 0x179,
  mcgStatus: 0x17a,
  miscEnable: 0x1a0,
  debugctl: 0x1d9,
  mtrrVariable: 0x200,
  pat: 0x277,
  mtrrDefType: 0x2ff,
  vmxFirst: 0x480,
  vmxLast: 0x493,
  tscDeadline: 0x6e0,
  x2apicFirst: 0x800,
  x2apicLast: 0x8ff,
  xss: 0xda0,
  efer: 0xc0000080,
  k7Pmu: 0xc0010000,
} as const;

/** Eight variable ranges, fixed ranges, write-combining. */
const MTRR_CAP = 0x508;
const MTRR_VARIABLE_MSRS = 16;
const MTRR_FIXED = [
  0x250, 0x258, 0x259, 0x268, 0x269, 0x26a, 0x26b, 0x26c, 0x26d, 0x26e, 0x26f,
] as const;
const MISC_ENABLE_WRITABLE = 0x4_00c5_1889n;
const DEBUGCTL_DEFINED = 3n;
const TWO_64 = 1n << 64n;

const halves = (value: bigint): MsrHalves => ({
  lo: Number(value & 0xffffffffn),
  hi: Number((value >> 32n) & 0xffffffffn),
});

export class GuestMsrs {
  readonly physicalAddressBits: number;
  /** Bits of EFER that the model has. */
  readonly eferAllowed: number;
  /** Bits of CR4 that the model has, without VMXE. */
  readonly cr4Allowed: number;
  /** Family, model and stepping, which RESET leaves in EDX. */
  readonly signature: number;
  readonly has: (feature: string) => boolean;
  /** What is mere storage. */
  private readonly stored = new Map<number, bigint>([[MSR.miscEnable, 1n]]);
  private microcode = 0n;

  constructor(model: CpuModel) {
    this.physicalAddressBits = model.physicalAddressBits;
    this.signature = model.signature;
    this.has = (feature) => model.features.includes(feature);
    this.cr4Allowed = cr4Of(this.has);
    this.eferAllowed =
      (this.has("SYSCALL") ? EFER.SCE : 0) |
      (this.has("LM") ? EFER.LME | EFER.LMA : 0) |
      (this.has("NX") ? EFER.NX : 0);
  }

  /** RDMSR with an exit; undefined means #GP. */
  read(vcpu: Vcpu, index: number): MsrHalves | undefined {
    const { hw } = vcpu;
    if (index === MSR.featureControl || (index >= MSR.vmxFirst && index <= MSR.vmxLast)) {
      const value = vcpu.nested?.readMsr(index);
      return value === undefined ? undefined : halves(value);
    }
    switch (index) {
      case MSR.tsc:
        return halves((BigInt(vcpu.userspace.now()) + hw.readWide(FIELD.tsc_offset)) % TWO_64);
      case MSR.apicBase: {
        const { lapic } = vcpu.apic;
        const bootstrap = vcpu.index === 0 ? 0x100 : 0;
        if (lapic === undefined) return { lo: 0xfee00800 | bootstrap, hi: 0 };
        return { lo: lapic.apicBaseLo, hi: lapic.apicBaseHi };
      }
      case MSR.biosSignId:
        return halves(this.microcode);
      case MSR.mtrrCap:
        return this.has("MTRR") ? { lo: MTRR_CAP, hi: 0 } : undefined;
      case MSR.mcgCap:
        return { lo: 0, hi: 0 };
      case MSR.debugctl:
        return halves(hw.readWide(FIELD.guest_ia32_debugctl));
      case MSR.pat:
        return this.has("PAT") ? halves(hw.readWide(FIELD.guest_ia32_pat)) : undefined;
      case MSR.efer:
        return halves(hw.readWide(FIELD.guest_ia32_efer));
      case MSR.sysenterCs:
      case MSR.sysenterEsp:
      case MSR.sysenterEip:
        return this.has("SEP") ? this.sysenter(vcpu, index) : undefined;
      case MSR.tscDeadline:
        if (!vcpu.userspace.hasTscDeadline || vcpu.apic.lapic === undefined) return undefined;
        vcpu.userspace.syncClock();
        return vcpu.apic.lapic.readTscDeadline();
      case MSR.xss: {
        const lo = this.has("XSAVES") ? hw.rdmsr(index) : undefined;
        return lo === undefined ? undefined : { lo, hi: hw.hi };
      }
      default:
        break;
    }
    if (index >= MSR.x2apicFirst && index <= MSR.x2apicLast) {
      vcpu.userspace.syncClock();
      return vcpu.apic.lapic?.readMsr(index);
    }
    return this.isStored(index) ? halves(this.stored.get(index) ?? 0n) : undefined;
  }

  /** WRMSR with an exit; false means #GP. */
  write(vcpu: Vcpu, index: number, lo: number, hi: number): boolean {
    const { hw } = vcpu;
    const value = (BigInt(hi) << 32n) | BigInt(lo);
    if (index === MSR.featureControl) return vcpu.nested?.writeMsr(index, value) ?? false;
    switch (index) {
      case MSR.tsc:
        return this.moveTsc(
          vcpu,
          value - (BigInt(vcpu.userspace.now()) + hw.readWide(FIELD.tsc_offset)),
        );
      case MSR.tscAdjust:
        if (!this.has("TSC_ADJUST")) return false;
        return this.moveTsc(vcpu, value - (this.stored.get(MSR.tscAdjust) ?? 0n));
      case MSR.apicBase: {
        vcpu.userspace.syncClock();
        return vcpu.apic.lapic?.setBase(lo, hi) ?? false;
      }
      case MSR.biosSignId:
        return true;
      case MSR.mtrrCap:
      case MSR.mcgCap:
        return false;
      case MSR.debugctl:
        if ((value & ~DEBUGCTL_DEFINED) !== 0n) return false;
        hw.write(FIELD.guest_ia32_debugctl, lo, hi);
        return true;
      case MSR.pat:
        if (!this.has("PAT") || !isPat(value)) return false;
        hw.write(FIELD.guest_ia32_pat, lo, hi);
        return true;
      case MSR.efer:
        return setEfer(vcpu, value);
      case MSR.tscDeadline: {
        const { lapic } = vcpu.apic;
        if (!vcpu.userspace.hasTscDeadline || lapic === undefined) return false;
        vcpu.userspace.syncClock();
        lapic.writeTscDeadline(lo, hi);
        return true;
      }
      case MSR.xss:
        return this.has("XSAVES") && hw.wrmsr(index, lo, hi);
      default:
        break;
    }
    if (index >= MSR.x2apicFirst && index <= MSR.x2apicLast) {
      vcpu.userspace.syncClock();
      return vcpu.apic.lapic?.writeMsr(index, lo, hi) ?? false;
    }
    if (!this.isStored(index) || !this.isWritable(index, value)) return false;
    this.stored.set(index, value);
    return true;
  }

  private sysenter(vcpu: Vcpu, index: number): MsrHalves {
    const field = {
      [MSR.sysenterCs]: FIELD.guest_ia32_sysenter_cs,
      [MSR.sysenterEsp]: FIELD.guest_ia32_sysenter_esp,
      [MSR.sysenterEip]: FIELD.guest_ia32_sysenter_eip,
    }[index]!;
    return halves(vcpu.hw.readWide(field));
  }

  /** Moves the guest's TSC by `change`, IA32_TSC_ADJUST with it. */
  private moveTsc(vcpu: Vcpu, change: bigint): boolean {
    const { hw } = vcpu;
    hw.writeWide(FIELD.tsc_offset, BigInt.asUintN(64, hw.readWide(FIELD.tsc_offset) + change));
    const { tscOffset } = vcpu;
    const old = (BigInt(tscOffset.hi) << 32n) | BigInt(tscOffset.lo);
    const offset = BigInt.asUintN(64, old + change);
    // While L2 is active, the VMCS at hand is not the one of L1.
    if (vcpu.guestMode) vcpu.nested!.tscMoved = true;
    vcpu.tscOffset.lo = Number(offset & 0xffffffffn);
    vcpu.tscOffset.hi = Number(offset >> 32n);
    const adjust = (this.stored.get(MSR.tscAdjust) ?? 0n) + change;
    this.stored.set(MSR.tscAdjust, BigInt.asUintN(64, adjust));
    vcpu.apic.lapic?.tscChanged();
    return true;
  }

  private isStored(index: number): boolean {
    if (index === MSR.miscEnable || index === MSR.mcgStatus) return true;
    if (index === MSR.tscAdjust) return this.has("TSC_ADJUST");
    if (index >= MSR.k7Pmu && index < MSR.k7Pmu + 8) return this.has("SYSCALL_LEGACY");
    if (!this.has("MTRR")) return false;
    if (index === MSR.mtrrDefType) return true;
    return isVariableMtrr(index) || (MTRR_FIXED as readonly number[]).includes(index);
  }

  private isWritable(index: number, value: bigint): boolean {
    const reserved = value >> BigInt(this.physicalAddressBits) !== 0n;
    if (index === MSR.miscEnable) return (value & ~MISC_ENABLE_WRITABLE) === 0n;
    if (index === MSR.mcgStatus) return value === 0n;
    if (index === MSR.mtrrDefType) return (value & ~0xcffn) === 0n && isMtrrType(value & 0xffn);
    if (isVariableMtrr(index)) {
      if (reserved) return false;
      if ((index & 1) !== 0) return (value & 0x7ffn) === 0n;
      return (value & 0xf00n) === 0n && isMtrrType(value & 0xffn);
    }
    if (!(MTRR_FIXED as readonly number[]).includes(index)) return true;
    return bytesOf(value).every(isMtrrType);
  }
}

/** CR4 bits by the features that bring them. */
function cr4Of(has: (feature: string) => boolean): number {
  const rows: readonly (readonly [string, number])[] = [
    ["VME", CR4.VME | CR4.PVI],
    ["FXSR", CR4.OSFXSR],
    ["UMIP", CR4.UMIP],
    ["VMX", CR4.VMXE],
    ["LA57", CR4.LA57],
    ["FSGSBASE", CR4.FSGSBASE],
    ["PCID", CR4.PCIDE],
    ["XSAVE", CR4.OSXSAVE],
    ["SMEP", CR4.SMEP],
    ["SMAP", CR4.SMAP],
    ["PKU", CR4.PKE],
  ];
  const always =
    CR4.TSD | CR4.DE | CR4.PSE | CR4.PAE | CR4.MCE | CR4.PGE | CR4.PCE | CR4.OSXMMEXCPT;
  return rows.reduce((bits, [feature, own]) => (has(feature) ? bits | own : bits), always);
}

function isVariableMtrr(index: number): boolean {
  return index >= MSR.mtrrVariable && index < MSR.mtrrVariable + MTRR_VARIABLE_MSRS;
}

function bytesOf(value: bigint): bigint[] {
  return Array.from({ length: 8 }, (_, i) => (value >> BigInt(i * 8)) & 0xffn);
}

function isMtrrType(type: bigint): boolean {
  return type === 0n || type === 1n || (type >= 4n && type <= 6n);
}

function isPat(value: bigint): boolean {
  return bytesOf(value).every((type) => type <= 7n && type !== 2n && type !== 3n);
}
