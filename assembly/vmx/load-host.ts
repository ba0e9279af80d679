/** Loading of host state at VM exit (SDM "Loading Host State"). */
import { CR0_PG, CR4_PAE, CR4_PCIDE, CR4_VMXE, EFER_LMA, EFER_LME } from "../cpu/control-bits";
import { addressBitsReserved, loadPdptes } from "../cpu/control-registers";
import { DR7_FIXED } from "../cpu/debug";
import { setArithmeticFlags } from "../cpu/flags";
import {
  AR_UNUSABLE,
  SEG_CS,
  SEG_DS,
  SEG_ES,
  SEG_FS,
  SEG_GS,
  SEG_LDTR,
  SEG_SS,
  SEG_TR,
  setCpl,
  updateMode,
  updateSlowMode,
  updateSpace,
} from "../cpu/mode";
import { setRsp } from "../cpu/registers";
import { setSegment } from "../cpu/segment";
import { FLUSH_VM_EXIT } from "../generated/flush-operations";
import {
  APIC_WRITE,
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
  NMI_UNBLOCKED,
  PAT,
  RIP,
  SYSENTER_CS,
  SYSENTER_EIP,
  SYSENTER_ESP,
  VAPIC_PTR,
  VMX_EVENTS,
  VMX_OPERATION,
  VPID,
} from "../generated/state";
import {
  EXITING_HOST_ADDRESS_SPACE_SIZE,
  EXITING_LOAD_IA32_EFER,
  EXITING_LOAD_IA32_PAT,
  PIN_VIRTUAL_NMIS,
  V_HOST_CR0,
  V_HOST_CR3,
  V_HOST_CR4,
  V_HOST_CS_SELECTOR,
  V_HOST_DS_SELECTOR,
  V_HOST_ES_SELECTOR,
  V_HOST_FS_BASE,
  V_HOST_FS_SELECTOR,
  V_HOST_GDTR_BASE,
  V_HOST_GS_BASE,
  V_HOST_GS_SELECTOR,
  V_HOST_IA32_EFER,
  V_HOST_IA32_PAT,
  V_HOST_IA32_SYSENTER_CS,
  V_HOST_IA32_SYSENTER_EIP,
  V_HOST_IA32_SYSENTER_ESP,
  V_HOST_IDTR_BASE,
  V_HOST_RIP,
  V_HOST_RSP,
  V_HOST_SS_SELECTOR,
  V_HOST_TR_BASE,
  V_HOST_TR_SELECTOR,
} from "../generated/vmx";
import { frontRightsLoaded } from "../tlb/front";
import { flushVpid0AtTransition } from "../tlb/invalidate";
import { leaveApicAccess } from "./apic-page";
import { CR0_KEPT } from "./load-guest";
import { stopTimer } from "./timer";
import { VMX_ROOT, vmcsRead } from "./vmcs";

const BLOCKED_BY_NMI: u32 = 8;
const DATA_ACCESS: u32 = 0xc093;
const CODE_ACCESS_64: u32 = 0xa09b;
const CODE_ACCESS_32: u32 = 0xc09b;
const TSS_ACCESS: u32 = 0x8b;
const TSS_LIMIT: u32 = 0x67;

/** Takes the controls of the guest out of force. */
function dropControls(): void {
  store<u32>(VMX_OPERATION, VMX_ROOT);
  store<u32>(CTL_PIN, 0);
  store<u32>(CTL_PRIMARY, 0);
  store<u32>(CTL_SECONDARY, 0);
  store<u32>(CTL_TERTIARY, 0);
  store<u32>(VPID, 0);
  store<u64>(EPTP, 0);
  leaveApicAccess();
  store<u32>(VAPIC_PTR, 0);
  store<u32>(APIC_WRITE, 0);
  store<u64>(GUEST_TSC_OFFSET, 0);
  store<u64>(GUEST_TSC_MULTIPLIER, 0);
  store<u32>(VMX_EVENTS, 0);
  store<u32>(NMI_UNBLOCKED, 0);
  stopTimer();
}

function loadData(segment: u32, selector: u32, base: u64): void {
  const access = selector == 0 ? AR_UNUSABLE : DATA_ACCESS;
  setSegment(segment, selector, base, 0xffffffff, access);
}

/** Loads the host's registers; `nmi` when an NMI caused the exit. False: a PDPTE is bad. */
export function loadHost(nmi: bool): bool {
  const exit = load<u32>(CTL_EXIT);
  const long = (exit & EXITING_HOST_ADDRESS_SPACE_SIZE) != 0;
  const virtualNmis = (load<u32>(CTL_PIN) & PIN_VIRTUAL_NMIS) != 0;
  const hadVpid = load<u32>(VPID) != 0;
  dropControls();
  store<u64>(CR0, (vmcsRead<u64>(V_HOST_CR0) & ~CR0_KEPT) | (load<u64>(CR0) & CR0_KEPT));
  store<u64>(CR3, vmcsRead<u64>(V_HOST_CR3) & ~addressBitsReserved());
  let cr4 = vmcsRead<u64>(V_HOST_CR4) | CR4_VMXE;
  cr4 = long ? cr4 | CR4_PAE : cr4 & ~CR4_PCIDE;
  store<u64>(CR4, cr4);
  store<u64>(DR + 56, DR7_FIXED);
  store<u64>(DEBUGCTL, 0);
  store<u64>(SYSENTER_CS, vmcsRead<u32>(V_HOST_IA32_SYSENTER_CS) as u64);
  store<u64>(SYSENTER_ESP, vmcsRead<u64>(V_HOST_IA32_SYSENTER_ESP));
  store<u64>(SYSENTER_EIP, vmcsRead<u64>(V_HOST_IA32_SYSENTER_EIP));
  if ((exit & EXITING_LOAD_IA32_EFER) != 0) {
    store<u64>(EFER, vmcsRead<u64>(V_HOST_IA32_EFER));
  } else {
    const efer = load<u64>(EFER) & ~(EFER_LMA | EFER_LME);
    store<u64>(EFER, long ? efer | EFER_LMA | EFER_LME : efer);
  }
  if ((exit & EXITING_LOAD_IA32_PAT) != 0) store<u64>(PAT, vmcsRead<u64>(V_HOST_IA32_PAT));
  loadSegments(long);
  store<u64>(GDTR_BASE, vmcsRead<u64>(V_HOST_GDTR_BASE));
  store<u64>(IDTR_BASE, vmcsRead<u64>(V_HOST_IDTR_BASE));
  store<u32>(GDTR_LIMIT, 0xffff);
  store<u32>(IDTR_LIMIT, 0xffff);
  store<u64>(RIP, vmcsRead<u64>(V_HOST_RIP));
  setRsp(vmcsRead<u64>(V_HOST_RSP));
  setArithmeticFlags(0);
  store<u32>(FLAGS_REST, 0);
  // Under virtual NMIs the flag belonged to the guest, and NMIs were not blocked.
  const blocked = nmi || (!virtualNmis && (load<u32>(INTERRUPTIBILITY) & BLOCKED_BY_NMI) != 0);
  store<u32>(INTERRUPTIBILITY, blocked ? BLOCKED_BY_NMI : 0);
  updateMode();
  updateSlowMode();
  if (!hadVpid) flushVpid0AtTransition(FLUSH_VM_EXIT);
  updateSpace();
  setCpl(0);
  frontRightsLoaded(false);
  const pae = (load<u64>(CR0) & CR0_PG) != 0 && (cr4 & CR4_PAE) != 0 && !long;
  return !pae || loadPdptes(load<u64>(CR3));
}

function loadSegments(long: bool): void {
  const cs = vmcsRead<u16>(V_HOST_CS_SELECTOR) as u32;
  setSegment(SEG_CS, cs, 0, 0xffffffff, long ? CODE_ACCESS_64 : CODE_ACCESS_32);
  loadData(SEG_SS, vmcsRead<u16>(V_HOST_SS_SELECTOR) as u32, 0);
  loadData(SEG_DS, vmcsRead<u16>(V_HOST_DS_SELECTOR) as u32, 0);
  loadData(SEG_ES, vmcsRead<u16>(V_HOST_ES_SELECTOR) as u32, 0);
  loadData(SEG_FS, vmcsRead<u16>(V_HOST_FS_SELECTOR) as u32, vmcsRead<u64>(V_HOST_FS_BASE));
  loadData(SEG_GS, vmcsRead<u16>(V_HOST_GS_SELECTOR) as u32, vmcsRead<u64>(V_HOST_GS_BASE));
  const tr = vmcsRead<u16>(V_HOST_TR_SELECTOR) as u32;
  setSegment(SEG_TR, tr, vmcsRead<u64>(V_HOST_TR_BASE), TSS_LIMIT, TSS_ACCESS);
  setSegment(SEG_LDTR, 0, 0, 0, AR_UNUSABLE);
}
