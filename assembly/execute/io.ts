/** IN, OUT, INS, OUTS. */
import { notePortAccess } from "../cpu/debug";
import { FLAG_DF, flagsRest } from "../cpu/flags";
import { isProtectedMode, isVirtual8086, SEG_ES } from "../cpu/mode";
import { getReg, setReg } from "../cpu/registers";
import { linear, linearize } from "../cpu/segment";
import { spendTicks } from "../cpu/time";
import { portPermitted } from "../cpu/tss";
import {
  AGAIN,
  addressSizeOf,
  FAULTED,
  imm32Of,
  NEXT,
  PREFIX_F2,
  PREFIX_F3,
  prefixOf,
  segmentOf,
  sizeOf,
} from "../decode/record";
import { CPL, SLOT_RAX, SLOT_RCX, SLOT_RDI, SLOT_RDX, SLOT_RSI } from "../generated/state";
import { portRead, portWrite } from "../host";
import { readSlow, writeSlow } from "../memory/access";
import { exitIo, exitStringIo, ioExits } from "../vmx/intercept";
import { isNonRoot } from "../vmx/vmcs";
import { addressSizeMask } from "./address";
import { finishStore, getRegSized, loadSized, setRegSized, storeSized } from "./operand";

/**
 * Virtual time that an access to a port takes: about a cycle of the ISA bus, as which chip sets serve
 * the ports of a PC. Guests wait by the count of such accesses, and poll by them.
 */
const PORT_TICKS: i32 = 1000;

/** Checks IOPL and the I/O permission bitmap. */
function isPermitted(port: u32, bytes: u32): bool {
  if (!isProtectedMode()) return true;
  const iopl = (flagsRest() >>> 12) & 3;
  if (load<u32>(CPL) <= iopl && !isVirtual8086()) return true;
  return portPermitted(port, bytes);
}

function input(rec: u32, port: u32, immediate: bool): u32 {
  const size = sizeOf(rec);
  const bytes: u32 = 1 << size;
  if (!isPermitted(port, bytes)) return FAULTED;
  if (isNonRoot() && ioExits(port, bytes)) return exitIo(rec, port, bytes, true, immediate);
  notePortAccess(port, bytes);
  setRegSized(SLOT_RAX, portRead(port, bytes) as u64, size);
  spendTicks(PORT_TICKS - 1);
  return NEXT;
}

function output(rec: u32, port: u32, immediate: bool): u32 {
  const size = sizeOf(rec);
  const bytes: u32 = 1 << size;
  if (!isPermitted(port, bytes)) return FAULTED;
  if (isNonRoot() && ioExits(port, bytes)) return exitIo(rec, port, bytes, false, immediate);
  notePortAccess(port, bytes);
  portWrite(port, bytes, getRegSized(SLOT_RAX, size) as u32);
  spendTicks(PORT_TICKS - 1);
  return NEXT;
}

export function inIb(rec: u32): u32 {
  return input(rec, imm32Of(rec) & 0xff, true);
}

export function inDx(rec: u32): u32 {
  return input(rec, getReg<u16>(SLOT_RDX) as u32, false);
}

export function outIb(rec: u32): u32 {
  return output(rec, imm32Of(rec) & 0xff, true);
}

export function outDx(rec: u32): u32 {
  return output(rec, getReg<u16>(SLOT_RDX) as u32, false);
}

/** Writes a register as wide as addresses are. */
function setAddressReg(slot: u32, value: u64, mask: u64): void {
  if (mask == 0xffff) setReg<u16>(slot, value as u16);
  else setReg<u64>(slot, value & mask);
}

/** Counts one element off a repetition; NEXT when it is over or there is none. */
function finishElement(rec: u32, slot: u32, mask: u64): u32 {
  const step = (1 << sizeOf(rec)) as u64;
  const index = getReg<u64>(slot);
  setAddressReg(slot, (flagsRest() & FLAG_DF) != 0 ? index - step : index + step, mask);
  if ((prefixOf(rec) & (PREFIX_F2 | PREFIX_F3)) == 0) return NEXT;
  const left = (getReg<u64>(SLOT_RCX) - 1) & mask;
  setAddressReg(SLOT_RCX, left, mask);
  return left == 0 ? NEXT : AGAIN;
}

/** True when a repetition has nothing to do. */
function isEmptyRepetition(rec: u32, mask: u64): bool {
  return (prefixOf(rec) & (PREFIX_F2 | PREFIX_F3)) != 0 && (getReg<u64>(SLOT_RCX) & mask) == 0;
}

export function ins(rec: u32): u32 {
  const size = sizeOf(rec);
  const bytes: u32 = 1 << size;
  const mask = addressSizeMask(addressSizeOf(rec));
  const port = getReg<u16>(SLOT_RDX) as u32;
  if (!isPermitted(port, bytes)) return FAULTED;
  if (isEmptyRepetition(rec, mask)) return NEXT;
  if (isNonRoot() && ioExits(port, bytes)) {
    return exitStringIo(rec, port, bytes, true, SEG_ES, getReg<u64>(SLOT_RDI) & mask);
  }
  // The destination is checked before the port is read: reading may have effects.
  if (!linearize(SEG_ES, getReg<u64>(SLOT_RDI) & mask, bytes, true)) return FAULTED;
  const host = writeSlow(linear, bytes, rec, true);
  if (host == 0) return FAULTED;
  notePortAccess(port, bytes);
  storeSized(host, portRead(port, bytes) as u64, size);
  spendTicks(PORT_TICKS - 1);
  if (finishStore(host) != NEXT) return FAULTED;
  return finishElement(rec, SLOT_RDI, mask);
}

export function outs(rec: u32): u32 {
  const size = sizeOf(rec);
  const bytes: u32 = 1 << size;
  const mask = addressSizeMask(addressSizeOf(rec));
  const port = getReg<u16>(SLOT_RDX) as u32;
  if (!isPermitted(port, bytes)) return FAULTED;
  if (isEmptyRepetition(rec, mask)) return NEXT;
  if (isNonRoot() && ioExits(port, bytes)) {
    const offset = getReg<u64>(SLOT_RSI) & mask;
    return exitStringIo(rec, port, bytes, false, segmentOf(rec), offset);
  }
  if (!linearize(segmentOf(rec), getReg<u64>(SLOT_RSI) & mask, bytes, false)) return FAULTED;
  const host = readSlow(linear, bytes, rec);
  if (host == 0) return FAULTED;
  const value = loadSized(host, size) as u32;
  notePortAccess(port, bytes);
  portWrite(port, bytes, value);
  spendTicks(PORT_TICKS - 1);
  return finishElement(rec, SLOT_RSI, mask);
}
