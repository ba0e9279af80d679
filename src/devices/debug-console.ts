/** The debug consoles of emulators: bytes written to port 0xe9 (Bochs) or 0x402 (SeaBIOS). */
import type { PortRange } from "./device.ts";

/** What a read returns, by which a guest knows that somebody listens. */
const PRESENT = 0xe9;
export const BOCHS_PORT = 0xe9;
export const DEBUG_PORTS: readonly number[] = [BOCHS_PORT, 0x402];

export class DebugConsole {
  readonly ports: readonly PortRange[];
  /** The guest has written a byte to one of the ports. */
  onByte: ((byte: number, port: number) => void) | undefined;

  /** The test device needs port 0xe9; beside it only 0x402 can be served. */
  constructor(ports: readonly number[] = DEBUG_PORTS) {
    this.ports = ports.map((port) => ({
      first: port,
      last: port,
      widest: 1,
      name: `debug console ${port.toString(16)}`,
      readPort: () => PRESENT,
      writePort: (_port, _size, value) => this.onByte?.(value, port),
    }));
  }
}
