/** @inline */
export function a(x: u32): u32 {
  return x + 1;
}
/** Doc. @inline */
function b(x: u32): u32 {
  return load<u32>(x) + 1;
}
export function c(x: u32): u32 {
  return b(x) + b(x + 4);
}
