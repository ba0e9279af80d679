/** The rest of APIC virtualization follows; until then no CPU model has VMX. */
export function emulateApicWrite(): u32 {
  return 0;
}
export function isVirtualInterruptDeliverable(): bool {
  return false;
}
export function loadInterruptStatus(): void {}
export function processPostedInterrupts(_vector: u32): bool {
  return false;
}
export function takeVirtualInterrupt(): u32 {
  return 0;
}
export function virtualTpr(): u32 {
  return 0xf0;
}
