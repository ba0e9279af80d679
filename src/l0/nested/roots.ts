/** Which tables a vCPU uses for L2: those of L2 without EPT, or EPT02 for the EPTP of vmcs12. */
import { FIELD, SECONDARY } from "../../generated/vmx.ts";
import { REQ } from "../requests.ts";
import type { Root } from "../tdp/mmu.ts";
import type { Vcpu } from "../vcpu.ts";
import { type Ept12, ept12Of } from "./ept12.ts";
import type { ShadowRoot } from "./shadow-mmu.ts";
import type { Nested } from "./state.ts";

const PREVIOUS_ROOTS = 3;

/** Secondary controls of vmcs12, 0 when they are not active. */
export function secondary12(nested: Nested): number {
  const active = (nested.vmcs12.lo(FIELD.primary_proc_controls) & 0x80000000) !== 0;
  return active ? nested.vmcs12.lo(FIELD.secondary_proc_controls) : 0;
}

export function hasEpt12(nested: Nested): boolean {
  return (secondary12(nested) & SECONDARY.enable_ept) !== 0;
}

/** EPT12 of the current vmcs12. */
export function ept12(nested: Nested): Ept12 {
  const { vmcs12, vcpu, caps } = nested;
  return ept12Of(
    vmcs12.lo(FIELD.eptp),
    vmcs12.hi(FIELD.eptp),
    caps.eptVpid,
    vcpu.msrs.physicalAddressBits,
  );
}

function matches(nested: Nested, root: ShadowRoot | undefined): boolean {
  if (root === undefined || root.invalid) return false;
  const ept = ept12(nested);
  return root.ep4ta === ept.root && root.role.adDisabled === !ept.accessedDirty;
}

/** Takes L2's tables into use, if they are there already (kvm_mmu_new_pgd); vmcs02 is current. */
export function useL2Root(nested: Nested): void {
  const { vcpu } = nested;
  nested.root01 = vcpu.root;
  if (hasEpt12(nested)) {
    useEptp12(nested);
    return;
  }
  vcpu.root = nested.directRoot;
  if (vcpu.root !== undefined) vcpu.writeEptp();
}

/** Takes the root for vmcs12's EPTP into use, if there is one; else the next entry makes it. */
export function useEptp12(nested: Nested): void {
  const { vcpu } = nested;
  rotateRoots(nested);
  vcpu.root = nested.shadowRoot;
  if (vcpu.root !== undefined) vcpu.writeEptp();
}

/** Makes the root for vmcs12's EPTP the current one; the others stay as previous ones. */
function rotateRoots(nested: Nested): void {
  const { previousRoots } = nested;
  if (matches(nested, nested.shadowRoot)) return;
  const place = previousRoots.findIndex((root) => matches(nested, root));
  const found = place < 0 ? undefined : previousRoots.splice(place, 1)[0];
  if (nested.shadowRoot !== undefined) previousRoots.unshift(nested.shadowRoot);
  nested.shadowRoot = found;
  const dropped = previousRoots.splice(PREVIOUS_ROOTS);
  for (const root of dropped) dropRoot(nested, root);
}

/** Goes back to L1's tables; vmcs01 is current. */
export function useL1Root(nested: Nested): void {
  const { vcpu } = nested;
  vcpu.root = nested.root01;
  nested.root01 = undefined;
}

/** A root for L2 where there is none (kvm_mmu_load); under mmu_lock for writing. */
export function makeL2Root(nested: Nested): Root {
  const { vcpu } = nested;
  const { vm } = vcpu;
  if (!hasEpt12(nested)) {
    const role = { ...vm.rootRole(0, !vcpu.config.eptAccessedDirty), guestMode: true };
    nested.directRoot = vm.tdp.getRoot(role);
    return nested.directRoot;
  }
  const ept = ept12(nested);
  nested.shadowRoot = vm.shadow.makeRoot(ept.root, ept.accessedDirty);
  return nested.shadowRoot;
}

function dropRoot(nested: Nested, root: ShadowRoot): void {
  const { vcpu } = nested;
  const { shadow } = vcpu.vm;
  shadow.dropRoot(root);
  vcpu.hw.at("kvm_mmu_free_roots").inveptSingle(vcpu.eptpOf(root));
  shadow.freeUnlinked();
}

/** Drops all roots of EPT02 that this vCPU has (kvm_mmu_free_roots of guest_mmu). */
export function freeShadowRoots(nested: Nested): void {
  invalidateShadowRoots(nested, () => true);
}

/** L1's INVEPT: roots for the EP4TA go, those used before included. */
export function invalidateShadowRoots(nested: Nested, chosen: (root: ShadowRoot) => boolean): void {
  const { previousRoots, shadowRoot } = nested;
  if (shadowRoot !== undefined && chosen(shadowRoot)) {
    nested.shadowRoot = undefined;
    dropRoot(nested, shadowRoot);
  }
  for (const root of previousRoots.splice(0)) {
    if (chosen(root)) dropRoot(nested, root);
    else previousRoots.push(root);
  }
}

/** Gives roots back that became obsolete (kvm_mmu_free_obsolete_roots); under mmu_lock for writing. */
export function freeObsoleteL2Roots(vcpu: Vcpu): void {
  const { nested, vm } = vcpu;
  if (nested === undefined) return;
  const { directRoot, root01 } = nested;
  if (vcpu.root?.invalid && vcpu.guestMode) vcpu.root = undefined;
  invalidateShadowRoots(nested, (root) => root.invalid);
  if (directRoot?.invalid) {
    nested.directRoot = undefined;
    vm.putRoot(directRoot);
  }
  if (root01?.invalid) {
    nested.root01 = undefined;
    vm.putRoot(root01);
  }
}

/** Flushes that L1 would see at a transition (nested_vmx_transition_tlb_flush). */
export function transitionFlush(nested: Nested, isEntry: boolean): void {
  const { vcpu, vmcs12 } = nested;
  const vpidOn = (secondary12(nested) & SECONDARY.enable_vpid) !== 0;
  if (!vpidOn) {
    vcpu.makeRequest(REQ.tlbFlushGuest);
  } else if (isEntry && vmcs12.lo(FIELD.vpid) !== nested.lastVpid) {
    nested.lastVpid = vmcs12.lo(FIELD.vpid);
    vcpu.makeRequest(REQ.tlbFlushGuest);
  }
}
