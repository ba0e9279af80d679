/** The reset control register at port 0xcf9. */
import type { Device, PortRange } from "./device.ts";
import { openSnapshot, sealSnapshot } from "./snapshot.ts";

export const RESET_PORT = 0xcf9;
/** What resets the whole machine when written: system reset and processor reset. */
export const RESET_VALUE = 0x06;

const SYSTEM_RESET = 0x02;
const PROCESSOR_RESET = 0x04;
const WRITABLE = 0x0e;

/** "init" resets the processors alone, "hard" the whole machine. */
export type ResetKind = "init" | "hard";

export class ResetControl implements Device {
  readonly ports: PortRange;
  onReset: ((kind: ResetKind) => void) | undefined;
  private value = 0;

  constructor() {
    this.ports = {
      first: RESET_PORT,
      last: RESET_PORT,
      widest: 1,
      name: "reset control",
      readPort: () => this.value,
      writePort: (_port, _size, value) => this.write(value),
    };
  }

  reset(): void {
    this.value = 0;
  }

  snapshot(): unknown {
    return sealSnapshot("reset-control", 1, { value: this.value });
  }

  restore(data: unknown): void {
    this.value = openSnapshot<{ value: number }>(data, "reset-control", 1).value;
  }

  /** The rising processor-reset bit resets, in the way the system-reset bit says. */
  private write(value: number): void {
    const rises = (value & ~this.value & PROCESSOR_RESET) !== 0;
    this.value = value & WRITABLE;
    if (rises) this.onReset?.((value & SYSTEM_RESET) !== 0 ? "hard" : "init");
  }
}
