/** Loading of controls and guest state at VM entry (SDM "Loading Guest State"). */
import { CR0_CD, CR0_ET, CR0_NW, CR0_PG, CR4_PAE, EFER_LMA, EFER_LME } from "../cpu/control-bits";
import { loadPdptes } from "../cpu/control-registers";
import { DR7_FIXED } from "../cpu/debug";
import { setArithmeticFlags } from "../cpu/flags";
import { AR_UNUSABLE, setCpl, updateMode, updateSlowMode, updateSpace } from "../cpu/mode";
import { setRsp } from "../cpu/registers";
import { setSegment } from "../cpu/segment";
import { FLUSH_VM_ENTRY } from "../generated/flush-operations";
import {
  ACTIVITY,
  CR0,
  CR3,
  CR4,
  CTL_EXIT,
  CTL_PIN,
  CTL_PRIMARY,
  CTL_SECONDARY,
  CTL_TERTIARY,
  DEBUGCTL,
  DR,
  EFER,
  EPTP,
  FLAGS_REST,
  GDTR_BASE,
  GDTR_LIMIT,
  GUEST_TSC_MULTIPLIER,
  GUEST_TSC_OFFSET,
  IDTR_BASE,
  IDTR_LIMIT,
  INTERRUPTIBILITY,
  PAT,
  PDPTE,
  PENDING_DEBUG,
  PLE_FIRST,
  PLE_LAST,
  RIP,
  SYSENTER_CS,
  SYSENTER_EIP,
  SYSENTER_ESP,
  VAPIC_PTR,
  VMX_EVENTS,
  VPID,
} from "../generated/state";
import {
  ENTERING_IA32E_MODE_GUEST,
  ENTERING_LOAD_DEBUG_CONTROLS,
  ENTERING_LOAD_IA32_EFER,
  ENTERING_LOAD_IA32_PAT,
  PRIMARY_ACTIVATE_SECONDARY_CONTROLS,
  PRIMARY_ACTIVATE_TERTIARY_CONTROLS,
  PRIMARY_USE_TPR_SHADOW,
  PRIMARY_USE_TSC_OFFSETTING,
  SECONDARY_ENABLE_EPT,
  SECONDARY_ENABLE_VPID,
  SECONDARY_USE_TSC_SCALING,
  SECONDARY_VIRTUALIZE_APIC_ACCESSES,
  V_APIC_ACCESS_ADDR,
  V_EPTP,
  V_GUEST_ACTIVITY_STATE,
  V_GUEST_CR0,
  V_GUEST_CR3,
  V_GUEST_CR4,
  V_GUEST_DR7,
  V_GUEST_ES_AR,
  V_GUEST_ES_BASE,
  V_GUEST_ES_LIMIT,
  V_GUEST_ES_SELECTOR,
  V_GUEST_GDTR_BASE,
  V_GUEST_GDTR_LIMIT,
  V_GUEST_IA32_DEBUGCTL,
  V_GUEST_IA32_EFER,
  V_GUEST_IA32_PAT,
  V_GUEST_IA32_SYSENTER_CS,
  V_GUEST_IA32_SYSENTER_EIP,
  V_GUEST_IA32_SYSENTER_ESP,
  V_GUEST_IDTR_BASE,
  V_GUEST_IDTR_LIMIT,
  V_GUEST_INTERRUPTIBILITY,
  V_GUEST_PDPTE0,
  V_GUEST_PENDING_DEBUG,
  V_GUEST_RFLAGS,
  V_GUEST_RIP,
  V_GUEST_RSP,
  V_PIN_BASED_CONTROLS,
  V_PRIMARY_PROC_CONTROLS,
  V_SECONDARY_PROC_CONTROLS,
  V_TERTIARY_EXEC_CONTROLS,
  V_TSC_MULTIPLIER,
  V_TSC_OFFSET,
  V_VIRTUAL_APIC_ADDR,
  V_VMENTRY_CONTROLS,
  V_VMEXIT_CONTROLS,
  V_VPID,
} from "../generated/vmx";
import { frontRightsLoaded } from "../tlb/front";
import { flushVpid0AtTransition } from "../tlb/invalidate";
import { NO_APIC_ACCESS } from "./apic-exit";
import { enterApicAccess } from "./apic-page";
import { regionPointer, vmcsRead } from "./vmcs";

/** Bits of CR0 that VM entries and exits leave alone. */
export const CR0_KEPT: u64 = CR0_ET | CR0_NW | CR0_CD | 0x1ffaffc0;
/** The fields of the eight segment registers follow each other in the order ES to TR. */
const FIELD_BYTES: u32 = 8;
const SEG_SS: u32 = 2;
const SEG_FS: u32 = 4;
const SEG_GS: u32 = 5;
const SEG_TR: u32 = 7;

/** Puts the controls into force. */
export function loadControls(): void {
  const primary = vmcsRead<u32>(V_PRIMARY_PROC_CONTROLS);
  const secondary: u32 =
    (primary & PRIMARY_ACTIVATE_SECONDARY_CONTROLS) != 0
      ? vmcsRead<u32>(V_SECONDARY_PROC_CONTROLS)
      : 0;
  store<u32>(CTL_PIN, vmcsRead<u32>(V_PIN_BASED_CONTROLS));
  store<u32>(CTL_PRIMARY, primary);
  store<u32>(CTL_SECONDARY, secondary);
  const tertiary = (primary & PRIMARY_ACTIVATE_TERTIARY_CONTROLS) != 0;
  store<u32>(CTL_TERTIARY, tertiary ? vmcsRead<u32>(V_TERTIARY_EXEC_CONTROLS) : 0);
  store<u32>(CTL_EXIT, vmcsRead<u32>(V_VMEXIT_CONTROLS));
  const vpid = (secondary & SECONDARY_ENABLE_VPID) != 0;
  store<u32>(VPID, vpid ? (vmcsRead<u16>(V_VPID) as u32) : 0);
  store<u64>(EPTP, (secondary & SECONDARY_ENABLE_EPT) != 0 ? vmcsRead<u64>(V_EPTP) : 0);
  const apicPage = (secondary & SECONDARY_VIRTUALIZE_APIC_ACCESSES) != 0;
  enterApicAccess(apicPage ? vmcsRead<u64>(V_APIC_ACCESS_ADDR) : NO_APIC_ACCESS);
  const shadow = (primary & PRIMARY_USE_TPR_SHADOW) != 0;
  store<u32>(VAPIC_PTR, shadow ? regionPointer(vmcsRead<u64>(V_VIRTUAL_APIC_ADDR)) : 0);
  const offsetting = (primary & PRIMARY_USE_TSC_OFFSETTING) != 0;
  const scaling = offsetting && (secondary & SECONDARY_USE_TSC_SCALING) != 0;
  store<u64>(GUEST_TSC_OFFSET, offsetting ? vmcsRead<u64>(V_TSC_OFFSET) : 0);
  store<u64>(GUEST_TSC_MULTIPLIER, scaling ? vmcsRead<u64>(V_TSC_MULTIPLIER) : 0);
  store<u64>(PLE_FIRST, 0);
  store<u64>(PLE_LAST, 0);
  store<u32>(VMX_EVENTS, 0);
}

function loadSegment(segment: u32): void {
  const at = segment * FIELD_BYTES;
  const selector = vmcsRead<u16>(V_GUEST_ES_SELECTOR + at) as u32;
  let base = vmcsRead<u64>(V_GUEST_ES_BASE + at);
  const limit = vmcsRead<u32>(V_GUEST_ES_LIMIT + at);
  const access = vmcsRead<u32>(V_GUEST_ES_AR + at) & 0x1f0ff;
  // Only FS, GS and the system segments have bases above 4 GiB.
  if (segment < SEG_FS) base &= 0xffffffff;
  if ((access & AR_UNUSABLE) != 0 && segment != SEG_FS && segment != SEG_GS) base = 0;
  setSegment(segment, selector, base, limit, access);
}

/** Loads registers and the MSRs that belong to the guest-state area. */
export function loadGuest(): void {
  const entry = vmcsRead<u32>(V_VMENTRY_CONTROLS);
  const cr0 = (vmcsRead<u64>(V_GUEST_CR0) & ~CR0_KEPT) | (load<u64>(CR0) & CR0_KEPT);
  store<u64>(CR0, cr0);
  store<u64>(CR3, vmcsRead<u64>(V_GUEST_CR3));
  store<u64>(CR4, vmcsRead<u64>(V_GUEST_CR4));
  if ((entry & ENTERING_LOAD_DEBUG_CONTROLS) != 0) {
    store<u64>(DR + 56, (vmcsRead<u64>(V_GUEST_DR7) & 0xffff2bff) | DR7_FIXED);
    store<u64>(DEBUGCTL, vmcsRead<u64>(V_GUEST_IA32_DEBUGCTL));
  }
  store<u64>(SYSENTER_CS, vmcsRead<u32>(V_GUEST_IA32_SYSENTER_CS) as u64);
  store<u64>(SYSENTER_ESP, vmcsRead<u64>(V_GUEST_IA32_SYSENTER_ESP));
  store<u64>(SYSENTER_EIP, vmcsRead<u64>(V_GUEST_IA32_SYSENTER_EIP));
  if ((entry & ENTERING_LOAD_IA32_EFER) != 0) {
    store<u64>(EFER, vmcsRead<u64>(V_GUEST_IA32_EFER));
  } else {
    let efer = load<u64>(EFER) & ~EFER_LMA;
    const long = (entry & ENTERING_IA32E_MODE_GUEST) != 0;
    if (long) efer |= EFER_LMA;
    if ((cr0 & CR0_PG) != 0) efer = long ? efer | EFER_LME : efer & ~EFER_LME;
    store<u64>(EFER, efer);
  }
  if ((entry & ENTERING_LOAD_IA32_PAT) != 0) store<u64>(PAT, vmcsRead<u64>(V_GUEST_IA32_PAT));
  for (let segment: u32 = 0; segment <= SEG_TR; segment++) loadSegment(segment);
  store<u64>(GDTR_BASE, vmcsRead<u64>(V_GUEST_GDTR_BASE));
  store<u64>(IDTR_BASE, vmcsRead<u64>(V_GUEST_IDTR_BASE));
  store<u32>(GDTR_LIMIT, vmcsRead<u32>(V_GUEST_GDTR_LIMIT));
  store<u32>(IDTR_LIMIT, vmcsRead<u32>(V_GUEST_IDTR_LIMIT));
  store<u64>(RIP, vmcsRead<u64>(V_GUEST_RIP));
  setRsp(vmcsRead<u64>(V_GUEST_RSP));
  const flags = vmcsRead<u32>(V_GUEST_RFLAGS);
  setArithmeticFlags(flags);
  store<u32>(FLAGS_REST, flags & 0x003f7700);
  const long = (load<u64>(EFER) & EFER_LMA) != 0;
  if ((cr0 & CR0_PG) != 0 && (load<u64>(CR4) & CR4_PAE) != 0 && !long) loadGuestPdptes();
  setDerived(vmcsRead<u32>(V_GUEST_ES_AR + SEG_SS * FIELD_BYTES));
}

/** PDPTEs come from the VMCS under EPT, else from memory, where they have been checked. */
function loadGuestPdptes(): void {
  if (load<u64>(EPTP) == 0) {
    loadPdptes(load<u64>(CR3));
    return;
  }
  for (let i: u32 = 0; i < 4; i++) {
    store<u64>(PDPTE + (i << 3), vmcsRead<u64>(V_GUEST_PDPTE0 + (i << 3)));
  }
}

/** The words derived from what has been loaded. */
function setDerived(ssAccess: u32): void {
  updateMode();
  if (load<u32>(VPID) == 0) flushVpid0AtTransition(FLUSH_VM_ENTRY);
  updateSpace();
  setCpl((ssAccess >>> 5) & 3);
  frontRightsLoaded(true);
}

/** Activity, blocking and pending debug exceptions, which count from now on. */
export function settleGuest(): void {
  store<u32>(INTERRUPTIBILITY, vmcsRead<u32>(V_GUEST_INTERRUPTIBILITY) & 0xb);
  store<u32>(ACTIVITY, vmcsRead<u32>(V_GUEST_ACTIVITY_STATE));
  // Bits 3:0 and BS, if one of them is enabled; bit 12 says so for breakpoints.
  const debug = vmcsRead<u32>(V_GUEST_PENDING_DEBUG);
  store<u32>(PENDING_DEBUG, (debug & 0x5000) != 0 ? debug & 0x400f : 0);
  updateSlowMode();
}
