/** VM-entry checks on guest TR and LDTR (SDM "Checks on Guest Segment Registers"). */
import { AR_P, AR_S, AR_TYPE, AR_UNUSABLE, SEG_LDTR, SEG_TR } from "../cpu/mode";
import {
  CHECK_GUEST_LDTR_AR_G_HIGH,
  CHECK_GUEST_LDTR_AR_G_LOW,
  CHECK_GUEST_LDTR_AR_P,
  CHECK_GUEST_LDTR_AR_RESERVED_11_8,
  CHECK_GUEST_LDTR_AR_RESERVED_31_17,
  CHECK_GUEST_LDTR_AR_S,
  CHECK_GUEST_LDTR_AR_TYPE,
  CHECK_GUEST_TR_AR_G_HIGH,
  CHECK_GUEST_TR_AR_G_LOW,
  CHECK_GUEST_TR_AR_P,
  CHECK_GUEST_TR_AR_RESERVED_11_8,
  CHECK_GUEST_TR_AR_RESERVED_31_17,
  CHECK_GUEST_TR_AR_S,
  CHECK_GUEST_TR_AR_TYPE,
  CHECK_GUEST_TR_AR_UNUSABLE,
} from "../generated/vmx";
import {
  AR_RESERVED_HIGH,
  AR_RESERVED_LOW,
  guestAccess,
  guestLimit,
  isGranularityTooHigh,
  isGranularityTooLow,
} from "./check-segments";
import { isIa32eGuest } from "./check-words";

const TYPE_LDT: u32 = 2;
const TYPE_TSS_BUSY_16: u32 = 3;
const TYPE_TSS_BUSY: u32 = 11;

/** TR; 0 when all hold. */
export function checkTr(): u32 {
  const access = guestAccess(SEG_TR);
  const limit = guestLimit(SEG_TR);
  const type = access & AR_TYPE;
  const is16 = type == TYPE_TSS_BUSY_16 && !isIa32eGuest();
  if (type != TYPE_TSS_BUSY && !is16) return CHECK_GUEST_TR_AR_TYPE;
  if ((access & AR_S) != 0) return CHECK_GUEST_TR_AR_S;
  if ((access & AR_P) == 0) return CHECK_GUEST_TR_AR_P;
  if ((access & AR_RESERVED_LOW) != 0) return CHECK_GUEST_TR_AR_RESERVED_11_8;
  if (isGranularityTooHigh(access, limit)) return CHECK_GUEST_TR_AR_G_LOW;
  if (isGranularityTooLow(access, limit)) return CHECK_GUEST_TR_AR_G_HIGH;
  if ((access & AR_UNUSABLE) != 0) return CHECK_GUEST_TR_AR_UNUSABLE;
  return (access & AR_RESERVED_HIGH) != 0 ? CHECK_GUEST_TR_AR_RESERVED_31_17 : 0;
}

/** LDTR, unless it is unusable; 0 when all hold. */
export function checkLdtr(): u32 {
  const access = guestAccess(SEG_LDTR);
  const limit = guestLimit(SEG_LDTR);
  if ((access & AR_UNUSABLE) != 0) return 0;
  if ((access & AR_TYPE) != TYPE_LDT) return CHECK_GUEST_LDTR_AR_TYPE;
  if ((access & AR_S) != 0) return CHECK_GUEST_LDTR_AR_S;
  if ((access & AR_P) == 0) return CHECK_GUEST_LDTR_AR_P;
  if ((access & AR_RESERVED_LOW) != 0) return CHECK_GUEST_LDTR_AR_RESERVED_11_8;
  if (isGranularityTooHigh(access, limit)) return CHECK_GUEST_LDTR_AR_G_LOW;
  if (isGranularityTooLow(access, limit)) return CHECK_GUEST_LDTR_AR_G_HIGH;
  return (access & AR_RESERVED_HIGH) != 0 ? CHECK_GUEST_LDTR_AR_RESERVED_31_17 : 0;
}
