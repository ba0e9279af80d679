/** What an EPT pointer may hold (SDM "Extended-Page-Table Pointer (EPTP)"). */
import { addressBitsReserved } from "../cpu/control-registers";
import {
  CHECK_CTL_EPTP_AD,
  CHECK_CTL_EPTP_MEMTYPE,
  CHECK_CTL_EPTP_RESERVED,
  CHECK_CTL_EPTP_SSS,
  CHECK_CTL_EPTP_WALK,
} from "../generated/vmx";
import { capability, MSR_VMX_EPT_VPID_CAP } from "./vmcs";

const TYPE_UC: u64 = 0;
const TYPE_WB: u64 = 6;
/** Page-walk length less one. */
const WALK_4: u64 = 3;
const WALK_5: u64 = 4;

const CAP_WALK_4: u64 = 1 << 6;
const CAP_WALK_5: u64 = 1 << 7;
const CAP_UC: u64 = 1 << 8;
const CAP_WB: u64 = 1 << 14;
const CAP_ACCESSED_DIRTY: u64 = 1 << 21;
const CAP_SHADOW_STACK: u64 = 1 << 23;

/** Number of the first check that `eptp` fails, or 0. */
export function checkEptp(eptp: u64): u32 {
  const cap = capability(MSR_VMX_EPT_VPID_CAP);
  const type = eptp & 7;
  const uc = type == TYPE_UC && (cap & CAP_UC) != 0;
  const wb = type == TYPE_WB && (cap & CAP_WB) != 0;
  if (!uc && !wb) return CHECK_CTL_EPTP_MEMTYPE;
  const length = (eptp >> 3) & 7;
  const walk4 = length == WALK_4 && (cap & CAP_WALK_4) != 0;
  const walk5 = length == WALK_5 && (cap & CAP_WALK_5) != 0;
  if (!walk4 && !walk5) return CHECK_CTL_EPTP_WALK;
  if ((eptp & 0x40) != 0 && (cap & CAP_ACCESSED_DIRTY) == 0) return CHECK_CTL_EPTP_AD;
  if ((eptp & 0x80) != 0 && (cap & CAP_SHADOW_STACK) == 0) return CHECK_CTL_EPTP_SSS;
  if ((eptp & (0xf00 | addressBitsReserved())) != 0) return CHECK_CTL_EPTP_RESERVED;
  return 0;
}
