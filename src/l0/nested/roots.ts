/** Which tables a vCPU uses for L2: those of L2 without EPT, or EPT02 for the EPTP of vmcs12. */
import { FIELD, SECONDARY } from "../../generated/vmx.ts";
import { PRIVATE_SLOT } from "../memslots.ts";
import { REQ } from "../requests.ts";
import type { Task } from "../scheduler.ts";
import type { Root } from "../tdp/mmu.ts";
import type { Vcpu } from "../vcpu.ts";
import { EPT, type Ept12, ept12Of, eptpNumber } from "./ept12.ts";
import { roleWord, ShadowPage, type ShadowRole } from "./shadow-page.ts";
import { getShadowPage, makePagesAvailable } from "./shadow-sync.ts";
import type { Nested } from "./state.ts";

/** KVM_MMU_NUM_PREV_ROOTS */
const PREVIOUS_ROOTS = 3;
const PAGE_BYTES = 4096;

/** A root that a vCPU has for an EPTP of L1's (struct kvm_mmu_root_info). */
export interface CachedRoot {
  readonly page: ShadowPage;
  readonly eptp: number;
}

/** EP4TA of an EPTP: bits 51:12. */
export const ep4taOf = (eptp: number) => Math.floor(eptp / PAGE_BYTES) % 2 ** 40;

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
  const { vmcs12, eptFormat } = nested;
  const lo = vmcs12.lo(FIELD.eptp);
  const hi = vmcs12.hi(FIELD.eptp);
  const known = nested.ept12;
  if (known !== undefined && known.eptp === eptpNumber(lo, hi)) return known;
  nested.ept12 = ept12Of(lo, hi, eptFormat);
  return nested.ept12;
}

/** Role of the root for EPT12 (kvm_calc_shadow_ept_root_page_role). */
function roleOf(ept: Ept12): ShadowRole {
  const { levels: level, accessedDirty } = ept;
  return {
    level,
    direct: false,
    guestMode: true,
    asId: 0,
    adDisabled: !accessedDirty,
    access: EPT.all,
  };
}

/** is_root_usable */
function isUsable(root: CachedRoot | undefined, ept: Ept12): boolean {
  if (root === undefined || root.page.invalid) return false;
  return root.eptp === ept.eptp && root.page.word === roleWord(roleOf(ept));
}

/** Takes L2's tables into use, if they are there already; vmcs02 is current. */
export function useL2Root(nested: Nested): void {
  const { vcpu } = nested;
  nested.root01 = vcpu.root;
  if (hasEpt12(nested)) newEptp(nested);
  else vcpu.root = nested.directRoot;
  vcpu.makeRequest(REQ.loadMmuPgd);
}

/** The EPTP of vmcs12 has changed while L2 is, or comes to be, active (nested_ept_new_eptp). */
export function newEptp(nested: Nested): void {
  const { vcpu } = nested;
  switchRoot(nested, ept12(nested));
  vcpu.root = nested.shadowRoot?.page;
  vcpu.makeRequest(REQ.loadMmuPgd);
}

/** Makes the root for an EPTP the current one; the others stay as previous ones (fast_pgd_switch). */
function switchRoot(nested: Nested, ept: Ept12): void {
  const { previousRoots, shadowRoot, vcpu } = nested;
  if (shadowRoot?.page.isDummy) {
    nested.shadowRoot = undefined;
  } else if (isUsable(shadowRoot, ept)) {
    reuse(vcpu, shadowRoot!.page);
    return;
  } else {
    const place = previousRoots.findIndex((root) => isUsable(root, ept));
    const found = place < 0 ? undefined : previousRoots.splice(place, 1)[0];
    if (shadowRoot !== undefined) previousRoots.unshift(shadowRoot);
    nested.shadowRoot = found;
    if (found !== undefined) reuse(vcpu, found.page);
    for (const root of previousRoots.splice(PREVIOUS_ROOTS)) free(nested, root);
  }
}

function reuse(vcpu: Vcpu, page: ShadowPage): void {
  page.writeFloods = 0;
  vcpu.vm.strategy.rootReused(vcpu, page);
}

/** Goes back to L1's tables; vmcs01 is current. */
export function useL1Root(nested: Nested): void {
  const { vcpu } = nested;
  vcpu.root = nested.root01;
  nested.root01 = undefined;
}

/** A root for L2 where there is none (mmu_alloc_shadow_roots); under mmu_lock for writing. */
export function* makeL2Root(nested: Nested): Task<Root> {
  const { vcpu } = nested;
  const { vm } = vcpu;
  if (!hasEpt12(nested)) {
    const guestMode = !vm.policy.skips("SharedDirectRoot");
    const role = { ...vm.rootRole(0, !vcpu.config.eptAccessedDirty), guestMode };
    nested.directRoot = vm.tdp.getRoot(role);
    return nested.directRoot;
  }
  const ept = ept12(nested);
  const role = roleOf(ept);
  yield* makePagesAvailable(vm);
  const page = isVisible(vcpu, ept.root)
    ? yield* getShadowPage(vcpu, ept.root, role)
    : vm.shadow.dummy(role);
  page.references++;
  nested.shadowRoot = { page, eptp: ept.eptp };
  return page;
}

/** Memory of L1's own lies there (kvm_is_visible_gfn). */
function isVisible({ vm }: Vcpu, gfn: number): boolean {
  const slot = vm.slotOf(gfn);
  return slot !== undefined && !slot.invalid && slot.id < PRIVATE_SLOT.tss;
}

/** The root stays with the VM, for whoever comes to EPT12's root again (mmu_free_root_page). */
function free({ vcpu }: Nested, { page }: CachedRoot): void {
  vcpu.vm.strategy.rootFreed(vcpu, page);
  if (!page.isDummy) vcpu.vm.shadow.putRoot(page);
}

/** Drops all roots of EPT02 that this vCPU has (kvm_mmu_free_roots of guest_mmu). */
export function freeShadowRoots(nested: Nested): void {
  invalidateShadowRoots(nested, () => true);
}

/** Gives chosen roots back, those used before included unless `onlyCurrent`. */
export function invalidateShadowRoots(
  nested: Nested,
  chosen: (root: CachedRoot) => boolean,
  onlyCurrent = false,
): void {
  const { previousRoots, shadowRoot } = nested;
  if (shadowRoot !== undefined && chosen(shadowRoot)) {
    nested.shadowRoot = undefined;
    free(nested, shadowRoot);
  }
  if (onlyCurrent) return;
  for (const root of previousRoots.splice(0)) {
    if (chosen(root)) free(nested, root);
    else previousRoots.push(root);
  }
}

/** Roots of the vCPU other than the current one that have the EP4TA of vmcs12's EPTP. */
export function siblingRoots(nested: Nested): ShadowPage[] {
  const { root } = ept12(nested);
  return nested.previousRoots.filter(({ eptp }) => ep4taOf(eptp) === root).map(({ page }) => page);
}

/** Gives roots back that became obsolete (kvm_mmu_free_obsolete_roots); under mmu_lock for writing. */
export function freeObsoleteL2Roots(vcpu: Vcpu): void {
  const { nested, vm } = vcpu;
  if (nested === undefined) return;
  const { directRoot, root01 } = nested;
  const { root } = vcpu;
  // It cannot be known of a root that shadows nothing whether it is obsolete.
  const isGone = (page: ShadowPage) => page.isDummy || vm.shadow.isObsolete(page);
  if (root instanceof ShadowPage ? isGone(root) : vcpu.guestMode && root?.invalid) {
    vcpu.root = undefined;
  }
  invalidateShadowRoots(nested, ({ page }) => isGone(page));
  if (directRoot?.invalid) {
    nested.directRoot = undefined;
    vm.putRoot(directRoot);
  }
  if (root01?.invalid) {
    nested.root01 = undefined;
    vm.putRoot(root01);
  }
}

/** Whether a root in use must not get any more entries: it was made in another generation. */
export function isObsoleteRoot({ vm }: Vcpu, root: Root): boolean {
  if (!(root instanceof ShadowPage)) return root.invalid;
  return !root.isDummy && vm.shadow.isObsolete(root);
}

/** Flushes that L1 would see at a transition (nested_vmx_transition_tlb_flush). */
export function transitionFlush(nested: Nested, isEntry: boolean): void {
  const { vcpu, vmcs12, lastVpid } = nested;
  const { policy } = vcpu.vm;
  const vpidOn = (secondary12(nested) & SECONDARY.enable_vpid) !== 0;
  if (!vpidOn) {
    if (policy.skips("FlushOldContext")) flushOldContext(nested);
    else if (!policy.skips("NoTransitionFlush")) vcpu.makeRequest(REQ.tlbFlushGuest);
    return;
  }
  const vpid12 = vmcs12.lo(FIELD.vpid);
  if (!isEntry) return;
  nested.lastVpid = vpid12;
  const wanted = !policy.skips("CompareOnlyNonzero") || lastVpid === 0;
  if (wanted) vcpu.vm.strategy.nestedVpid(vcpu, vpid12, lastVpid);
}

/** The tables of L1, as if those were in use still: translations of L2 are tagged by its own. */
function flushOldContext({ vcpu, root01 }: Nested): void {
  const root = vcpu.guestMode ? root01 : vcpu.root;
  if (root !== undefined)
    vcpu.hw.at("nested_vmx_transition_tlb_flush").inveptSingle(vcpu.eptpOf(root));
}
