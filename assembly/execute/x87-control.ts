/** x87 control instructions: FNINIT, FNCLEX, control and status words, tags and TOP, WAIT. */
import { CR0_MP, CR0_TS } from "../cpu/control-bits";
import { raiseVector, VECTOR_NM } from "../cpu/fault";
import {
  FERR,
  FPU_EXCEPTIONS,
  FSW_B,
  FSW_ES,
  FSW_SF,
  initFpu,
  refreshErrorSummary,
  setControlWord,
  statusWord,
} from "../cpu/fpu-state";
import { setReg } from "../cpu/registers";
import { FAULTED, NEXT, r2Of } from "../decode/record";
import { CR0, FCW, FSW, IGNNE, SLOT_RAX } from "../generated/state";
import { finishStore } from "./operand";
import { fetchOperand, placeOperand } from "./operand-at";
import {
  clearC1,
  freeSt,
  moveTop,
  nowaitX87,
  popSt,
  raisePending,
  startX87,
  waitX87,
} from "./x87-state";

const CLEARED: u32 = FPU_EXCEPTIONS | FSW_SF | FSW_ES | FSW_B;

export function fninit(rec: u32): u32 {
  if (!nowaitX87()) return FAULTED;
  initFpu();
  return NEXT;
}

export function fnclex(rec: u32): u32 {
  if (!nowaitX87()) return FAULTED;
  store<u32>(FSW, load<u32>(FSW) & ~CLEARED);
  store<u32>(IGNNE, load<u32>(IGNNE) & ~FERR);
  return NEXT;
}

/** FNENI, FNDISI and FNSETPM of older coprocessors do nothing. */
export function fnignored(rec: u32): u32 {
  return nowaitX87() ? NEXT : FAULTED;
}

export function fnstcw(rec: u32): u32 {
  if (!nowaitX87()) return FAULTED;
  const to = placeOperand<u16>(rec);
  store<u16>(to, load<u32>(FCW) as u16);
  return finishStore(to);
}

/** FLDCW: unmasking an exception that is flagged makes it pending. */
export function fldcw(rec: u32): u32 {
  if (!waitX87()) return FAULTED;
  const from = fetchOperand<u16>(rec);
  if (from == 0) return FAULTED;
  setControlWord(load<u16>(from));
  refreshErrorSummary();
  return NEXT;
}

export function fnstsw(rec: u32): u32 {
  if (!nowaitX87()) return FAULTED;
  const to = placeOperand<u16>(rec);
  store<u16>(to, statusWord() as u16);
  return finishStore(to);
}

export function fnstswAx(rec: u32): u32 {
  if (!nowaitX87()) return FAULTED;
  setReg<u16>(SLOT_RAX, statusWord() as u16);
  return NEXT;
}

export function fnop(rec: u32): u32 {
  return startX87(rec) ? NEXT : FAULTED;
}

export function fincstp(rec: u32): u32 {
  if (!startX87(rec)) return FAULTED;
  moveTop(1);
  clearC1();
  return NEXT;
}

export function fdecstp(rec: u32): u32 {
  if (!startX87(rec)) return FAULTED;
  moveTop(7);
  clearC1();
  return NEXT;
}

/** FFREE, and FFREEP with `pops` 1. */
export function ffreeSti(rec: u32, pops: u32): u32 {
  if (!startX87(rec)) return FAULTED;
  freeSt(r2Of(rec));
  if (pops != 0) popSt();
  clearC1();
  return NEXT;
}

/** WAIT: reports a pending exception; CR0.EM does not concern it. */
export function fwait(rec: u32): u32 {
  const cr0 = load<u64>(CR0);
  if ((cr0 & (CR0_MP | CR0_TS)) == (CR0_MP | CR0_TS)) return raiseVector(VECTOR_NM);
  return raisePending() ? FAULTED : NEXT;
}
