/** String instructions of the emulator, with their repetitions, and INS and OUTS. */
import type { AccessSize } from "../../devices/device.ts";
import type { Vcpu } from "../vcpu.ts";
import { compute, FLAG } from "./alu.ts";
import type { Decoded } from "./decode.ts";
import { linearize, mayWrite, readLinear, writeLinear } from "./memory.ts";
import { type Outcome, REG, readRegister, SEG, setFlags, writeRegister } from "./operands.ts";

/** Repetitions in one go; then the instruction starts again, and events are looked at. */
const REPETITIONS_MAX = 1024;
const STRINGS = new Set(["MOVS", "STOS", "LODS", "CMPS", "SCAS", "INS", "OUTS"]);

export function isString(decoded: Decoded): boolean {
  return STRINGS.has(decoded.row.mnemonic) && decoded.row.operands.every((name) => name === "-");
}

/** Carries out a string instruction, with `trap` one repetition; "again" when some are left. */
export function emulateString(vcpu: Vcpu, d: Decoded, trap: boolean): Outcome {
  if (d.repeat === "none") return once(vcpu, d) ? "done" : "fault";
  const limit = trap ? 1 : REPETITIONS_MAX;
  for (let i = 0; i < limit; i++) {
    const count = readRegister(vcpu, REG.rcx, d.addressSize);
    if (count === 0n) return "done";
    if (!once(vcpu, d)) return "fault";
    writeRegister(vcpu, REG.rcx, d.addressSize, count - 1n);
    const compares = d.row.mnemonic === "CMPS" || d.row.mnemonic === "SCAS";
    if (compares && ((vcpu.rflags & FLAG.ZF) !== 0) !== (d.repeat === "repz")) return "done";
  }
  return readRegister(vcpu, REG.rcx, d.addressSize) === 0n ? "done" : "again";
}

/** One repetition; false with a fault queued and nothing changed. */
function once(vcpu: Vcpu, d: Decoded): boolean {
  const { size, addressSize } = d;
  const source = readRegister(vcpu, REG.rsi, addressSize);
  const target = readRegister(vcpu, REG.rdi, addressSize);
  const readSource = () => {
    const from = linearize(vcpu, d, d.segment, source, size, false);
    return from === undefined ? undefined : readLinear(vcpu, from, size);
  };
  const targetAt = (write: boolean) => linearize(vcpu, d, SEG.es, target, size, write);
  /** Where a value of a source goes; the access is tried before the source is read. */
  const writableTarget = () => {
    const to = targetAt(true);
    return to !== undefined && mayWrite(vcpu, to, size) ? to : undefined;
  };
  let usesSource = false;
  let usesTarget = false;
  switch (d.row.mnemonic) {
    case "MOVS": {
      const value = readSource();
      if (value === undefined) return false;
      const to = targetAt(true);
      if (to === undefined || !writeLinear(vcpu, to, size, value)) return false;
      usesSource = true;
      usesTarget = true;
      break;
    }
    case "STOS": {
      const to = targetAt(true);
      const value = readRegister(vcpu, REG.rax, size);
      if (to === undefined || !writeLinear(vcpu, to, size, value)) return false;
      usesTarget = true;
      break;
    }
    case "LODS": {
      const value = readSource();
      if (value === undefined) return false;
      writeRegister(vcpu, REG.rax, size, value);
      usesSource = true;
      break;
    }
    case "CMPS":
    case "SCAS": {
      const isCmps = d.row.mnemonic === "CMPS";
      const a = isCmps ? readSource() : readRegister(vcpu, REG.rax, size);
      if (a === undefined) return false;
      const to = targetAt(false);
      const b = to === undefined ? undefined : readLinear(vcpu, to, size);
      if (b === undefined) return false;
      setFlags(vcpu, compute("CMP", a, b, 0, size * 8)!.flags);
      usesSource = isCmps;
      usesTarget = true;
      break;
    }
    case "INS": {
      const to = writableTarget();
      if (to === undefined) return false;
      const port = Number(readRegister(vcpu, REG.rdx, 2));
      const value = vcpu.userspace.readPort(port, size as AccessSize) >>> 0;
      if (!writeLinear(vcpu, to, size, BigInt(value))) return false;
      usesTarget = true;
      break;
    }
    default: {
      const value = readSource();
      if (value === undefined) return false;
      const port = Number(readRegister(vcpu, REG.rdx, 2));
      vcpu.userspace.writePort(port, size as AccessSize, Number(value));
      usesSource = true;
    }
  }
  const step = (vcpu.rflags & FLAG.DF) !== 0 ? -BigInt(size) : BigInt(size);
  if (usesSource) writeRegister(vcpu, REG.rsi, addressSize, source + step);
  if (usesTarget) writeRegister(vcpu, REG.rdi, addressSize, target + step);
  return true;
}
