/** The checks of this group follow; until then no CPU model has VMX. */
export function checkGuest(): u32 {
  return 0;
}
export let checkQualification: u32 = 0;
