/** System control port A (0x92): the fast A20 gate and the fast processor reset. */
import type { Device, PortRange } from "./device.ts";
import { openSnapshot, sealSnapshot } from "./snapshot.ts";

const FAST_RESET = 0x01;
const A20 = 0x02;

export class Port92 implements Device {
  readonly ports: PortRange;
  /** The A20 bit has changed. */
  onA20: ((enabled: boolean) => void) | undefined;
  /** The reset bit has risen: the processor is to be reset by INIT. */
  onReset: (() => void) | undefined;
  private value = 0;

  constructor() {
    this.ports = {
      first: 0x92,
      last: 0x92,
      widest: 1,
      name: "port 92",
      readPort: () => this.value,
      writePort: (_port, _size, value) => this.write(value),
    };
  }

  get a20(): boolean {
    return (this.value & A20) !== 0;
  }

  /** A hardware reset clears the reset bit; an INIT leaves it, so that firmware can tell them. */
  reset(): void {
    this.write(0);
  }

  snapshot(): unknown {
    return sealSnapshot("port-92", 1, { value: this.value });
  }

  restore(data: unknown): void {
    this.value = openSnapshot<{ value: number }>(data, "port-92", 1).value;
  }

  private write(value: number): void {
    const changed = value ^ this.value;
    this.value = value;
    if ((changed & A20) !== 0) this.onA20?.(this.a20);
    if ((changed & value & FAST_RESET) !== 0) this.onReset?.();
  }
}
