/** VM functions (SDM "VM Functions"): VMFUNC with leaf 0, EPTP switching. */
import { raiseUd } from "../cpu/fault";
import { updateSpace } from "../cpu/mode";
import { getReg } from "../cpu/registers";
import { NEXT } from "../decode/record";
import { CTL_SECONDARY, EPTP, SLOT_RAX, SLOT_RCX, VPID } from "../generated/state";
import {
  REASON_VMFUNC,
  SECONDARY_ENABLE_VM_FUNCTIONS,
  V_EPTP,
  V_EPTP_INDEX,
  V_EPTP_LIST_ADDR,
  V_VM_FUNCTION_CONTROLS,
} from "../generated/vmx";
import { physicalRead64 } from "../memory/physical";
import { flushVpid0Combined } from "../tlb/invalidate";
import { checkEptp } from "./eptp";
import { exitInstruction } from "./pending";
import { isNonRoot, vmcsRead, vmcsWrite } from "./vmcs";

const LAST_FUNCTION: u32 = 63;
const EPTP_SWITCHING: u32 = 0;
const EPTP_LIST_ENTRIES: u32 = 512;
const EPTP_WALK_LENGTH: u64 = 0x38;

/** VMFUNC: at any privilege level, as far as the VM-function controls allow. */
export function vmfunc(rec: u32): u32 {
  const leaf = getReg<u32>(SLOT_RAX);
  if (!isNonRoot() || leaf > LAST_FUNCTION) return raiseUd();
  if ((load<u32>(CTL_SECONDARY) & SECONDARY_ENABLE_VM_FUNCTIONS) == 0) return raiseUd();
  const enabled = (vmcsRead<u64>(V_VM_FUNCTION_CONTROLS) >> (leaf as u64)) & 1;
  if (enabled == 0 || leaf != EPTP_SWITCHING) return exitInstruction(rec, REASON_VMFUNC, 0);
  return switchEptp(rec, getReg<u32>(SLOT_RCX));
}

function switchEptp(rec: u32, index: u32): u32 {
  if (index >= EPTP_LIST_ENTRIES) return exitInstruction(rec, REASON_VMFUNC, 0);
  const eptp = physicalRead64(vmcsRead<u64>(V_EPTP_LIST_ADDR) + ((index << 3) as u64));
  const sameLength = ((eptp ^ load<u64>(EPTP)) & EPTP_WALK_LENGTH) == 0;
  if (checkEptp(eptp) != 0 || !sameLength) return exitInstruction(rec, REASON_VMFUNC, 0);
  vmcsWrite(V_EPTP, eptp);
  vmcsWrite(V_EPTP_INDEX, index as u64);
  store<u64>(EPTP, eptp);
  // With a VPID the mappings of the old root stay, under its own tag.
  if (load<u32>(VPID) == 0) flushVpid0Combined();
  updateSpace();
  return NEXT;
}
