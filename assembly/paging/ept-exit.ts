/**
 * How an access that the EPT does not let through ends: EPT violation, EPT misconfiguration,
 * page-modification-log-full event, sub-page event, or a virtualization exception (SDM
 * "EPT-Induced VM Exits", "Convertible EPT Violations", "Virtualization-Exception Information").
 *
 * Each sets WALK_EXIT, so that the caller does not raise a page fault.
 */
import { CR0_PE } from "../cpu/control-bits";
import { raiseVector, VECTOR_VE } from "../cpu/fault";
import {
  CR0,
  CTL_SECONDARY,
  DELIVERING,
  EXIT_GLA,
  EXIT_GPA,
  NMI_UNBLOCKED,
  WALK_EXIT,
} from "../generated/state";
import {
  REASON_EPT_MISCONFIGURATION,
  REASON_EPT_VIOLATION,
  REASON_PML_FULL,
  REASON_SPP_EVENT,
  SECONDARY_EPT_VIOLATION_VE,
  SECONDARY_MODE_BASED_EXECUTE_EPT,
  V_EPTP_INDEX,
  V_VE_INFO_ADDR,
} from "../generated/vmx";
import { physicalRead32, physicalWrite32, physicalWrite64 } from "../memory/physical";
import { exitApicPhysical, isApicAccessPage } from "../vmx/apic-exit";
import { noteExit } from "../vmx/pending";
import { vmcsRead } from "../vmx/vmcs";

// Bits of the exit qualification of EPT violations besides 2:0, the access.
/** The guest linear-address field is valid. */
export const Q_LINEAR: u32 = 0x80;
/** The access was to the translation of that address, not to a paging-structure entry. */
export const Q_TRANSLATION: u32 = 0x100;
export const Q_USER: u32 = 0x200;
export const Q_WRITABLE: u32 = 0x400;
export const Q_EXECUTE_DISABLE: u32 = 0x800;
const Q_NMI_UNBLOCKED: u32 = 0x1000;
/** Sub-page event: an entry that is not valid, rather than one with reserved bits. */
export const Q_SPP_MISS: u32 = 0x800;

// The virtualization-exception information area.
const VE_REASON: u64 = 0;
const VE_BUSY: u64 = 4;
const VE_QUALIFICATION: u64 = 8;
const VE_GLA: u64 = 16;
const VE_GPA: u64 = 24;
const VE_EPTP_INDEX: u64 = 32;

/** True while the host looks something up: walks then change nothing and note nothing. */
export let probing: bool = false;

export function setProbing(on: bool): void {
  probing = on;
}

/** True when the last walk ended in an exit or #VE; asking clears the mark. */
export function takeWalkExit(): bool {
  if (load<u32>(WALK_EXIT) == 0) return false;
  store<u32>(WALK_EXIT, 0);
  return true;
}

/** Bit 12 of qualifications: the IRET that makes the access has ended blocking by NMI. @inline */
function nmiBit(): u32 {
  return load<u32>(NMI_UNBLOCKED) != 0 ? Q_NMI_UNBLOCKED : 0;
}

/** Notes an exit with a guest-physical and a guest-linear address. Returns false. */
function noteWalkExit(reason: u32, qualification: u32, gpa: u64, gla: u64): bool {
  if (probing) return false;
  noteExit(reason, qualification as u64);
  store<u64>(EXIT_GPA, gpa);
  store<u64>(EXIT_GLA, gla);
  store<u32>(WALK_EXIT, 1);
  return false;
}

/**
 * An EPT violation. `granted` holds the EPT_* rights of all entries used, 0 when the last one was
 * not present; `convertible` tells that this entry lets it become a #VE. Returns false.
 */
export function eptViolation(
  gpa: u64,
  gla: u64,
  qualification: u32,
  granted: u32,
  convertible: bool,
): bool {
  if (probing) return false;
  let full = qualification | ((granted & 7) << 3) | nmiBit();
  const controls = load<u32>(CTL_SECONDARY);
  if ((controls & SECONDARY_MODE_BASED_EXECUTE_EPT) != 0) full |= (granted & 8) << 3;
  if (convertible && (controls & SECONDARY_EPT_VIOLATION_VE) != 0 && raiseVe(full, gpa, gla)) {
    return false;
  }
  return noteWalkExit(REASON_EPT_VIOLATION, full, gpa, gla);
}

/** Turns a convertible EPT violation into a virtualization exception, if one can be delivered. */
function raiseVe(qualification: u32, gpa: u64, gla: u64): bool {
  if ((load<u64>(CR0) & CR0_PE) == 0 || load<u32>(DELIVERING) != 0) return false;
  const area = vmcsRead<u64>(V_VE_INFO_ADDR);
  if (physicalRead32(area + VE_BUSY) != 0) return false;
  physicalWrite32(area + VE_REASON, REASON_EPT_VIOLATION);
  physicalWrite32(area + VE_BUSY, 0xffffffff);
  physicalWrite64(area + VE_QUALIFICATION, qualification as u64);
  physicalWrite64(area + VE_GLA, gla);
  physicalWrite64(area + VE_GPA, gpa);
  const beside = physicalRead32(area + VE_EPTP_INDEX) & 0xffff0000;
  physicalWrite32(area + VE_EPTP_INDEX, beside | (vmcsRead<u16>(V_EPTP_INDEX) as u32));
  raiseVector(VECTOR_VE);
  store<u32>(WALK_EXIT, 1);
  return true;
}

/** An EPT misconfiguration, which never becomes a #VE. Returns false. */
export function eptMisconfiguration(gpa: u64, gla: u64): bool {
  return noteWalkExit(REASON_EPT_MISCONFIGURATION, 0, gpa, gla);
}

/**
 * A guest-physical access to `gpa`, whose page is that of `hpa`: false with an exit noted when this is
 * the APIC-access page.
 */
export function passesApicAccess(gpa: u64, hpa: u64): bool {
  if (!isApicAccessPage(hpa) || probing) return true;
  exitApicPhysical(gpa);
  store<u32>(WALK_EXIT, 1);
  return false;
}

/** The page-modification log has no room for an access that must set a flag. Returns false. */
export function pmlFull(gpa: u64, gla: u64): bool {
  return noteWalkExit(REASON_PML_FULL, nmiBit(), gpa, gla);
}

/** The sub-page permission tables name no permissions for a write. Returns false. */
export function sppEvent(gpa: u64, gla: u64, miss: bool): bool {
  return noteWalkExit(REASON_SPP_EVENT, (miss ? Q_SPP_MISS : 0) | nmiBit(), gpa, gla);
}
