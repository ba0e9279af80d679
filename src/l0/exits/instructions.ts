/** Exits by instructions without operands in memory. */
import { emulateCpuid } from "../cpuid.ts";
import { queueException, VECTOR_GP } from "../inject.ts";
import { MP_STATE, type Vcpu } from "../vcpu.ts";

const FLAG_IF = 0x200;

export function handleCpuid(vcpu: Vcpu): boolean {
  emulateCpuid(vcpu, vcpu.cpuid);
  vcpu.skip();
  return true;
}

/** HLT: the thread sleeps until an interrupt that may be delivered, an NMI or INIT. */
export function handleHlt(vcpu: Vcpu): boolean {
  vcpu.haltedWithInterrupts = (vcpu.rflags & FLAG_IF) !== 0;
  vcpu.skip();
  vcpu.mpState = MP_STATE.halted;
  return true;
}

/** WBINVD, which L0 executes for its guest (kvm_emulate_wbinvd). */
export function handleWbinvd(vcpu: Vcpu): boolean {
  vcpu.hw.wbinvd();
  vcpu.skip();
  return true;
}

/** INVD, MONITOR, MWAIT, PAUSE: nothing that a guest could notice. */
export function handleNop(vcpu: Vcpu): boolean {
  vcpu.skip();
  return true;
}

/** PAUSE that exits for its loop (handle_pause). */
export function handlePause(vcpu: Vcpu): boolean {
  vcpu.queue?.onSpin(vcpu);
  vcpu.skip();
  return true;
}

/** No performance counters: all of them read 0 where RDPMC is allowed at all. */
export function handleRdpmc(vcpu: Vcpu): boolean {
  queueException(vcpu, VECTOR_GP, 0);
  return true;
}

/** XSETBV; the processor has checked CPL and CR4.OSXSAVE (kvm_emulate_xsetbv). */
export function handleXsetbv(vcpu: Vcpu): boolean {
  const { regs, hw } = vcpu;
  const allowed = vcpu.cpuid.find(0xd, 0);
  const foreign =
    (regs[0]! & ~(allowed?.eax ?? 0)) !== 0 || (regs[4]! & ~(allowed?.edx ?? 0)) !== 0;
  if (regs[2] !== 0 || foreign || !hw.xsetbv(regs[0]!, regs[4]!)) {
    queueException(vcpu, VECTOR_GP, 0);
    return true;
  }
  vcpu.skip();
  return true;
}

/** Answers of hypercalls, as KVM gives them. */
const HYPERCALL = { vapicPollIrq: 1, sendIpi: 10 } as const;
const ENOSYS = -1000n;
const EPERM = -1n;
const RAX = 0;
const RCX = 1;
const RDX = 2;
const RBX = 3;
const RSI = 6;

/**
 * KVM_HC_SEND_IPI: RBX and RCX are a bitmap of APIC IDs from RDX on, RSI an ICR. Returns how many were
 * reached (kvm_pv_send_ipi).
 */
function sendIpis(vcpu: Vcpu): number {
  const half = vcpu.is64BitCode ? 64 : 32;
  const [bitmapLow, first, bitmapHigh, icr] = [RBX, RDX, RCX, RSI].map((index) =>
    BigInt.asUintN(half, vcpu.gpr(index)),
  ) as [bigint, bigint, bigint, bigint];
  const mode = Number((icr >> 8n) & 7n);
  let reached = 0;
  for (const target of vcpu.vm.vcpus) {
    const place = BigInt(target.index) - first;
    if (place < 0n || place >= BigInt(half * 2)) continue;
    const word = place < BigInt(half) ? bitmapLow : bitmapHigh;
    if (((word >> (place % BigInt(half))) & 1n) === 0n) continue;
    if (target.apic.lapic?.receive(mode, Number(icr & 0xffn), false)) reached++;
  }
  return reached;
}

/** VMCALL (kvm_emulate_hypercall): no call does anything yet, and only the kernel may make one. */
export function handleVmcall(vcpu: Vcpu): boolean {
  const number = vcpu.is64BitCode ? vcpu.gpr(RAX) : BigInt(vcpu.low(RAX));
  let result = ENOSYS;
  if (vcpu.cpl !== 0) result = EPERM;
  else if (number === BigInt(HYPERCALL.vapicPollIrq)) result = 0n;
  else if (number === BigInt(HYPERCALL.sendIpi)) result = BigInt(sendIpis(vcpu));
  if (vcpu.is64BitCode) vcpu.setGpr(RAX, BigInt.asUintN(64, result));
  else vcpu.setLow(RAX, Number(BigInt.asUintN(32, result)));
  vcpu.skip();
  return true;
}
