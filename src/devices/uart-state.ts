/** What a serial port remembers besides the bytes on their way. */
import { MSR } from "./uart-registers.ts";

export interface UartState {
  ier: number;
  fcr: number;
  lcr: number;
  mcr: number;
  /** Modem inputs in bits 7:4 of MSR as the cable drives them. */
  modemInputs: number;
  modemDeltas: number;
  scratch: number;
  divisor: number;
  overrun: boolean;
  /** The transmitter has become empty and nobody has noticed. */
  transmitEmpty: boolean;
  /** Bytes lie in the FIFO that nobody has fetched for four characters. */
  timedOut: boolean;
  /** When that will be; 0 when the timer is off. */
  timeoutAt: number;
}

export interface SavedUart {
  readonly registers: UartState;
  readonly fifo: readonly number[];
  readonly input: readonly number[];
}

export function initialUartState(): UartState {
  return {
    ier: 0,
    fcr: 0,
    lcr: 0,
    mcr: 0,
    modemInputs: MSR.cts | MSR.dsr | MSR.dcd,
    modemDeltas: 0,
    scratch: 0,
    divisor: 1,
    overrun: false,
    transmitEmpty: false,
    timedOut: false,
    timeoutAt: 0,
  };
}
