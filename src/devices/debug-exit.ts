/** Ways for a test image to end the run: the exit port, and the word "Shutdown" on port 0x8900. */
import type { AccessSize, Device, PortRange } from "./device.ts";
import { openSnapshot, sealSnapshot } from "./snapshot.ts";

const EXIT_PORT = 0xf4;
const EXIT_PORT_BYTES = 4;
const SHUTDOWN_PORT = 0x8900;
const SHUTDOWN_WORD = "Shutdown";

export interface DebugExitOptions {
  /** First port; default 0xf4. */
  readonly iobase?: number;
  /** Ports from there on; default 4. */
  readonly iosize?: number;
}

/** The status with which an emulator that has such a port ends: odd, so never success. */
export function exitStatus(code: number): number {
  return ((code << 1) | 1) & 0xff;
}

export class DebugExit implements Device {
  readonly ports: readonly PortRange[];
  /** The guest ends the run with a code of `size` bytes; see `exitStatus`. */
  onExit: ((code: number, size: AccessSize) => void) | undefined;
  /** The guest has written "Shutdown" to port 0x8900. */
  onShutdown: (() => void) | undefined;
  private matched = 0;

  constructor(options: DebugExitOptions = {}) {
    const first = options.iobase ?? EXIT_PORT;
    this.ports = [
      {
        first,
        last: first + (options.iosize ?? EXIT_PORT_BYTES) - 1,
        widest: 4,
        name: "debug exit",
        readPort: () => 0,
        writePort: (_port, size, value) => this.onExit?.(value, size),
      },
      {
        first: SHUTDOWN_PORT,
        last: SHUTDOWN_PORT,
        widest: 1,
        name: "shutdown word",
        readPort: () => 0xff,
        writePort: (_port, _size, value) => this.spell(value),
      },
    ];
  }

  reset(): void {
    this.matched = 0;
  }

  snapshot(): unknown {
    return sealSnapshot("debug-exit", 1, { matched: this.matched });
  }

  restore(data: unknown): void {
    this.matched = openSnapshot<{ matched: number }>(data, "debug-exit", 1).matched;
  }

  private spell(byte: number): void {
    if (byte !== SHUTDOWN_WORD.charCodeAt(this.matched)) {
      // No prefix of the word occurs inside it, so a mismatch can only begin it anew.
      this.matched = byte === SHUTDOWN_WORD.charCodeAt(0) ? 1 : 0;
      return;
    }
    this.matched++;
    if (this.matched < SHUTDOWN_WORD.length) return;
    this.matched = 0;
    this.onShutdown?.();
  }
}
