/**
 * IPI virtualization and posted-interrupt processing, and what they ask of the physical local APIC.
 *
 * A posted-interrupt descriptor has 64 bytes: a bit for each vector (PIR), then
 *
 *   32 bit 0 outstanding notification, bit 1 suppress notification
 *   34 u8 notification vector
 *   36 u32 notification destination, an APIC ID; in xAPIC mode in bits 15:8
 */
import { APIC_BASE, CTL_PIN, RVI } from "../generated/state";
import {
  PIN_PROCESS_POSTED_INTERRUPTS,
  V_LAST_PID_POINTER_INDEX,
  V_PID_POINTER_TABLE_ADDR,
  V_POSTED_INTR_DESC_ADDR,
  V_POSTED_INTR_NOTIFICATION_VECTOR,
} from "../generated/vmx";
import { mmioRead, mmioWrite, msrWrite } from "../host";
import { M_PHYS_BITS } from "../layout";
import { noteStore } from "../memory/code";
import { physicalRead64 } from "../memory/physical";
import { VAPIC_IRR, vapicRead32, vapicWrite32 } from "./apic-page";
import { evaluateVirtualInterrupt } from "./apic-virtual";
import { regionPointer, vmcsRead } from "./vmcs";

const VECTOR_MIN: u32 = 16;
/** What must be 0 in ICR: everything but the vector and the level, which edge triggering ignores. */
const ICR_NOT_VIRTUAL: u32 = 0xffffbf00;

// Posted-interrupt descriptor.
const PID_BYTES: u32 = 64;
const PID_CONTROL: u32 = 32;
const PID_VECTOR: u32 = 34;
const PID_DESTINATION: u32 = 36;
const PID_ON: u32 = 1;
const PID_SN: u32 = 2;

// Entry of the PID-pointer table.
const POINTER_VALID: u64 = 1;
const POINTER_RESERVED: u64 = 0x3e;

// The physical local APIC.
const APIC_BASE_X2APIC: u64 = 0x400;
const APIC_BASE_ENABLE: u64 = 0x800;
const APIC_EOI: u32 = 0xb0;
const APIC_ICR_LOW: u32 = 0x300;
const APIC_ICR_HIGH: u32 = 0x310;
const MSR_X2APIC_EOI: u32 = 0x80b;
const MSR_X2APIC_ICR: u32 = 0x830;

/** @inline */
function isX2apic(): bool {
  const mode = APIC_BASE_ENABLE | APIC_BASE_X2APIC;
  return (load<u64>(APIC_BASE) & mode) == mode;
}

function writeApic(offset: u32, value: u32): void {
  const base = load<u64>(APIC_BASE);
  mmioWrite((base as u32 & 0xfffff000) + offset, (base >> 32) as u32, 4, value);
}

function readApic(offset: u32): u32 {
  const base = load<u64>(APIC_BASE);
  return mmioRead((base as u32 & 0xfffff000) + offset, (base >> 32) as u32, 4);
}

/** End of interrupt in the physical local APIC, whichever mode it is in. */
function endPhysicalInterrupt(): void {
  if ((load<u64>(APIC_BASE) & APIC_BASE_ENABLE) == 0) return;
  if (isX2apic()) msrWrite(MSR_X2APIC_EOI, 0, 0);
  else writeApic(APIC_EOI, 0);
}

/** Sends the notification that a descriptor asks for, as a fixed, physical IPI. */
function sendNotification(vector: u32, destination: u32): void {
  if ((load<u64>(APIC_BASE) & APIC_BASE_ENABLE) == 0) return;
  if (isX2apic()) {
    msrWrite(MSR_X2APIC_ICR, vector, destination);
    return;
  }
  // The destination that the hypervisor may have prepared in ICR is not to change.
  const before = readApic(APIC_ICR_HIGH);
  writeApic(APIC_ICR_HIGH, ((destination >>> 8) & 0xff) << 24);
  writeApic(APIC_ICR_LOW, vector);
  writeApic(APIC_ICR_HIGH, before);
}

/** Posts `vector` in the descriptor at host-physical address `hpa`, notifying where it asks for it. */
function postInterrupt(hpa: u64, vector: u32): void {
  const host = regionPointer(hpa);
  if (host == 0) return;
  const word = host + ((vector >>> 5) << 2);
  store<u32>(word, load<u32>(word) | (1 << (vector & 31)));
  const control = load<u32>(host, PID_CONTROL);
  if ((control & (PID_ON | PID_SN)) == 0) {
    store<u32>(host, control | PID_ON, PID_CONTROL);
    sendNotification(load<u8>(host, PID_VECTOR), load<u32>(host, PID_DESTINATION));
  }
  noteStore(host, PID_BYTES);
}

/**
 * SDM "IPI Virtualization": sends the IPI that ICR (`low`, and the APIC ID `destination`) describes
 * by posting it. Returns false when an APIC-write VM exit has to do it.
 */
export function virtualizeIpi(low: u32, destination: u32): bool {
  const vector = low & 0xff;
  if ((low & ICR_NOT_VIRTUAL) != 0 || vector < VECTOR_MIN) return false;
  if (destination > (vmcsRead<u16>(V_LAST_PID_POINTER_INDEX) as u32)) return false;
  const table = vmcsRead<u64>(V_PID_POINTER_TABLE_ADDR);
  const entry = physicalRead64(table + ((destination as u64) << 3));
  const beyond = entry >> (load<u32>(M_PHYS_BITS) as u64);
  if ((entry & (POINTER_VALID | POINTER_RESERVED)) != POINTER_VALID || beyond != 0) return false;
  postInterrupt(entry & ~(POINTER_VALID | POINTER_RESERVED), vector);
  return true;
}

/**
 * Posted-interrupt processing of the external interrupt `vector`, which has been acknowledged.
 * Returns false when it is not the notification vector of the guest: then nothing has been done.
 */
export function processPostedInterrupts(vector: u32): bool {
  if ((load<u32>(CTL_PIN) & PIN_PROCESS_POSTED_INTERRUPTS) == 0) return false;
  if (vector != (vmcsRead<u16>(V_POSTED_INTR_NOTIFICATION_VECTOR) as u32)) return false;
  const host = regionPointer(vmcsRead<u64>(V_POSTED_INTR_DESC_ADDR));
  if (host != 0) store<u32>(host, load<u32>(host, PID_CONTROL) & ~PID_ON, PID_CONTROL);
  endPhysicalInterrupt();
  if (host != 0) requestPosted(host);
  evaluateVirtualInterrupt();
  return true;
}

/** Moves the requests of the descriptor at pointer `host` to VIRR and RVI. */
function requestPosted(host: u32): void {
  let highest: u32 = 0;
  for (let i: u32 = 0; i < 8; i++) {
    const posted = load<u32>(host + (i << 2));
    if (posted == 0) continue;
    store<u32>(host + (i << 2), 0);
    const word = VAPIC_IRR + (i << 4);
    vapicWrite32(word, vapicRead32(word) | posted);
    highest = (i << 5) + (31 - clz<u32>(posted));
  }
  noteStore(host, PID_BYTES);
  if (highest > load<u32>(RVI)) store<u32>(RVI, highest);
}
