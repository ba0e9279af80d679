/** Saving of guest state at VM exit (SDM "Saving Guest State"). */
import { CR0_PG, CR4_PAE, EFER_LMA } from "../cpu/control-bits";
import { getFlags } from "../cpu/flags";
import { AR_UNUSABLE, segmentAccess, segmentBase, segmentLimit } from "../cpu/mode";
import { rsp } from "../cpu/registers";
import { selectorOf } from "../cpu/segment";
import { timeStamp } from "../cpu/time";
import {
  CR0,
  CR3,
  CR4,
  CTL_EXIT,
  CTL_PIN,
  CTL_SECONDARY,
  DEBUGCTL,
  DR,
  EFER,
  EPTP,
  GDTR_BASE,
  GDTR_LIMIT,
  IDTR_BASE,
  IDTR_LIMIT,
  INTERRUPTIBILITY,
  PAT,
  PDPTE,
  RIP,
  RVI,
  SVI,
  SYSENTER_CS,
  SYSENTER_EIP,
  SYSENTER_ESP,
  VMCS_PTR,
} from "../generated/state";
import {
  ENTERING_IA32E_MODE_GUEST,
  EXITING_SAVE_DEBUG_CONTROLS,
  EXITING_SAVE_IA32_EFER,
  EXITING_SAVE_IA32_PAT,
  EXITING_SAVE_PREEMPTION_TIMER,
  PIN_ACTIVATE_PREEMPTION_TIMER,
  SECONDARY_VIRTUAL_INTERRUPT_DELIVERY,
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
  V_GUEST_INTERRUPT_STATUS,
  V_GUEST_INTERRUPTIBILITY,
  V_GUEST_PDPTE0,
  V_GUEST_PENDING_DEBUG,
  V_GUEST_RFLAGS,
  V_GUEST_RIP,
  V_GUEST_RSP,
  V_VMENTRY_CONTROLS,
  V_VMX_PREEMPTION_TIMER_VALUE,
} from "../generated/vmx";
import { remainingTimer } from "./timer";

const SEGMENTS: u32 = 8;

/** @inline */
function put(vmcs: u32, field: u32, value: u64): void {
  store<u64>(vmcs + field, value);
}

function saveSegment(vmcs: u32, segment: u32): void {
  const at = vmcs + (segment << 3);
  const access = segmentAccess(segment);
  put(at, V_GUEST_ES_SELECTOR, selectorOf(segment) as u64);
  put(at, V_GUEST_ES_BASE, segmentBase(segment));
  put(at, V_GUEST_ES_LIMIT, segmentLimit(segment) as u64);
  put(at, V_GUEST_ES_AR, (access & (AR_UNUSABLE | 0xf0ff)) as u64);
}

/** Saves what the guest's registers hold; `rf` is the RF flag of the saved RFLAGS. */
export function saveGuest(rf: u32): void {
  const vmcs = load<u32>(VMCS_PTR);
  const exit = load<u32>(CTL_EXIT);
  put(vmcs, V_GUEST_CR0, load<u64>(CR0));
  put(vmcs, V_GUEST_CR3, load<u64>(CR3));
  put(vmcs, V_GUEST_CR4, load<u64>(CR4));
  if ((exit & EXITING_SAVE_DEBUG_CONTROLS) != 0) {
    put(vmcs, V_GUEST_DR7, load<u64>(DR + 56));
    put(vmcs, V_GUEST_IA32_DEBUGCTL, load<u64>(DEBUGCTL));
  }
  put(vmcs, V_GUEST_IA32_SYSENTER_CS, load<u64>(SYSENTER_CS) & 0xffffffff);
  put(vmcs, V_GUEST_IA32_SYSENTER_ESP, load<u64>(SYSENTER_ESP));
  put(vmcs, V_GUEST_IA32_SYSENTER_EIP, load<u64>(SYSENTER_EIP));
  if ((exit & EXITING_SAVE_IA32_PAT) != 0) put(vmcs, V_GUEST_IA32_PAT, load<u64>(PAT));
  const efer = load<u64>(EFER);
  if ((exit & EXITING_SAVE_IA32_EFER) != 0) put(vmcs, V_GUEST_IA32_EFER, efer);
  const long = (efer & EFER_LMA) != 0;
  const entry = load<u32>(vmcs + V_VMENTRY_CONTROLS) & ~ENTERING_IA32E_MODE_GUEST;
  put(vmcs, V_VMENTRY_CONTROLS, (long ? entry | ENTERING_IA32E_MODE_GUEST : entry) as u64);
  for (let segment: u32 = 0; segment < SEGMENTS; segment++) saveSegment(vmcs, segment);
  put(vmcs, V_GUEST_GDTR_BASE, load<u64>(GDTR_BASE));
  put(vmcs, V_GUEST_IDTR_BASE, load<u64>(IDTR_BASE));
  put(vmcs, V_GUEST_GDTR_LIMIT, load<u32>(GDTR_LIMIT) as u64);
  put(vmcs, V_GUEST_IDTR_LIMIT, load<u32>(IDTR_LIMIT) as u64);
  put(vmcs, V_GUEST_RIP, load<u64>(RIP));
  put(vmcs, V_GUEST_RSP, rsp());
  put(vmcs, V_GUEST_RFLAGS, ((getFlags() & ~0x10000) | rf) as u64);
  if (load<u64>(EPTP) != 0 && !long) savePdptes(vmcs);
}

/** With EPT and PAE paging the PDPTE registers are saved, too. */
function savePdptes(vmcs: u32): void {
  if ((load<u64>(CR0) & CR0_PG) == 0 || (load<u64>(CR4) & CR4_PAE) == 0) return;
  for (let i: u32 = 0; i < 4; i++) {
    put(vmcs, V_GUEST_PDPTE0 + (i << 3), load<u64>(PDPTE + (i << 3)));
  }
}

/** Saves what is no register: activity, blocking, pending debug exceptions, timer, interrupts. */
export function saveNonRegisters(activity: u32, pendingDebug: u32): void {
  const vmcs = load<u32>(VMCS_PTR);
  put(vmcs, V_GUEST_ACTIVITY_STATE, activity as u64);
  put(vmcs, V_GUEST_INTERRUPTIBILITY, (load<u32>(INTERRUPTIBILITY) & 0xb) as u64);
  put(vmcs, V_GUEST_PENDING_DEBUG, pendingDebug as u64);
  const saveTimer = (load<u32>(CTL_EXIT) & EXITING_SAVE_PREEMPTION_TIMER) != 0;
  if (saveTimer && (load<u32>(CTL_PIN) & PIN_ACTIVATE_PREEMPTION_TIMER) != 0) {
    put(vmcs, V_VMX_PREEMPTION_TIMER_VALUE, remainingTimer(timeStamp()) as u64);
  }
  if ((load<u32>(CTL_SECONDARY) & SECONDARY_VIRTUAL_INTERRUPT_DELIVERY) != 0) {
    put(vmcs, V_GUEST_INTERRUPT_STATUS, (load<u32>(RVI) | (load<u32>(SVI) << 8)) as u64);
  }
}
