/** MXCSR and the word derived from it that the SSE fast paths look at. */
import { MXCSR, SSE_FAST, SSE_TRAP } from "../generated/state";

export const MXCSR_DAZ: u32 = 0x40;
export const MXCSR_FTZ: u32 = 0x8000;
export const MXCSR_RC: u32 = 0x6000;
export const MXCSR_MASKS: u32 = 0x1f80;
/** Bits that LDMXCSR accepts. */
export const MXCSR_DEFINED: u32 = 0xffff;
const MXCSR_PE: u32 = 0x20;

/** SSE_FAST: an SSE instruction raises #UD or #NM. */
export const SSE_TRAPPED: u32 = 0;
/** SSE_FAST: an inexact result needs attention. */
export const SSE_EXACT_ONLY: u32 = 1;
/**
 * SSE_FAST: it needs none, since all exceptions are masked, rounding is to nearest, DAZ and FTZ are
 * clear, and PE is set already.
 */
export const SSE_ANY: u32 = 2;

/** Recomputes SSE_FAST after a change of MXCSR or SSE_TRAP. */
export function updateSseMode(): void {
  const mxcsr = load<u32>(MXCSR);
  const plain =
    (mxcsr & (MXCSR_MASKS | MXCSR_RC | MXCSR_DAZ | MXCSR_FTZ | MXCSR_PE)) ==
    (MXCSR_MASKS | MXCSR_PE);
  const untrapped = plain ? SSE_ANY : SSE_EXACT_ONLY;
  store<u32>(SSE_FAST, load<u32>(SSE_TRAP) != 0 ? SSE_TRAPPED : untrapped);
}
