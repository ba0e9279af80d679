/** Registers and bits of the local APIC (SDM "Advanced Programmable Interrupt Controller"). */

/** Offsets in the xAPIC page; the x2APIC MSR is 0x800 plus a sixteenth of it. */
export const APIC_REGISTER = {
  id: 0x020,
  version: 0x030,
  tpr: 0x080,
  apr: 0x090,
  ppr: 0x0a0,
  eoi: 0x0b0,
  remoteRead: 0x0c0,
  ldr: 0x0d0,
  dfr: 0x0e0,
  svr: 0x0f0,
  isr: 0x100,
  tmr: 0x180,
  irr: 0x200,
  esr: 0x280,
  icrLow: 0x300,
  icrHigh: 0x310,
  lvtTimer: 0x320,
  lvtThermal: 0x330,
  lvtPerformance: 0x340,
  lvtLint0: 0x350,
  lvtLint1: 0x360,
  lvtError: 0x370,
  initialCount: 0x380,
  currentCount: 0x390,
  divide: 0x3e0,
  selfIpi: 0x3f0,
} as const;

export const X2APIC_MSR_FIRST = 0x800;
export const X2APIC_MSR_LAST = 0x8ff;

/** IA32_APIC_BASE. */
export const BASE = {
  bootstrap: 1 << 8,
  x2apic: 1 << 10,
  enable: 1 << 11,
  defaultHpa: 0xfee00000,
} as const;

/** Index into the local vector table, in the order of the registers. */
export const LVT = { timer: 0, thermal: 1, performance: 2, lint0: 3, lint1: 4, error: 5 } as const;
export const LVT_ENTRIES = 6;

export const LVT_BIT = {
  status: 1 << 12,
  polarity: 1 << 13,
  remoteIrr: 1 << 14,
  level: 1 << 15,
  masked: 1 << 16,
} as const;

/** Values of the delivery-mode field in LVT, ICR and I/O APIC entries. */
export const Delivery = {
  fixed: 0,
  lowestPriority: 1,
  smi: 2,
  nmi: 4,
  init: 5,
  startup: 6,
  extInt: 7,
} as const;

/** Bits of the error status register. */
export const APIC_ERROR = {
  sendIllegalVector: 1 << 5,
  receiveIllegalVector: 1 << 6,
  illegalRegister: 1 << 7,
} as const;

export const SVR = {
  vector: 0xff,
  enable: 1 << 8,
  focusDisable: 1 << 9,
  suppressEoiBroadcast: 1 << 12,
} as const;

export const ICR = {
  logical: 1 << 11,
  assert: 1 << 14,
  level: 1 << 15,
} as const;

export const Shorthand = { none: 0, self: 1, all: 2, others: 3 } as const;

/** Vectors below are reserved for exceptions and illegal in messages. */
export const VECTOR_MIN = 16;
/** Destination that means every APIC: 8 bits wide in xAPIC and I/O APIC messages, else 32. */
export const BROADCAST_8 = 0xff;
export const BROADCAST_32 = 0xffffffff;
