/** VMX instructions but VMREAD, VMWRITE, INVEPT, INVVPID and VMFUNC (SDM "VMX Instructions"). */
import { CR4_VMXE } from "../cpu/control-bits";
import { addressBitsReserved } from "../cpu/control-registers";
import { raiseGp, raiseUd } from "../cpu/fault";
import { is64BitCode, isLongMode, isProtectedMode, isVirtual8086 } from "../cpu/mode";
import { FAULTED } from "../decode/record";
import { finishStore, readMemoryOperand, writeMemoryOperand } from "../execute/operand";
import { undefinedOpcode } from "../execute/undefined";
import {
  A20_MASKED,
  CPL,
  CR0,
  CR4,
  FEATURE_CONTROL,
  VMCS_HPA,
  VMX_OPERATION,
  VMXON_HPA,
} from "../generated/state";
import {
  REASON_VMCALL,
  REASON_VMCLEAR,
  REASON_VMLAUNCH,
  REASON_VMPTRLD,
  REASON_VMPTRST,
  REASON_VMRESUME,
  REASON_VMXOFF,
  REASON_VMXON,
} from "../generated/vmx";
import { onHypercall } from "../host";
import { enterGuest } from "./entry";
import { displacementOf, memoryInfo } from "./info";
import { vmFail, vmFailInvalid, vmSucceed } from "./outcome";
import { exitInstruction, exitWithInfo } from "./pending";
import {
  capability,
  isNonRoot,
  MSR_VMX_CR0_FIXED0,
  MSR_VMX_CR0_FIXED1,
  MSR_VMX_CR4_FIXED0,
  MSR_VMX_CR4_FIXED1,
  MSR_VMX_SECONDARY,
  NO_VMCS,
  regionPointer,
  regionRevision,
  revisionId,
  SHADOW_INDICATOR,
  VMX_NON_ROOT,
  VMX_OUTSIDE,
  VMX_ROOT,
} from "./vmcs";
import { clearVmcs, setCurrentVmcs, writeBackAll } from "./vmcs-cache";

// VM-instruction errors.
const ERROR_VMCALL: u32 = 1;
const ERROR_VMCLEAR_ADDRESS: u32 = 2;
const ERROR_VMCLEAR_VMXON: u32 = 3;
const ERROR_VMPTRLD_ADDRESS: u32 = 9;
const ERROR_VMPTRLD_VMXON: u32 = 10;
const ERROR_VMPTRLD_REVISION: u32 = 11;
const ERROR_VMXON_IN_ROOT: u32 = 15;

const FEATURE_LOCKED: u64 = 1;
const FEATURE_OUTSIDE_SMX: u64 = 4;
const ALLOWED_SHADOWING: u64 = (0x4000 as u64) << 32;

/** True in a mode that has no VMX instructions. */
function isBadMode(): bool {
  return !isProtectedMode() || isVirtual8086() || (isLongMode() && !is64BitCode());
}

/** True, with #UD raised, where the instruction does not exist at present. */
export function isUndefinedHere(): bool {
  if (load<u32>(VMX_OPERATION) != VMX_OUTSIDE && !isBadMode()) return false;
  raiseUd();
  return true;
}

/** True at CPL 0; else #GP(0) is raised. */
export function isAtLevelZero(): bool {
  if (load<u32>(CPL) == 0) return true;
  raiseGp(0);
  return false;
}

/** True for an aligned address within the physical-address width. */
function isRegionAddress(hpa: u64): bool {
  return (hpa & 0xfff) == 0 && (hpa & addressBitsReserved()) == 0;
}

/** True when a control register has the bits that VMX operation needs. */
function isFixed(value: u64, fixed0: u64, fixed1: u64): bool {
  return (value & fixed0) == fixed0 && (value & ~fixed1) == 0;
}

// The 64-bit operand that `readPointerOperand` found.
let pointer: u64 = 0;

function readPointerOperand(rec: u32): bool {
  const host = readMemoryOperand(rec, 8);
  if (host == 0) return false;
  pointer = load<u64>(host);
  return true;
}

export function vmxonMq(rec: u32): u32 {
  if ((load<u64>(CR4) & CR4_VMXE) == 0 || isBadMode()) return raiseUd();
  const operation = load<u32>(VMX_OPERATION);
  if (operation == VMX_NON_ROOT) {
    return exitWithInfo(rec, REASON_VMXON, displacementOf(rec), memoryInfo(rec));
  }
  if (!isAtLevelZero()) return FAULTED;
  if (operation == VMX_ROOT) return vmFail(ERROR_VMXON_IN_ROOT);
  if (!mayEnterRoot()) return raiseGp(0);
  return readPointerOperand(rec) ? vmxonAt(pointer) : FAULTED;
}

/** True when control registers and IA32_FEATURE_CONTROL allow VMXON. */
export function mayEnterRoot(): bool {
  const cr0 = isFixed(
    load<u64>(CR0),
    capability(MSR_VMX_CR0_FIXED0),
    capability(MSR_VMX_CR0_FIXED1),
  );
  const cr4 = isFixed(
    load<u64>(CR4),
    capability(MSR_VMX_CR4_FIXED0),
    capability(MSR_VMX_CR4_FIXED1),
  );
  const enabled = FEATURE_LOCKED | FEATURE_OUTSIDE_SMX;
  if (!cr0 || !cr4 || load<u32>(A20_MASKED) != 0) return false;
  return (load<u64>(FEATURE_CONTROL) & enabled) == enabled;
}

/** VMXON with the region at `hpa`, where everything else allows it. */
export function vmxonAt(hpa: u64): u32 {
  if (!isRegionAddress(hpa)) return vmFailInvalid();
  if (regionRevision(regionPointer(hpa)) != revisionId()) return vmFailInvalid();
  store<u64>(VMXON_HPA, hpa);
  setCurrentVmcs(NO_VMCS);
  store<u32>(VMX_OPERATION, VMX_ROOT);
  return vmSucceed();
}

export function vmxoff(rec: u32): u32 {
  if (isUndefinedHere()) return FAULTED;
  if (isNonRoot()) return exitInstruction(rec, REASON_VMXOFF, 0);
  return isAtLevelZero() ? leaveVmx() : FAULTED;
}

/** VMXOFF in root operation. */
export function leaveVmx(): u32 {
  store<u32>(VMX_OPERATION, VMX_OUTSIDE);
  writeBackAll();
  setCurrentVmcs(NO_VMCS);
  return vmSucceed();
}

export function vmclearMq(rec: u32): u32 {
  if (isUndefinedHere()) return FAULTED;
  if (isNonRoot()) {
    return exitWithInfo(rec, REASON_VMCLEAR, displacementOf(rec), memoryInfo(rec));
  }
  return isAtLevelZero() && readPointerOperand(rec) ? vmclearAt(pointer) : FAULTED;
}

/** VMCLEAR of the region at `hpa` in root operation. */
export function vmclearAt(hpa: u64): u32 {
  if (!isRegionAddress(hpa)) return vmFail(ERROR_VMCLEAR_ADDRESS);
  if (hpa == load<u64>(VMXON_HPA)) return vmFail(ERROR_VMCLEAR_VMXON);
  clearVmcs(hpa);
  if (hpa == load<u64>(VMCS_HPA)) setCurrentVmcs(NO_VMCS);
  return vmSucceed();
}

export function vmptrldMq(rec: u32): u32 {
  if (isUndefinedHere()) return FAULTED;
  if (isNonRoot()) {
    return exitWithInfo(rec, REASON_VMPTRLD, displacementOf(rec), memoryInfo(rec));
  }
  return isAtLevelZero() && readPointerOperand(rec) ? vmptrldAt(pointer) : FAULTED;
}

/** VMPTRLD of the region at `hpa` in root operation. */
export function vmptrldAt(hpa: u64): u32 {
  if (!isRegionAddress(hpa)) return vmFail(ERROR_VMPTRLD_ADDRESS);
  if (hpa == load<u64>(VMXON_HPA)) return vmFail(ERROR_VMPTRLD_VMXON);
  const revision = regionRevision(regionPointer(hpa));
  const shadowing = (capability(MSR_VMX_SECONDARY) & ALLOWED_SHADOWING) != 0;
  const wanted = shadowing ? revision & ~SHADOW_INDICATOR : revision;
  // Where no memory is all bits read as one, the shadow indicator among them.
  if (wanted != revisionId()) return vmFail(ERROR_VMPTRLD_REVISION);
  setCurrentVmcs(hpa);
  return vmSucceed();
}

export function vmptrstMq(rec: u32): u32 {
  if (isUndefinedHere()) return FAULTED;
  if (isNonRoot()) {
    return exitWithInfo(rec, REASON_VMPTRST, displacementOf(rec), memoryInfo(rec));
  }
  if (!isAtLevelZero()) return FAULTED;
  const host = writeMemoryOperand(rec, 8);
  store<u64>(host, load<u64>(VMCS_HPA));
  if (finishStore(host) != 0) return FAULTED;
  return vmSucceed();
}

export function vmlaunch(rec: u32): u32 {
  if (isUndefinedHere()) return FAULTED;
  if (isNonRoot()) return exitInstruction(rec, REASON_VMLAUNCH, 0);
  return isAtLevelZero() ? enterGuest(true) : FAULTED;
}

export function vmresume(rec: u32): u32 {
  if (isUndefinedHere()) return FAULTED;
  if (isNonRoot()) return exitInstruction(rec, REASON_VMRESUME, 0);
  return isAtLevelZero() ? enterGuest(false) : FAULTED;
}

/** VMCALL. Outside VMX operation a paravirtual call when the embedder answers it, else #UD. */
export function vmcall(rec: u32): u32 {
  const operation = load<u32>(VMX_OPERATION);
  if (operation == VMX_NON_ROOT) return exitInstruction(rec, REASON_VMCALL, 0);
  if (operation == VMX_OUTSIDE) return onHypercall() != 0 ? 0 : undefinedOpcode(rec);
  if (isVirtual8086() || (isLongMode() && !is64BitCode())) return raiseUd();
  return isAtLevelZero() ? vmFail(ERROR_VMCALL) : FAULTED;
}
