/** The checks of this group follow; until then no CPU model has VMX. */
export function checkControls(): u32 {
  return 0;
}
