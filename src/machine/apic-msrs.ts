/** The MSRs that a processor's local APIC answers: IA32_APIC_BASE, the x2APIC's, the TSC deadline. */
import type { LocalApic } from "../devices/local-apic.ts";

const MSR_APIC_BASE = 0x1b;
const MSR_TSC_DEADLINE = 0x6e0;
const MSR_X2APIC_FIRST = 0x800;
const MSR_X2APIC_LAST = 0x8ff;

const isX2apic = (index: number) => index >= MSR_X2APIC_FIRST && index <= MSR_X2APIC_LAST;

/** The two halves of an MSR; undefined means #GP. */
export function readApicMsr(
  apic: LocalApic,
  index: number,
  hasDeadline: boolean,
): { readonly lo: number; readonly hi: number } | undefined {
  if (index === MSR_TSC_DEADLINE && hasDeadline) return apic.readTscDeadline();
  return isX2apic(index) ? apic.readMsr(index) : undefined;
}

/** Writes one; false means #GP. */
export function writeApicMsr(
  apic: LocalApic,
  index: number,
  lo: number,
  hi: number,
  hasDeadline: boolean,
): boolean {
  if (index === MSR_APIC_BASE) return apic.setBase(lo, hi);
  if (index === MSR_TSC_DEADLINE && hasDeadline) {
    apic.writeTscDeadline(lo, hi);
    return true;
  }
  return isX2apic(index) && apic.writeMsr(index, lo, hi);
}
