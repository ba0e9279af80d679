/** INVEPT and INVVPID of L1 (handle_invept, handle_invvpid). */
import { FIELD } from "../../generated/vmx.ts";
import { isCanonical } from "../emulate/memory.ts";
import { INVVPID } from "../hardware.ts";
import { queueException, VECTOR_UD } from "../inject.ts";
import type { Vcpu } from "../vcpu.ts";
import { isValidEptp } from "./checks.ts";
import { eptpNumber } from "./ept12.ts";
import { readDescriptor, register, secondRegister } from "./operands.ts";
import { fail, permitted, succeed, VM_ERROR } from "./outcome.ts";
import { type CachedRoot, ep4taOf, hasEpt12, invalidateShadowRoots } from "./roots.ts";
import type { Nested } from "./state.ts";

const CAP_INVEPT = 1n << 20n;
const CAP_INVEPT_TYPES = 24n;
const CAP_INVVPID = 1n << 32n;
const CAP_INVVPID_TYPES = 40n;

function type(vcpu: Vcpu): number {
  const value = register(vcpu, secondRegister(vcpu.hw.read(FIELD.exit_instruction_info)));
  return value > 31n ? 31 : Number(value);
}

export function handleInvept(vcpu: Vcpu): boolean {
  const nested = permitted(vcpu);
  if (nested === undefined) return true;
  const cap = nested.caps.eptVpid;
  if ((cap & CAP_INVEPT) === 0n) {
    queueException(vcpu, VECTOR_UD);
    return true;
  }
  const kind = type(vcpu);
  if (((cap >> (CAP_INVEPT_TYPES + BigInt(kind))) & 1n) === 0n || kind > 2) {
    return fail(vcpu, nested, VM_ERROR.invalidOperand);
  }
  const operand = readDescriptor(vcpu);
  if (operand === undefined) return true;
  if (kind === 2) {
    invalidateContexts(nested);
    return succeed(vcpu);
  }
  const lo = Number(operand.low & 0xffffffffn);
  const hi = Number(operand.low >> 32n);
  if (!isValidEptp(nested, lo, hi)) return fail(vcpu, nested, VM_ERROR.invalidOperand);
  invalidateContexts(nested, eptpNumber(lo, hi));
  return succeed(vcpu);
}

/**
 * Drops the roots for the EP4TA of an EPTP, or all without one. The next entry of L2 finds its root anew,
 * which is synced and flushed then.
 */
export function invalidateContexts(nested: Nested, named?: number): void {
  const { policy } = nested.vcpu.vm;
  if (policy.skips("InveptHardwareOnly")) {
    nested.vcpu.hw.at("handle_invept").inveptAll();
    return;
  }
  const whole = policy.skips("FullEptpCompare");
  const chosen = ({ eptp }: CachedRoot) => {
    if (named === undefined) return true;
    return whole ? eptp === named : ep4taOf(eptp) === ep4taOf(named);
  };
  invalidateShadowRoots(nested, chosen, policy.skips("OnlyCurrentRoot"));
}

export function handleInvvpid(vcpu: Vcpu): boolean {
  const nested = permitted(vcpu);
  if (nested === undefined) return true;
  const cap = nested.caps.eptVpid;
  if ((cap & CAP_INVVPID) === 0n) {
    queueException(vcpu, VECTOR_UD);
    return true;
  }
  const kind = type(vcpu);
  if (kind > 3 || ((cap >> (CAP_INVVPID_TYPES + BigInt(kind))) & 1n) === 0n) {
    return fail(vcpu, nested, VM_ERROR.invalidOperand);
  }
  const operand = readDescriptor(vcpu);
  if (operand === undefined) return true;
  const vpid = Number(operand.low & 0xffffn);
  const gla = operand.high;
  const needsVpid = kind !== INVVPID.all;
  const bad =
    operand.low >> 16n !== 0n ||
    (needsVpid && vpid === 0) ||
    (kind === INVVPID.address && !isCanonical(vcpu, gla));
  if (bad) return fail(vcpu, nested, VM_ERROR.invalidOperand);
  carryOut(nested, kind, vpid, gla);
  return succeed(vcpu);
}

/** On L0's tags for the VPID of L1. */
function carryOut(nested: Nested, kind: number, vpid12: number, gla: bigint): void {
  const { vcpu } = nested;
  const { hw, vm } = vcpu;
  const { policy } = vm;
  if (policy.skips("InvvpidIgnored") && !hasEpt12(nested)) return;
  if (nested.vpid02 === 0) return;
  const named = kind === INVVPID.all ? undefined : vpid12;
  const vpids = policy.skips("InvvpidOnVpid01")
    ? [vcpu.vpid01]
    : vm.strategy.vpidsOfL1(vcpu, named);
  hw.at("handle_invvpid");
  const { shadowRoot } = nested;
  if (policy.skips("InvvpidByInvept") && shadowRoot !== undefined) {
    hw.inveptSingle(vcpu.eptpOf(shadowRoot.page));
    return;
  }
  const flush = () => {
    for (const vpid of vpids) {
      if (kind !== INVVPID.address) hw.invvpid(INVVPID.single, vpid);
      else hw.invvpid(kind, vpid, Number(gla & 0xffffffffn), Number(gla >> 32n));
    }
  };
  const elsewhere = policy.skips("InvvpidElsewhere")
    ? vm.pcpus.at(vcpu.pcpu!.index - 1)
    : undefined;
  if (elsewhere === undefined) flush();
  else elsewhere.onThis(flush);
}
