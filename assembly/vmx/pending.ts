/**
 * Noting a VM exit. Like an exception it is noted in the processor state by a function that returns
 * FAULTED; the run loop then carries it out (vmx/exit.ts). So whatever can fault can exit.
 *
 * An exit is fault-like unless the caller has moved RIP: the saved RIP is that of the instruction.
 */
import { KIND_VM_EXIT } from "../cpu/fault";
import { FAULTED, lengthOf } from "../decode/record";
import {
  EXIT_GLA,
  EXIT_GPA,
  EXIT_INFO,
  EXIT_INTR_ERROR,
  EXIT_INTR_INFO,
  EXIT_LENGTH,
  EXIT_QUALIFICATION,
  EXIT_REASON,
  FAULT,
  FAULT_KIND,
} from "../generated/state";

/** Notes an exit with all other fields 0. Returns FAULTED. */
export function noteExit(reason: u32, qualification: u64): u32 {
  store<u32>(FAULT, 1);
  store<u32>(FAULT_KIND, KIND_VM_EXIT);
  store<u32>(EXIT_REASON, reason);
  store<u64>(EXIT_QUALIFICATION, qualification);
  store<u32>(EXIT_LENGTH, 0);
  store<u32>(EXIT_INFO, 0);
  store<u32>(EXIT_INTR_INFO, 0);
  store<u32>(EXIT_INTR_ERROR, 0);
  store<u64>(EXIT_GLA, 0);
  store<u64>(EXIT_GPA, 0);
  return FAULTED;
}

/** Notes an exit by the instruction at `rec`, with its length. Returns FAULTED. */
export function exitInstruction(rec: u32, reason: u32, qualification: u64): u32 {
  noteExit(reason, qualification);
  store<u32>(EXIT_LENGTH, lengthOf(rec));
  return FAULTED;
}

/** The same with instruction information. Returns FAULTED. */
export function exitWithInfo(rec: u32, reason: u32, qualification: u64, info: u32): u32 {
  exitInstruction(rec, reason, qualification);
  store<u32>(EXIT_INFO, info);
  return FAULTED;
}
