/** MXCSR and the word derived from it that the SSE fast paths look at. */
import { MXCSR, SSE_FAST } from "../generated/state";

export const MXCSR_DAZ: u32 = 0x40;
export const MXCSR_FTZ: u32 = 0x8000;
export const MXCSR_RC: u32 = 0x6000;
export const MXCSR_MASKS: u32 = 0x1f80;
/** Bits that LDMXCSR accepts. */
export const MXCSR_DEFINED: u32 = 0xffff;
const MXCSR_PE: u32 = 0x20;

/**
 * SSE_FAST is 1 when inexactness needs no attention: all exceptions masked, rounding to nearest, no
 * DAZ or FTZ, and PE set already.
 */
export function updateSseMode(): void {
  const mxcsr = load<u32>(MXCSR);
  const plain =
    (mxcsr & (MXCSR_MASKS | MXCSR_RC | MXCSR_DAZ | MXCSR_FTZ | MXCSR_PE)) ==
    (MXCSR_MASKS | MXCSR_PE);
  store<u32>(SSE_FAST, u32(plain));
}
