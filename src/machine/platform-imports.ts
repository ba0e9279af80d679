/** The core's accesses to ports, device memory and platform MSRs, as the PC answers them. */
import type { CoreImports } from "../core/core.ts";
import type { AccessSize } from "../devices/device.ts";
import { readApicMsr, writeApicMsr } from "./apic-msrs.ts";
import type { Machine } from "./machine.ts";
import { addressOf } from "./memory.ts";
import type { Watch } from "./watch.ts";

type PlatformImports = Pick<
  CoreImports,
  "portRead" | "portWrite" | "mmioRead" | "mmioWrite" | "msrRead" | "msrWrite"
>;

/** `machine` and `watch` may be asked for only when the core runs. */
export function platformImports(machine: () => Machine, watch: Watch): PlatformImports {
  const apicOf = ({ platform, currentCpu }: Machine) => platform.localApics[currentCpu.index];
  const hasDeadline = ({ options }: Machine) => options.model.features.includes("TSC_DEADLINE");
  return {
    portRead: (address, bytes) => {
      const m = machine();
      const size = bytes as AccessSize;
      m.syncClock();
      const value = m.platform.bus.readPort(address, size);
      watch.hooks.onPort?.(m.currentCpu, { address, size, value, write: false });
      return value;
    },
    portWrite: (address, bytes, value) => {
      const m = machine();
      const size = bytes as AccessSize;
      m.syncClock();
      watch.hooks.onPort?.(m.currentCpu, { address, size, value: value >>> 0, write: true });
      m.platform.bus.writePort(address, size, value >>> 0);
    },
    mmioRead: (lo, hi, bytes) => {
      const m = machine();
      const size = bytes as AccessSize;
      m.syncClock();
      const address = addressOf(lo, hi);
      const value = m.platform.readMmio(m.currentCpu.index, address, size);
      watch.hooks.onMmio?.(m.currentCpu, { address, size, value: value >>> 0, write: false });
      return value;
    },
    mmioWrite: (lo, hi, bytes, value) => {
      const m = machine();
      const size = bytes as AccessSize;
      m.syncClock();
      const address = addressOf(lo, hi);
      watch.hooks.onMmio?.(m.currentCpu, { address, size, value: value >>> 0, write: true });
      m.platform.writeMmio(m.currentCpu.index, address, size, value >>> 0);
    },
    msrRead: (index) => {
      const m = machine();
      const apic = apicOf(m);
      if (!apic) return 0;
      m.syncClock();
      const value = readApicMsr(apic, index >>> 0, hasDeadline(m));
      if (value) m.core.setResult(value.lo, value.hi);
      return Number(value !== undefined);
    },
    msrWrite: (index, lo, hi) => {
      const m = machine();
      const apic = apicOf(m);
      if (!apic) return 0;
      m.syncClock();
      return Number(writeApicMsr(apic, index >>> 0, lo >>> 0, hi >>> 0, hasDeadline(m)));
    },
  };
}
