/** INVLPG and INVPCID, where they exit (handle_invlpg, handle_invpcid). */

import { FIELD } from "../../generated/vmx.ts";
import { readCr4 } from "../control-registers.ts";
import { isCanonical } from "../emulate/memory.ts";
import { INVVPID } from "../hardware.ts";
import { queueException, VECTOR_GP } from "../inject.ts";
import { readDescriptor, register, secondRegister } from "../nested/operands.ts";
import { REQ } from "../requests.ts";
import type { Vcpu } from "../vcpu.ts";
import { CR4 } from "../vmcs01.ts";

const TYPE = { address: 0n, context: 1n, last: 3n } as const;
const PCID_BITS = 12n;

/** vmx_flush_tlb_gva */
function flushAddress(vcpu: Vcpu, gla: bigint): void {
  if (vcpu.vpid === 0) {
    vcpu.makeRequest(REQ.tlbFlushGuest);
    return;
  }
  const [lo, hi] = [Number(gla & 0xffffffffn), Number(gla >> 32n)];
  vcpu.hw.at("vmx_flush_tlb_gva").invvpid(INVVPID.address, vcpu.vpid, lo, hi);
}

export function handleInvlpg(vcpu: Vcpu): boolean {
  const gla = vcpu.hw.readWide(FIELD.exit_qualification);
  if (!vcpu.vm.policy.skips("NoFlushOnInvpcid")) flushAddress(vcpu, gla);
  vcpu.skip();
  return true;
}

/** kvm_handle_invpcid: with EPT, what L1's tables gave is cached in the processor alone. */
export function handleInvpcid(vcpu: Vcpu): boolean {
  const info = vcpu.hw.read(FIELD.exit_instruction_info);
  const type = register(vcpu, secondRegister(info));
  const operand = type > TYPE.last ? undefined : readDescriptor(vcpu);
  if (type <= TYPE.last && operand === undefined) return true;
  const bad = operand === undefined || isBad(vcpu, type, operand.low, operand.high);
  if (bad) {
    queueException(vcpu, VECTOR_GP, 0);
    return true;
  }
  if (!vcpu.vm.policy.skips("NoFlushOnInvpcid")) {
    if (type === TYPE.address) flushAddress(vcpu, operand.high);
    else vcpu.makeRequest(REQ.tlbFlushGuest);
  }
  vcpu.skip();
  return true;
}

function isBad(vcpu: Vcpu, type: bigint, pcid: bigint, gla: bigint): boolean {
  if (pcid >> PCID_BITS !== 0n) return true;
  const hasPcids = (readCr4(vcpu) & BigInt(CR4.PCIDE)) !== 0n;
  if (type <= TYPE.context && pcid !== 0n && !hasPcids) return true;
  return type === TYPE.address && !isCanonical(vcpu, gla);
}
