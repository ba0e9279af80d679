/** SYSCALL, SYSRET, SYSENTER, SYSEXIT. */
import { EFER_SCE } from "../cpu/control-bits";
import { DR6_BS } from "../cpu/debug";
import { raiseGp, raiseUd } from "../cpu/fault";
import { hasFeature } from "../cpu/features";
import {
  FLAG_IF,
  FLAG_RF,
  FLAG_TF,
  FLAG_VM,
  FLAGS_ARITHMETIC,
  flagsRest,
  getFlags,
} from "../cpu/flags";
import {
  is64BitCode,
  isLongMode,
  isProtectedMode,
  SEG_CS,
  SEG_SS,
  setCpl,
  updateCodeMode,
  writeFlags,
} from "../cpu/mode";
import { getReg, setReg, setRsp } from "../cpu/registers";
import { nextRipOf } from "../cpu/run";
import { setSegment } from "../cpu/segment";
import { DONE, SIZE_64, sizeOf } from "../decode/record";
import { FEATURE_SYSCALL_LEGACY } from "../generated/features";
import {
  CPL,
  CSTAR,
  EFER,
  LSTAR,
  PENDING_DEBUG,
  RIP,
  SFMASK,
  SLOT_R11,
  SLOT_RCX,
  SLOT_RDX,
  STAR,
  SYSENTER_CS,
  SYSENTER_EIP,
  SYSENTER_ESP,
  TF_AT_END,
} from "../generated/state";
import { isCanonical } from "../paging/walk";

// Access rights of the flat segments that these instructions load.
const CODE_64: u32 = 0xa09b;
const CODE_32: u32 = 0xc09b;
const DATA: u32 = 0xc093;

/** Loads flat CS and SS of privilege level `cpl`. */
function loadFlat(cs: u32, ss: u32, code: u32, cpl: u32): void {
  setSegment(SEG_CS, cs, 0, 0xffffffff, code | (cpl << 5));
  setSegment(SEG_SS, ss, 0, 0xffffffff, DATA | (cpl << 5));
  setCpl(cpl);
  updateCodeMode();
}

/** SYSCALL and SYSRET exist outside 64-bit mode on AMD processors only. */
function fastCallsExist(): bool {
  if ((load<u64>(EFER) & EFER_SCE) == 0) return false;
  return is64BitCode() || (isProtectedMode() && hasFeature(FEATURE_SYSCALL_LEGACY));
}

export function syscall(rec: u32): u32 {
  if (!fastCallsExist()) return raiseUd();
  const flags = getFlags();
  const next = nextRipOf(rec);
  const selector = ((load<u64>(STAR) >> 32) as u32) & 0xfffc;
  setReg<u64>(SLOT_RCX, next);
  if (isLongMode()) {
    const target = is64BitCode() ? load<u64>(LSTAR) : load<u64>(CSTAR);
    setReg<u64>(SLOT_R11, (flags & ~FLAG_RF) as u64);
    loadFlat(selector, selector + 8, CODE_64, 0);
    writeFlags(flags & ~load<u32>(SFMASK), ALL_FLAGS);
    store<u64>(RIP, target);
  } else {
    loadFlat(selector, selector + 8, CODE_32, 0);
    writeFlags(0, FLAG_VM | FLAG_IF | FLAG_RF);
    store<u64>(RIP, load<u32>(STAR) as u64);
  }
  trapByNewFlags();
  return DONE;
}

/** Every bit of RFLAGS that can be set, RF apart, which comes out clear. */
const ALL_FLAGS: u32 = 0x3d7fd5 | FLAGS_ARITHMETIC | FLAG_RF;

/** Whether a single-step trap follows is up to the TF that the transfer has loaded. */
function trapByNewFlags(): void {
  store<u32>(TF_AT_END, 1);
  if ((flagsRest() & FLAG_TF) != 0) {
    store<u32>(PENDING_DEBUG, load<u32>(PENDING_DEBUG) | DR6_BS);
  }
}

export function sysret(rec: u32): u32 {
  if (!fastCallsExist()) return raiseUd();
  if (load<u32>(CPL) != 0) return raiseGp(0);
  const wide = sizeOf(rec) == SIZE_64;
  const target: u64 = wide ? getReg<u64>(SLOT_RCX) : (getReg<u32>(SLOT_RCX) as u64);
  if (!isCanonical(target)) return raiseGp(0);
  const base = (load<u64>(STAR) >> 48) as u32;
  const cs = (wide ? base + 16 : base) | 3;
  const long = isLongMode();
  loadFlat(cs & 0xffff, ((base + 8) | 3) & 0xffff, wide ? CODE_64 : CODE_32, 3);
  if (long) writeFlags(getReg<u32>(SLOT_R11) & 0x3c7fd7, ALL_FLAGS);
  else writeFlags(FLAG_IF, FLAG_IF);
  store<u64>(RIP, target);
  trapByNewFlags();
  return DONE;
}

export function sysenter(rec: u32): u32 {
  if (!isProtectedMode()) return raiseGp(0);
  const selector = load<u32>(SYSENTER_CS) & 0xfffc;
  if (selector == 0) return raiseGp(0);
  const long = isLongMode();
  writeFlags(0, FLAG_VM | FLAG_IF | FLAG_RF);
  loadFlat(selector, selector + 8, long ? CODE_64 : CODE_32, 0);
  const mask: u64 = long ? ~(0 as u64) : 0xffffffff;
  setRsp(load<u64>(SYSENTER_ESP) & mask);
  store<u64>(RIP, load<u64>(SYSENTER_EIP) & mask);
  return DONE;
}

export function sysexit(rec: u32): u32 {
  if (!isProtectedMode() || load<u32>(CPL) != 0) return raiseGp(0);
  const base = load<u32>(SYSENTER_CS) & 0xffff;
  if ((base & 0xfffc) == 0) return raiseGp(0);
  const wide = sizeOf(rec) == SIZE_64;
  const mask: u64 = wide ? ~(0 as u64) : 0xffffffff;
  const target = getReg<u64>(SLOT_RDX) & mask;
  const sp = getReg<u64>(SLOT_RCX) & mask;
  if (!isCanonical(target) || !isCanonical(sp)) return raiseGp(0);
  const cs = ((wide ? base + 32 : base + 16) | 3) & 0xffff;
  loadFlat(cs, (cs + 8) & 0xffff, wide ? CODE_64 : CODE_32, 3);
  setRsp(sp);
  store<u64>(RIP, target);
  return DONE;
}
