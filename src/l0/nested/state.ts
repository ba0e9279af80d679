/** What L0 keeps of a vCPU on which L1 may run guests of its own (struct nested_vmx). */
import { FIELD, SECONDARY } from "../../generated/vmx.ts";
import type { DeferredVmcs01 } from "../apic/access-page.ts";
import { PAGE_BYTES } from "../frames.ts";
import type { LoadedVmcs } from "../pcpu.ts";
import { REQ } from "../requests.ts";
import type { Root } from "../tdp/mmu.ts";
import type { Vcpu } from "../vcpu.ts";
import { NestedCapabilities } from "./capabilities.ts";
import type { OwnState } from "./entry.ts";
import { type Ept12, type EptFormat, eptFormat } from "./ept12.ts";
import { type CachedRoot, freeShadowRoots, secondary12 } from "./roots.ts";
import { ShadowVmcs } from "./shadow-vmcs.ts";
import { loadTimer } from "./timer.ts";
import { Vmcs12 } from "./vmcs12.ts";

export const NO_VMCS12 = -1;
const NO_LINK = 0xffff_ffff_ffff_ffffn;

/** A nested VM exit that the thread has to carry out at its next chance. */
export interface PendingExit {
  readonly reason: number;
  readonly qualification: bigint;
  /** L2 guest-physical address, for EPT violations and misconfigurations. */
  readonly gpa?: number;
  /** The guest-linear address, if it is valid. */
  readonly gla?: bigint;
}

/** Frames of L1 that vmcs02 names, referenced from nested entry to nested exit. */
export interface PinnedPages {
  apicAccess: number | undefined;
  virtualApic: number | undefined;
  postedInterrupt: number | undefined;
}

export class Nested {
  readonly vcpu: Vcpu;
  readonly caps: NestedCapabilities;
  readonly vmcs12 = new Vmcs12();
  /** Guest-physical address of the current vmcs12. */
  current = NO_VMCS12;
  /** L1 is in VMX operation, with this region. */
  vmxon = false;
  vmxonRegion = 0;
  featureControl = 0;
  vmcs02: LoadedVmcs | undefined;
  /** What L1 reads and writes without exits; undefined where the processor cannot do that. */
  shadow: ShadowVmcs | undefined;
  /** The vmcs12 that L2 reads and writes where L1 lets it, from entry to exit. */
  readonly shadow12 = new Vmcs12();
  /** Merged MSR bitmap, and the frame that stands for a page that L1 does not have. */
  msrBitmap = -1;
  blankPage = -1;
  /** vmcs02 has its constant fields. */
  isVmcs02SetUp = false;
  /** Fields other than the frequent ones were written since vmcs02 was prepared. */
  dirty = true;
  /** VMLAUNCH or VMRESUME has succeeded, and L2 has not been entered yet (nested_run_pending). */
  runPending = false;
  /** An exit to L0 is needed as soon as L2 has been entered. */
  immediateExit = false;
  pendingExit: PendingExit | undefined;
  mtfPending = false;
  /** The preemption timer has expired without an exit of the processor for it. */
  timerExpired = false;
  /** When it ends, in its counts of virtual time; infinite when it does not run. */
  timerEnd = Number.POSITIVE_INFINITY;
  /** L2 went to sleep with an interrupt that the processor will deliver to it. */
  virtualPending = false;
  /** L2 has been in HLT, and was not entered since. */
  wasHalted = false;
  /** When the preemption timer expires while L2 is halted; infinite when it does not. */
  timerDeadline = Number.POSITIVE_INFINITY;
  /** The processor is to be notified of posted interrupts of L1's behind the next entry. */
  notify = false;
  /** L1's TSC offset has changed while L2 was active. */
  tscMoved = false;
  /** L2's tag from VMXON to VMXOFF; 0 where the processor has none. */
  vpid02 = 0;
  /** VPID of L1 under which L2 ran last. */
  lastVpid = 0;
  readonly pinned: PinnedPages = {
    apicAccess: undefined,
    virtualApic: undefined,
    postedInterrupt: undefined,
  };
  /** vmcs01 updates that wait for the nested exit, and requests for which it is the same. */
  readonly deferred: DeferredVmcs01 = { reloadApicAccessPage: false };
  deferredRequests = 0;
  /** Root of L1 while L2 is active. */
  root01: Root | undefined;
  /** Root of L2 without EPT of its own. */
  directRoot: Root | undefined;
  /** Roots of EPT02: the one in use, and those used before (prev_roots). */
  shadowRoot: CachedRoot | undefined;
  readonly previousRoots: CachedRoot[] = [];
  /** L1's DEBUGCTL, DR7 and the like as they were at VMLAUNCH. */
  before: OwnState = { debugctl: 0n, dr7: 0n, pat: 0n, efer: 0 };

  /** What entries of EPT12 may hold. */
  readonly eptFormat: EptFormat;
  /** EPT12 of the EPTP asked for last. */
  ept12: Ept12 | undefined;

  constructor(vcpu: Vcpu) {
    this.vcpu = vcpu;
    this.caps = new NestedCapabilities(vcpu.hw, vcpu.msrs.cr4Allowed, vcpu.msrs.has);
    this.eptFormat = eptFormat(this.caps.eptVpid, vcpu.msrs.physicalAddressBits);
  }

  get hasCurrent(): boolean {
    return this.current !== NO_VMCS12;
  }

  /** vmcs02 and the frames that belong to it (enter_vmx_operation). */
  makeVmcs02(): void {
    if (this.vmcs02 !== undefined) return;
    const { vm, config } = this.vcpu;
    const region = vm.frames.allocate();
    vm.hw.core.u32[vm.frames.words(region)] = config.revision & 0x7fffffff;
    this.vmcs02 = { hpa: region * PAGE_BYTES, cpu: -1, launched: false };
    this.msrBitmap = vm.frames.allocate();
    this.blankPage = vm.frames.allocate();
    this.isVmcs02SetUp = false;
    if ((config.secondary & SECONDARY.vmcs_shadowing) !== 0) {
      this.shadow = new ShadowVmcs(
        this.vcpu,
        (field) => this.caps.hasField(field) && this.caps.processorHasField(field),
      );
    }
  }

  /** L1 is in VMX operation from now on (enter_vmx_operation). */
  enterOperation(region: number): void {
    const { vcpu } = this;
    this.makeVmcs02();
    this.vmxon = true;
    this.vmxonRegion = region;
    this.current = NO_VMCS12;
    this.vpid02 = vcpu.vpid01 === 0 ? 0 : vcpu.vm.allocateVpid02();
    // The tag may have been another vCPU's: its first use brings a flush.
    if (!vcpu.vm.policy.skips("KeepLastVpid")) this.lastVpid = 0;
  }

  /** It no longer is; a vmcs12 that has not been released is lost (free_nested). */
  leaveOperation(): void {
    const { vcpu } = this;
    if (!this.vmxon) return;
    this.vmxon = false;
    if (this.hasCurrent) this.shadow?.disable();
    this.current = NO_VMCS12;
    freeShadowRoots(this);
    vcpu.vm.freeVpid02(this.vpid02);
    this.vpid02 = 0;
    // An INIT that had to wait is accepted now.
    vcpu.makeRequest(REQ.event);
  }

  /** Makes the vmcs12 that has been read from `gpa` the current one (set_current_vmptr). */
  setCurrent(gpa: number): void {
    this.current = gpa;
    this.dirty = true;
    this.shadow?.enable();
  }

  /** In front of each entry: L1 finds vmcs12 in the shadow VMCS, L2 what is left of its timer. */
  beforeEntry(): void {
    const { shadow } = this;
    if (this.vcpu.guestMode) loadTimer(this);
    else if (shadow?.isStale) shadow.copyFrom(this.vmcs12);
  }

  /** L1 has given L2 a vmcs12 to read and write. */
  get hasShadow12(): boolean {
    const { vmcs12 } = this;
    const shadowing = (secondary12(this) & SECONDARY.vmcs_shadowing) !== 0;
    return shadowing && vmcs12.wide(FIELD.vmcs_link_pointer) !== NO_LINK;
  }

  /** Reads it at the entry (nested_cache_shadow_vmcs12). */
  cacheShadow12(): void {
    const { vmcs12, shadow12, vcpu } = this;
    if (this.hasShadow12) {
      vcpu.vm.readGuest(vmcs12.address(FIELD.vmcs_link_pointer), shadow12.bytes);
    }
  }

  /** Writes it back at the exit (nested_flush_cached_shadow_vmcs12). */
  flushShadow12(): void {
    const { vmcs12, shadow12, vcpu } = this;
    if (this.hasShadow12) {
      vcpu.vm.writeGuest(vmcs12.address(FIELD.vmcs_link_pointer), shadow12.bytes);
    }
  }

  /** Copies the current vmcs12 to L1's memory and forgets it (nested_release_vmcs12). */
  release(): void {
    if (!this.hasCurrent) return;
    // A page that has to be copied first is met before anything is changed.
    this.vcpu.vm.guestByte(this.current, true);
    this.shadow?.copyTo(this.vmcs12);
    this.shadow?.disable();
    this.vcpu.vm.writeGuest(this.current, this.vmcs12.bytes);
    this.current = NO_VMCS12;
  }

  /** RDMSR of what VMX brings; undefined means #GP. */
  readMsr(index: number): bigint | undefined {
    return index === 0x3a ? BigInt(this.featureControl) : this.caps.read(index);
  }

  /** WRMSR of IA32_FEATURE_CONTROL; capability MSRs are read-only. */
  writeMsr(index: number, value: bigint): boolean {
    if (index !== 0x3a || (this.featureControl & 1) !== 0 || (value & ~5n) !== 0n) return false;
    this.featureControl = Number(value);
    return true;
  }
}
