/** Events of L0 in the words of the kernel's trace points, for people who know KVM. */
import { REASON } from "../generated/vmx.ts";
import type { ShadowPage } from "./nested/shadow-page.ts";

export interface KvmEvent {
  /** Virtual time in nanoseconds. */
  readonly time: number;
  readonly pcpu: number;
  /** Thread: a vCPU, a notifier's caller, userspace. */
  readonly actor: string;
  readonly name: string;
  readonly text: string;
}

const hex = (value: number | bigint) => `0x${value.toString(16)}`;

const REASON_NAMES = new Map<number, string>(
  Object.entries(REASON).map(([name, number]) => [number, name.toUpperCase()]),
);

/** Name of a basic exit reason as KVM's traces print it. */
export function reasonName(reason: number): string {
  const basic = REASON_NAMES.get(reason & 0xffff) ?? `UNKNOWN(${reason & 0xffff})`;
  return reason >= 0x80000000 ? `FAILED_VMENTRY ${basic}` : basic;
}

export class KvmTrace {
  private readonly now: () => number;
  private readonly where: () => { pcpu: number; actor: string };
  private readonly sink: (event: KvmEvent) => void;

  constructor(
    sink: (event: KvmEvent) => void,
    now: () => number,
    where: () => { pcpu: number; actor: string },
  ) {
    this.sink = sink;
    this.now = now;
    this.where = where;
  }

  emit(name: string, text: string): void {
    this.sink({ time: this.now(), ...this.where(), name, text });
  }

  entry(vcpu: number, rip: bigint): void {
    this.emit("kvm_entry", `vcpu ${vcpu}, rip ${hex(rip)}`);
  }

  exit(vcpu: number, reason: number, rip: bigint, info1: bigint, info2: number): void {
    this.emit(
      "kvm_exit",
      `vcpu ${vcpu} reason ${reasonName(reason)} rip ${hex(rip)} info1 ${hex(info1)} info2 ${hex(info2)}`,
    );
  }

  nestedVmenter(vcpu: number, vmcs: number, rip: bigint): void {
    this.emit("kvm_nested_vmenter", `vcpu ${vcpu} vmcs: ${hex(vmcs)} rip: ${hex(rip)}`);
  }

  nestedVmexit(vcpu: number, reason: number, rip: bigint, info1: bigint): void {
    this.emit(
      "kvm_nested_vmexit",
      `vcpu ${vcpu} reason ${reasonName(reason)} rip ${hex(rip)} info1 ${hex(info1)}`,
    );
  }

  pageFault(vcpu: number, rip: bigint, gpa: number, error: number): void {
    this.emit(
      "kvm_page_fault",
      `vcpu ${vcpu} rip ${hex(rip)} address ${hex(gpa)} error_code ${hex(error)}`,
    );
  }

  setSpte(gfn: number, level: number, pfn: number, lo: number): void {
    this.emit(
      "kvm_tdp_mmu_spte_changed",
      `gfn ${hex(gfn)} level ${level} pfn ${hex(pfn)} bits ${hex(lo & 0xfff)}`,
    );
  }

  /** A table of EPT02 is made, synced, made unsync or zapped. */
  mmuPage(name: string, { level, gfn, role, references }: ShadowPage): void {
    const kind = role.direct ? " direct" : "";
    const rights = ["r", "w", "x"]
      .map((right, i) => ((role.access >> i) & 1 ? right : "-"))
      .join("");
    const flags = role.adDisabled ? " !ad" : "";
    this.emit(name, `gfn ${hex(gfn)} l${level}${kind} ${rights}${flags} root ${references}`);
  }

  zap(start: number, end: number, flush: boolean): void {
    this.emit("kvm_mmu_zap_gfn_range", `gfn ${hex(start)}-${hex(end)} flush ${Number(flush)}`);
  }

  unmapHvaRange(start: number, end: number): void {
    this.emit("kvm_unmap_hva_range", `mmu notifier unmap range: ${hex(start)} -- ${hex(end)}`);
  }

  flushRequest(site: string): void {
    this.emit("kvm_flush_remote_tlbs", site);
  }

  flush(vcpu: number, kind: string): void {
    this.emit("kvm_tlb_flush", `vcpu ${vcpu} ${kind}`);
  }

  apic(write: boolean, offset: number, value: number): void {
    this.emit("kvm_apic", `apic_${write ? "write" : "read"} ${hex(offset)} = ${hex(value)}`);
  }

  apicAcceptIrq(vcpu: number, vector: number): void {
    this.emit("kvm_apic_accept_irq", `apicid ${vcpu} vec ${vector}`);
  }

  apicAccessPage(vcpu: number, hpa: number, retry: boolean): void {
    this.emit("kvm_apic_access_page", `vcpu ${vcpu} ${retry ? "retry" : `hpa ${hex(hpa)}`}`);
  }

  injectVirq(vector: number): void {
    this.emit("kvm_inj_virq", `IRQ ${hex(vector)}`);
  }

  injectException(vector: number, error: number | undefined): void {
    const code = error === undefined ? "" : ` (${hex(error)})`;
    this.emit("kvm_inj_exception", `#${vector}${code}`);
  }

  pio(write: boolean, port: number, size: number, value: number): void {
    this.emit(
      "kvm_pio",
      `pio_${write ? "write" : "read"} at ${hex(port)} size ${size} count 1 val ${hex(value)}`,
    );
  }

  mmio(write: boolean, gpa: number, size: number, value: number): void {
    this.emit(
      "kvm_mmio",
      `mmio ${write ? "write" : "read"} len ${size} gpa ${hex(gpa)} val ${hex(value)}`,
    );
  }

  msr(write: boolean, index: number, value: bigint, fault: boolean): void {
    this.emit(
      "kvm_msr",
      `msr_${write ? "write" : "read"} ${index.toString(16)} = ${hex(value)}${fault ? " (#GP)" : ""}`,
    );
  }

  cpuid(leaf: number, subleaf: number): void {
    this.emit("kvm_cpuid", `func ${leaf.toString(16)} idx ${subleaf.toString(16)}`);
  }
}

/** One line in the form of ftrace. */
export function ftraceLine(event: KvmEvent): string {
  const seconds = (event.time / 1e9).toFixed(6).padStart(12);
  const cpu = String(event.pcpu).padStart(3, "0");
  return `${event.actor.padStart(16)} [${cpu}] ${seconds}: ${event.name}: ${event.text}`;
}
