/** Register numbers and bits of the 16550A. */

export const UART_REGISTER = {
  data: 0,
  interruptEnable: 1,
  /** IIR when read, FCR when written. */
  interruptId: 2,
  lineControl: 3,
  modemControl: 4,
  lineStatus: 5,
  modemStatus: 6,
  scratch: 7,
} as const;

export const IER = {
  receivedData: 0x01,
  transmitEmpty: 0x02,
  lineStatus: 0x04,
  modemStatus: 0x08,
  all: 0x0f,
} as const;

/** Interrupt identification, highest priority first; bit 0 is low while one is pending. */
export const IIR = {
  lineStatus: 0x06,
  receivedData: 0x04,
  timeout: 0x0c,
  transmitEmpty: 0x02,
  modemStatus: 0x00,
  none: 0x01,
  fifosEnabled: 0xc0,
} as const;

export const FCR = {
  enable: 0x01,
  clearReceive: 0x02,
  clearTransmit: 0x04,
  /** Enable, DMA mode and trigger level; the clear bits return to 0 by themselves. */
  kept: 0xc9,
} as const;

export const LCR = {
  wordLength: 0x03,
  twoStopBits: 0x04,
  parityEnable: 0x08,
  setBreak: 0x40,
  divisorLatch: 0x80,
} as const;

export const MCR = {
  dtr: 0x01,
  rts: 0x02,
  out1: 0x04,
  out2: 0x08,
  loopback: 0x10,
  all: 0x1f,
} as const;

export const LSR = {
  dataReady: 0x01,
  overrun: 0x02,
  parityError: 0x04,
  framingError: 0x08,
  breakInterrupt: 0x10,
  transmitHoldingEmpty: 0x20,
  transmitterEmpty: 0x40,
  fifoError: 0x80,
  /** What may be set without reading LSR changing anything. */
  quiet: 0x61,
} as const;

export const MSR = { cts: 0x10, dsr: 0x20, ri: 0x40, dcd: 0x80 } as const;
