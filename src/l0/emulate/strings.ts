/** String instructions of the emulator, with their repetitions, and INS and OUTS. */
import type { AccessSize } from "../../devices/device.ts";
import type { Vcpu } from "../vcpu.ts";
import { compute, FLAG } from "./alu.ts";
import { type Decoded, linearOf } from "./decode.ts";
import { type Outcome, readRegister, setFlags, writeRegister } from "./emulator.ts";
import { mayWrite, readLinear, writeLinear } from "./memory.ts";

const RAX = 0;
const RCX = 1 << 3;
const RDX = 2 << 3;
const RSI = 6 << 3;
const RDI = 7 << 3;
const ES = 0;
/** Repetitions in one go; then the instruction starts again, and events are looked at. */
const REPETITIONS_MAX = 1024;
const STRINGS = new Set(["MOVS", "STOS", "LODS", "CMPS", "SCAS", "INS", "OUTS"]);

export function isString(decoded: Decoded): boolean {
  return STRINGS.has(decoded.row.mnemonic) && decoded.row.operands.every((name) => name === "-");
}

/** Carries out a string instruction; "again" when repetitions are left. */
export function emulateString(vcpu: Vcpu, d: Decoded): Outcome {
  if (d.repeat === "none") return once(vcpu, d) ? "done" : "fault";
  for (let i = 0; i < REPETITIONS_MAX; i++) {
    const count = readRegister(vcpu, RCX, d.addressSize);
    if (count === 0n) return "done";
    if (!once(vcpu, d)) return "fault";
    writeRegister(vcpu, RCX, d.addressSize, count - 1n);
    const compares = d.row.mnemonic === "CMPS" || d.row.mnemonic === "SCAS";
    if (compares && ((vcpu.rflags & FLAG.ZF) !== 0) !== (d.repeat === "repz")) return "done";
  }
  return readRegister(vcpu, RCX, d.addressSize) === 0n ? "done" : "again";
}

/** One repetition; false with a fault queued and nothing changed. */
function once(vcpu: Vcpu, d: Decoded): boolean {
  const { size, addressSize, codeBytes } = d;
  const source = readRegister(vcpu, RSI, addressSize);
  const target = readRegister(vcpu, RDI, addressSize);
  const from = linearOf(vcpu, d.segment, source, codeBytes);
  const to = linearOf(vcpu, ES, target, codeBytes);
  let usesSource = false;
  let usesTarget = false;
  switch (d.row.mnemonic) {
    case "MOVS": {
      if (!mayWrite(vcpu, to, size)) return false;
      const value = readLinear(vcpu, from, size);
      if (value === undefined || !writeLinear(vcpu, to, size, value)) return false;
      usesSource = true;
      usesTarget = true;
      break;
    }
    case "STOS":
      if (!writeLinear(vcpu, to, size, readRegister(vcpu, RAX, size))) return false;
      usesTarget = true;
      break;
    case "LODS": {
      const value = readLinear(vcpu, from, size);
      if (value === undefined) return false;
      writeRegister(vcpu, RAX, size, value);
      usesSource = true;
      break;
    }
    case "CMPS":
    case "SCAS": {
      const isCmps = d.row.mnemonic === "CMPS";
      const a = isCmps ? readLinear(vcpu, from, size) : readRegister(vcpu, RAX, size);
      const b = readLinear(vcpu, to, size);
      if (a === undefined || b === undefined) return false;
      setFlags(vcpu, compute("CMP", a, b, 0, size * 8)!.flags);
      usesSource = isCmps;
      usesTarget = true;
      break;
    }
    case "INS": {
      if (!mayWrite(vcpu, to, size)) return false;
      const port = Number(readRegister(vcpu, RDX, 2));
      const value = vcpu.userspace.readPort(port, size as AccessSize) >>> 0;
      if (!writeLinear(vcpu, to, size, BigInt(value))) return false;
      usesTarget = true;
      break;
    }
    default: {
      const value = readLinear(vcpu, from, size);
      if (value === undefined) return false;
      const port = Number(readRegister(vcpu, RDX, 2));
      vcpu.userspace.writePort(port, size as AccessSize, Number(value));
      usesSource = true;
    }
  }
  const step = (vcpu.rflags & FLAG.DF) !== 0 ? -BigInt(size) : BigInt(size);
  if (usesSource) writeRegister(vcpu, RSI, addressSize, source + step);
  if (usesTarget) writeRegister(vcpu, RDI, addressSize, target + step);
  return true;
}
