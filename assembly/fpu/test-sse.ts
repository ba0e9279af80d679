/** Part of the test build: SSE operations on records. */
import { rcpF32, rsqrtF32 } from "./sse-approximate";
import * as cvt from "./sse-convert";
import * as ss from "./sse-f32";
import * as sd from "./sse-f64";
import { fpFlags, sseClear } from "./status";

/** Operations 64 to 80. */
function single(op: u32, a: u32, b: u32, mxcsr: u32): u32 {
  switch (op) {
    case 64:
      return ss.addF32(a, b, mxcsr);
    case 65:
      return ss.subF32(a, b, mxcsr);
    case 66:
      return ss.mulF32(a, b, mxcsr);
    case 67:
      return ss.divF32(a, b, mxcsr);
    case 68:
      return ss.sqrtF32(a, mxcsr);
    case 69:
      return ss.minF32(a, b, mxcsr);
    case 70:
      return ss.maxF32(a, b, mxcsr);
    case 71:
      return ss.comiF32(a, b, false, mxcsr);
    case 72:
      return ss.comiF32(a, b, true, mxcsr);
    default:
      return ss.cmpF32(a, b, op - 73, mxcsr);
  }
}

/** Operations 96 to 112. */
function double(op: u32, a: u64, b: u64, mxcsr: u32): u64 {
  switch (op) {
    case 96:
      return sd.addF64(a, b, mxcsr);
    case 97:
      return sd.subF64(a, b, mxcsr);
    case 98:
      return sd.mulF64(a, b, mxcsr);
    case 99:
      return sd.divF64(a, b, mxcsr);
    case 100:
      return sd.sqrtF64(a, mxcsr);
    case 101:
      return sd.minF64(a, b, mxcsr);
    case 102:
      return sd.maxF64(a, b, mxcsr);
    case 103:
      return sd.comiF64(a, b, false, mxcsr);
    case 104:
      return sd.comiF64(a, b, true, mxcsr);
    default:
      return sd.cmpF64(a, b, op - 105, mxcsr);
  }
}

/** Operations 128 to 141. */
function conversion(op: u32, a: u64, mxcsr: u32): u64 {
  switch (op) {
    case 128:
      return cvt.i32ToF32(i32(a), mxcsr);
    case 129:
      return cvt.i64ToF32(i64(a), mxcsr);
    case 130:
      return cvt.i32ToF64(i32(a));
    case 131:
      return cvt.i64ToF64(i64(a), mxcsr);
    case 132:
      return u32(cvt.f32ToI32(u32(a), mxcsr));
    case 133:
      return cvt.f32ToI64(u32(a), mxcsr);
    case 134:
      return u32(cvt.f64ToI32(a, mxcsr));
    case 135:
      return cvt.f64ToI64(a, mxcsr);
    case 136:
      return u32(cvt.f32ToI32Truncated(u32(a), mxcsr));
    case 137:
      return cvt.f32ToI64Truncated(u32(a), mxcsr);
    case 138:
      return u32(cvt.f64ToI32Truncated(a, mxcsr));
    case 139:
      return cvt.f64ToI64Truncated(a, mxcsr);
    case 140:
      return cvt.f32ToF64(u32(a), mxcsr);
    default:
      return cvt.f64ToF32(a, mxcsr);
  }
}

/** Executes the SSE record at `source` and writes the outcome to that at `target`. */
export function sseOperation(source: usize, target: usize): void {
  const op = load<u32>(source);
  const mxcsr = load<u32>(source, 4);
  const a = load<u64>(source, 8);
  const b = load<u64>(source, 16);
  sseClear();
  let result: u64;
  if (op < 96) result = single(op, u32(a), u32(b), mxcsr);
  else if (op < 128) result = double(op, a, b, mxcsr);
  else if (op < 144) result = conversion(op, a, mxcsr);
  else if (op < 160) result = ss.roundF32(u32(a), op - 144, mxcsr);
  else if (op < 176) result = sd.roundF64(a, op - 160, mxcsr);
  else if (op == 176) result = rcpF32(u32(a));
  else result = rsqrtF32(u32(a));
  const trapped = u32((fpFlags & ~(mxcsr >> 7) & 0x3f) != 0);
  store<u64>(target, trapped ? 0 : result, 32);
  store<u64>(target, 0, 40);
  store<u64>(target, 0, 48);
  store<u32>(target, mxcsr | fpFlags, 56);
  store<u32>(target, trapped, 60);
}
