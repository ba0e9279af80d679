/**
 * VMCALL outside VMX operation as a guest of QEMU with KVM sees it: a call with its number in RAX
 * and arguments in RBX, RCX, RDX and RSI, whose result comes back in RAX.
 */
import type { Machine } from "../../machine/machine.ts";
import type { LogicalProcessor } from "../../machine/processor.ts";

/** Calls that are answered; the numbers are KVM's. */
const CALL = { pollIrq: 1, sendIpi: 10, yieldTo: 11 } as const;

const NO_SUCH_CALL = -1000n;
const NOT_PERMITTED = -1n;
const INVALID = -22n;

const ICR_LOGICAL = 0x800;

/** Answers the call that `cpu` makes. Always true: VMCALL never raises #UD there. */
export function answerHypercall(machine: Machine, cpu: LogicalProcessor): true {
  const bits = cpu.codeBits === 64 ? 64 : 32;
  const result = cpu.cpl === 0 ? resultOf(machine, cpu, bits) : NOT_PERMITTED;
  cpu.set("rax", BigInt.asUintN(bits, result));
  return true;
}

function resultOf(machine: Machine, cpu: LogicalProcessor, bits: 32 | 64): bigint {
  const argument = (name: "rax" | "rbx" | "rcx" | "rdx" | "rsi") =>
    BigInt.asUintN(bits, cpu.get(name));
  switch (argument("rax")) {
    case BigInt(CALL.pollIrq):
    case BigInt(CALL.yieldTo):
      return 0n;
    case BigInt(CALL.sendIpi):
      return sendIpi(machine, {
        targets: argument("rbx") | (argument("rcx") << BigInt(bits)),
        firstApicId: Number(BigInt.asUintN(32, argument("rdx"))),
        command: Number(BigInt.asUintN(32, argument("rsi"))),
      });
    default:
      return NO_SUCH_CALL;
  }
}

interface IpiCall {
  /** One bit for each processor, beginning with `firstApicId`. */
  readonly targets: bigint;
  readonly firstApicId: number;
  /** Low half of the interrupt command register: vector and delivery mode. */
  readonly command: number;
}

/** Returns how many processors took the interrupt. */
function sendIpi(machine: Machine, { targets, firstApicId, command }: IpiCall): bigint {
  if ((command & ICR_LOGICAL) !== 0) return INVALID;
  const { apicBus, localApics } = machine.platform;
  let taken = 0;
  // APIC IDs are the numbers of the processors.
  for (let id = firstApicId; id < localApics.length; id++) {
    if (((targets >> BigInt(id - firstApicId)) & 1n) === 0n) continue;
    taken += apicBus.send(id, true, false, (command >> 8) & 7, command & 0xff, false);
  }
  return BigInt(taken);
}
