/** VM-entry checks on the guest-state area (SDM "Checks on the Guest State Area"). */
import { CR0_PE } from "../cpu/control-bits";
import { hasFeature } from "../cpu/features";
import { AR_L } from "../cpu/mode";
import { FEATURE_LA57 } from "../generated/features";
import {
  CHECK_GUEST_GDTR_BASE,
  CHECK_GUEST_GDTR_LIMIT,
  CHECK_GUEST_IDTR_BASE,
  CHECK_GUEST_IDTR_LIMIT,
  CHECK_GUEST_RFLAGS_BIT1,
  CHECK_GUEST_RFLAGS_IF,
  CHECK_GUEST_RFLAGS_RESERVED,
  CHECK_GUEST_RFLAGS_VM,
  CHECK_GUEST_RIP_HIGH,
  CHECK_GUEST_RIP_WIDE,
  V_GUEST_CR0,
  V_GUEST_CS_AR,
  V_GUEST_GDTR_BASE,
  V_GUEST_GDTR_LIMIT,
  V_GUEST_IDTR_BASE,
  V_GUEST_IDTR_LIMIT,
  V_GUEST_RFLAGS,
  V_GUEST_RIP,
} from "../generated/vmx";
import { isCanonicalBase } from "../paging/walk";
import { checkActivity, checkInterruptibility, checkPendingDebug } from "./check-activity";
import { checkLinkPointer, checkPdptes } from "./check-memory";
import { checkGuestRegisters } from "./check-registers";
import { checkGuestSegments } from "./check-segments";
import {
  injectedType,
  isIa32eGuest,
  isVirtual8086Guest,
  readControlWords,
  TYPE_INTERRUPT,
} from "./check-words";
import { vmcsRead } from "./vmcs";

/** Bits 63:22, 15, 5 and 3. */
const RFLAGS_UNDEFINED: u64 = 0xffffffffffc08028;
const RFLAGS_BIT1: u64 = 2;
const RFLAGS_IF: u64 = 0x200;

/**
 * Checks the guest-state area of the current VMCS; 0 when all hold. `known`: control registers,
 * segments and descriptor tables did, and neither they nor the controls have been written since but by
 * VM exits, which save what a guest was running with.
 */
export function checkGuest(known: bool): u32 {
  readControlWords();
  let failed: u32 = 0;
  if (!known) {
    failed = checkGuestRegisters();
    if (failed != 0) return failed;
    failed = checkGuestSegments();
    if (failed != 0) return failed;
    failed = checkTables();
    if (failed != 0) return failed;
  }
  failed = checkInstructionPointerAndFlags();
  if (failed != 0) return failed;
  failed = checkActivity();
  if (failed != 0) return failed;
  failed = checkInterruptibility();
  if (failed != 0) return failed;
  failed = checkPendingDebug();
  if (failed != 0) return failed;
  failed = checkLinkPointer();
  return failed != 0 ? failed : checkPdptes();
}

/** GDTR and IDTR. */
function checkTables(): u32 {
  if (!isCanonicalBase(vmcsRead<u64>(V_GUEST_GDTR_BASE))) return CHECK_GUEST_GDTR_BASE;
  if (!isCanonicalBase(vmcsRead<u64>(V_GUEST_IDTR_BASE))) return CHECK_GUEST_IDTR_BASE;
  if (vmcsRead<u32>(V_GUEST_GDTR_LIMIT) > 0xffff) return CHECK_GUEST_GDTR_LIMIT;
  return vmcsRead<u32>(V_GUEST_IDTR_LIMIT) > 0xffff ? CHECK_GUEST_IDTR_LIMIT : 0;
}

function checkInstructionPointerAndFlags(): u32 {
  const rip = vmcsRead<u64>(V_GUEST_RIP);
  if (!isIa32eGuest() || (vmcsRead<u32>(V_GUEST_CS_AR) & AR_L) == 0) {
    if (rip >> 32 != 0) return CHECK_GUEST_RIP_HIGH;
  } else {
    // Not canonical: the highest bit of a linear address may differ from those above it.
    const width: i64 = hasFeature(FEATURE_LA57) ? 57 : 48;
    const upper = (rip as i64) >> width;
    if (upper != 0 && upper != -1) return CHECK_GUEST_RIP_WIDE;
  }
  const flags = vmcsRead<u64>(V_GUEST_RFLAGS);
  if ((flags & RFLAGS_UNDEFINED) != 0) return CHECK_GUEST_RFLAGS_RESERVED;
  if ((flags & RFLAGS_BIT1) == 0) return CHECK_GUEST_RFLAGS_BIT1;
  if (isVirtual8086Guest()) {
    const real = (vmcsRead<u64>(V_GUEST_CR0) & CR0_PE) == 0;
    if (isIa32eGuest() || real) return CHECK_GUEST_RFLAGS_VM;
  }
  const interrupt = injectedType() == (TYPE_INTERRUPT as i32);
  return interrupt && (flags & RFLAGS_IF) == 0 ? CHECK_GUEST_RFLAGS_IF : 0;
}
