/** Processor state after power-up, RESET and INIT (SDM "Processor State After Reset"). */
import { FLUSH_RESET } from "../generated/flush-operations";
import {
  ACTIVITY,
  APIC_ACCESS_HPA,
  APIC_ACCESS_LAST,
  APIC_BASE,
  CPU_INDEX,
  CR0,
  CR2,
  CR3,
  CR4,
  DR,
  EFER,
  EVENT_INIT,
  EVENT_NMI,
  EVENTS,
  FAULT,
  FCW,
  FLAGS_REST,
  FTW,
  GDTR_BASE,
  GDTR_LIMIT,
  GPR,
  IDTR_BASE,
  IDTR_LIMIT,
  INTERRUPTIBILITY,
  MISC_ENABLE,
  MXCSR,
  PAT,
  PENDING_DEBUG,
  PKRU,
  RIP,
  RNG_STATE,
  SIPI_VECTOR,
  SLOT_RDX,
  STATE_USED,
  TIMER_DEADLINE,
  TLB_CLOCK,
  TSC_AUX,
  VMCS_HPA,
  XCR0,
  XSS,
} from "../generated/state";
import { M_TLB_SEED, STATE } from "../layout";
import { noteFrontRights } from "../tlb/front";
import { invalidateAll } from "../tlb/invalidate";
import { NO_APIC_ACCESS } from "../vmx/apic-exit";
import { CR0_CD, CR0_ET, CR0_NW } from "./control-bits";
import { cpuSignature } from "./cpuid";
import { DR6_FIXED, DR7_FIXED } from "./debug";
import { setArithmeticFlags } from "./flags";
import { ACTIVE, WAIT_FOR_SIPI } from "./interrupt";
import {
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
} from "./mode";
import { updateSseMode } from "./mxcsr";
import { setSegment } from "./segment";

const APIC_BASE_RESET: u64 = 0xfee00900;
const PAT_RESET: u64 = 0x0007040600070406;
const BSP: u64 = 0x100;

/** Power-up state of processor `index`; all of its state is cleared first. */
export function resetProcessor(index: u32): void {
  memory.fill(STATE, 0, STATE_USED);
  store<u32>(CPU_INDEX, index);
  store<u64>(CR0, CR0_CD | CR0_NW | CR0_ET);
  store<u64>(APIC_BASE, index == 0 ? APIC_BASE_RESET : APIC_BASE_RESET & ~BSP);
  store<u64>(PAT, PAT_RESET);
  // Fast strings.
  store<u64>(MISC_ENABLE, 1);
  store<u64>(XCR0, 1);
  store<u64>(APIC_ACCESS_HPA, NO_APIC_ACCESS);
  store<u64>(APIC_ACCESS_LAST, NO_APIC_ACCESS);
  store<u64>(VMCS_HPA, ~(0 as u64));
  store<u64>(TIMER_DEADLINE, ~(0 as u64));
  store<u64>(TSC_AUX, index as u64);
  store<u32>(FCW, 0x40);
  store<u32>(FTW, 0);
  store<u32>(MXCSR, 0x1f80);
  const seed = load<u64>(M_TLB_SEED) ^ ((index as u64) * 0x9e3779b97f4a7c15);
  store<u64>(TLB_CLOCK, seed | 1);
  store<u64>(RNG_STATE, seed ^ 0x6a09e667f3bcc908);
  store<u64>(RNG_STATE + 8, ~seed);
  updateSseMode();
  commonReset();
  store<u32>(ACTIVITY, index == 0 ? ACTIVE : WAIT_FOR_SIPI);
}

/** What RESET and INIT have in common. */
function commonReset(): void {
  memory.fill(GPR, 0, 16 * 8);
  store<u64>(SLOT_RDX, cpuSignature() as u64, GPR);
  store<u64>(RIP, 0xfff0);
  store<u32>(FLAGS_REST, 0);
  setArithmeticFlags(0);
  store<u64>(CR2, 0);
  store<u64>(CR3, 0);
  store<u64>(CR4, 0);
  store<u64>(EFER, 0);
  store<u64>(XSS, 0);
  store<u32>(PKRU, 0);
  setSegment(SEG_CS, 0xf000, 0xffff0000, 0xffff, 0x9b);
  setSegment(SEG_ES, 0, 0, 0xffff, 0x93);
  setSegment(SEG_SS, 0, 0, 0xffff, 0x93);
  setSegment(SEG_DS, 0, 0, 0xffff, 0x93);
  setSegment(SEG_FS, 0, 0, 0xffff, 0x93);
  setSegment(SEG_GS, 0, 0, 0xffff, 0x93);
  setSegment(SEG_LDTR, 0, 0, 0xffff, 0x82);
  setSegment(SEG_TR, 0, 0, 0xffff, 0x8b);
  store<u64>(GDTR_BASE, 0);
  store<u64>(IDTR_BASE, 0);
  store<u32>(GDTR_LIMIT, 0xffff);
  store<u32>(IDTR_LIMIT, 0xffff);
  memory.fill(DR, 0, 32);
  store<u64>(DR + 48, DR6_FIXED);
  store<u64>(DR + 56, DR7_FIXED);
  store<u32>(INTERRUPTIBILITY, 0);
  store<u32>(PENDING_DEBUG, 0);
  store<u32>(FAULT, 0);
  setCpl(0);
  updateMode();
  updateSlowMode();
  updateSpace();
  invalidateAll(FLUSH_RESET);
  noteFrontRights();
}

/** INIT: like RESET, but x87, SSE, MSRs and the caching bits of CR0 keep their values. */
export function initProcessor(): void {
  const cr0 = load<u64>(CR0) & (CR0_CD | CR0_NW);
  store<u64>(CR0, cr0 | CR0_ET);
  commonReset();
  store<u32>(EVENTS, load<u32>(EVENTS) & ~(EVENT_INIT | EVENT_NMI));
  const boot = (load<u64>(APIC_BASE) & BSP) != 0;
  store<u32>(ACTIVITY, boot ? ACTIVE : WAIT_FOR_SIPI);
}

/** Start-up IPI: starts at page `vector` of the first megabyte. */
export function startProcessor(): void {
  const vector = load<u32>(SIPI_VECTOR);
  setSegment(SEG_CS, vector << 8, (vector << 12) as u64, 0xffff, 0x9b);
  store<u64>(RIP, 0);
  updateMode();
  store<u32>(ACTIVITY, ACTIVE);
}
