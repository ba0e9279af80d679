/**
 * The instruction emulator for accesses that the processor cannot make for the guest: devices and the
 * local APIC (x86_emulate_instruction). What it cannot do ends the run with the instruction's bytes.
 */
import { FIELD } from "../../generated/vmx.ts";
import { queueException, VECTOR_UD } from "../inject.ts";
import { InternalError } from "../userspace.ts";
import type { Vcpu } from "../vcpu.ts";
import { BIT_INSTRUCTIONS } from "./bits.ts";
import { type Decoded, decodeAtRip } from "./decode.ts";
import { emulationFailed } from "./failure.ts";
import { TRANSFERS } from "./far.ts";
import { executeFastCall } from "./fast-calls.ts";
import { FLOATING_INSTRUCTIONS } from "./floating.ts";
import { GENERAL_INSTRUCTIONS } from "./general.ts";
import type { Execute, Outcome } from "./operands.ts";
import { EFLAGS, STACK_INSTRUCTIONS } from "./stack.ts";
import { emulateString, isString } from "./strings.ts";
import { SEGMENT_MOVE, SYSTEM_INSTRUCTIONS } from "./system.ts";

const VALID = 0x80000000;

const INSTRUCTIONS: ReadonlyMap<string, Execute> = new Map([
  ...GENERAL_INSTRUCTIONS,
  ...BIT_INSTRUCTIONS,
  ...STACK_INSTRUCTIONS,
  ...TRANSFERS,
  ...SYSTEM_INSTRUCTIONS,
  ...FLOATING_INSTRUCTIONS,
]);

/** Mnemonics that the emulator knows in some form, strings apart. */
export const EMULATED: ReadonlySet<string> = new Set(INSTRUCTIONS.keys());

/** General registers at the start of the instruction, to be restored after a fault. */
const before = new Uint32Array(32);

/** Emulates the instruction at RIP. @throws InternalError for what is beyond it */
export function emulateMmio(vcpu: Vcpu): void {
  emulateUnless(vcpu, () => false);
}

/**
 * The same, unless `refuses` says that the instruction is not to be emulated, which it also says of
 * one that the emulator does not know (then `isKnown` is false). False when it was refused.
 * @throws InternalError
 */
export function emulateUnless(
  vcpu: Vcpu,
  refuses: (mnemonic: string, isKnown: boolean) => boolean,
): boolean {
  const delivering = vcpu.hw.read(FIELD.idt_vectoring_info);
  if ((delivering & VALID) !== 0) throw cannotDeliver(vcpu, delivering);
  const decoded = decodeAtRip(vcpu);
  if (decoded === undefined) return true;
  if (!("row" in decoded)) {
    if (refuses("", false)) return false;
    queueException(vcpu, VECTOR_UD);
    return true;
  }
  const { mnemonic } = decoded.row;
  if (refuses(mnemonic, true)) return false;
  if (emulate(vcpu, decoded)) return true;
  if (refuses(mnemonic, false)) return false;
  emulationFailed(vcpu, `emulation of ${inWords(decoded)}`);
  return true;
}

/** False when the instruction is beyond the emulator, and nothing has been done. */
function emulate(vcpu: Vcpu, decoded: Decoded): boolean {
  const trap = (vcpu.rflags & EFLAGS.TF) !== 0;
  const isRepeated = isString(decoded) && decoded.repeat !== "none";
  // The exit has set RF, which an instruction clears that comes to its end.
  if (!isRepeated) vcpu.hw.change(FIELD.guest_rflags, 0, EFLAGS.RF);
  const outcome = isString(decoded)
    ? emulateString(vcpu, decoded, trap)
    : executeWhole(vcpu, decoded);
  if (isRepeated && outcome === "done") vcpu.hw.change(FIELD.guest_rflags, 0, EFLAGS.RF);
  if (outcome === "done") vcpu.moveRip(decoded.length);
  const isOver = outcome === "done" || outcome === "jumped";
  if (isOver || (outcome === "again" && trap)) vcpu.endInstruction(trap);
  return outcome !== "unknown";
}

/** An instruction that this processor does not know (handle_ud): the guest's may, else it is #UD. */
export function emulateUndefined(vcpu: Vcpu): void {
  const decoded = decodeAtRip(vcpu);
  if (decoded === undefined) return;
  const outcome = "row" in decoded ? executeFastCall(vcpu, decoded) : "unknown";
  if (outcome === "unknown") queueException(vcpu, VECTOR_UD);
  // Whether a trap follows is up to the flags that have been loaded.
  if (outcome === "jumped") vcpu.endInstruction((vcpu.rflags & EFLAGS.TF) !== 0);
}

/** A fault leaves the registers as they were before the instruction. */
function executeWhole(vcpu: Vcpu, decoded: Decoded): Outcome {
  const { hw } = vcpu;
  const { mnemonic, operands } = decoded.row;
  const isSegment = mnemonic === "MOV" && operands.includes("Sw");
  const execute = isSegment ? SEGMENT_MOVE : INSTRUCTIONS.get(mnemonic);
  if (execute === undefined) return "unknown";
  before.set(vcpu.regs);
  const rsp = hw.readWide(FIELD.guest_rsp);
  const rip = hw.readWide(FIELD.guest_rip);
  const outcome = execute(vcpu, decoded);
  if (outcome !== "done" && outcome !== "jumped") {
    vcpu.regs.set(before);
    hw.writeWide(FIELD.guest_rsp, rsp);
    hw.writeWide(FIELD.guest_rip, rip);
  }
  return outcome;
}

/** KVM_INTERNAL_ERROR_DELIVERY_EV */
function cannotDeliver(vcpu: Vcpu, info: number): InternalError {
  return new InternalError(
    "delivery",
    `vCPU ${vcpu.index}: delivery of event 0x${info.toString(16)} meets device memory at ` +
      `guest-physical 0x${vcpu.hw.readWide(FIELD.guest_physical_address).toString(16)}`,
  );
}

function inWords({ row, bytes }: Decoded): string {
  const text = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return `${row.mnemonic} ${row.operands.join(",")} (${text})`;
}
