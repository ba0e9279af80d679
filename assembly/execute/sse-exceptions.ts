/** How an SSE instruction ends when the floating-point library has worked for it. */
import { CR4_OSXMMEXCPT } from "../cpu/control-bits";
import { raiseUd, raiseVector, VECTOR_XM } from "../cpu/fault";
import { updateSseMode } from "../cpu/mxcsr";
import { NEXT } from "../decode/record";
import { sseExceptions } from "../fpu/status";
import { CR4, MXCSR } from "../generated/state";

/**
 * Enters the exceptions that the library has collected into MXCSR. FAULTED when one of them is
 * unmasked: the destination must then stay as it is (SDM "SIMD Floating-Point Exceptions").
 */
export function settle(): u32 {
  const mxcsr = load<u32>(MXCSR);
  const flags = sseExceptions(mxcsr);
  if ((flags & ~mxcsr) != 0) {
    store<u32>(MXCSR, mxcsr | flags);
    updateSseMode();
  }
  if ((flags & ~(mxcsr >> 7) & 0x3f) == 0) return NEXT;
  return (load<u64>(CR4) & CR4_OSXMMEXCPT) != 0 ? raiseVector(VECTOR_XM) : raiseUd();
}
