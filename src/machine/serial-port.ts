/** A serial port as the embedder sees it: bytes out, bytes in, as callbacks or as web streams. */
import type { Uart16550 } from "../devices/uart16550.ts";

/** Output that may wait for a slow reader before the machine pauses. */
const BUFFERED_MAX = 4 << 20;

export class SerialPort {
  private readonly uart: Uart16550;
  private pending: number[] = [];
  private listeners: ((bytes: Uint8Array) => void)[] = [];
  private controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  private stream: ReadableStream<Uint8Array> | undefined;
  private drained: (() => void) | undefined;
  /** Called when input has arrived, so that an idle machine wakes. */
  onInput: (() => void) | undefined;
  /** Input may still come; an idle machine then waits for it instead of stopping. */
  inputOpen = false;

  constructor(uart: Uart16550) {
    this.uart = uart;
    uart.onTransmit = (byte) => {
      // Nobody listens: the bytes are lost, as on an unconnected port.
      if (this.listeners.length > 0 || this.controller) this.pending.push(byte);
    };
  }

  /** Whether a byte that arrives raises an interrupt: only then can input wake a halted machine. */
  get interruptsOnInput(): boolean {
    return this.uart.interruptsOnInput;
  }

  /** Calls `listener` with what the guest sends, at the end of each slice. */
  onData(listener: (bytes: Uint8Array) => void): void {
    this.listeners.push(listener);
  }

  /** What the guest sends. A reader that does not keep up makes the machine wait. */
  get readable(): ReadableStream<Uint8Array> {
    this.stream ??= new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.controller = controller;
        },
        pull: () => {
          this.drained?.();
          this.drained = undefined;
        },
        cancel: () => {
          this.controller = undefined;
        },
      },
      new ByteLengthQueuingStrategy({ highWaterMark: BUFFERED_MAX }),
    );
    return this.stream;
  }

  /** A sink for what the guest is to receive; it takes bytes as fast as the guest reads. */
  get writable(): WritableStream<Uint8Array> {
    this.inputOpen = true;
    return new WritableStream<Uint8Array>({
      write: (chunk) => this.send(chunk),
      close: () => {
        this.inputOpen = false;
        this.onInput?.();
      },
    });
  }

  /** Sends bytes to the guest; the promise resolves when the port has taken them all. */
  async send(bytes: Uint8Array): Promise<void> {
    let rest = bytes;
    while (rest.length > 0) {
      const taken = this.uart.receive(rest);
      rest = rest.subarray(taken);
      if (taken > 0) this.onInput?.();
      if (rest.length === 0) return;
      await new Promise<void>((resolve) => {
        this.uart.onReceiveRoom = () => {
          this.uart.onReceiveRoom = undefined;
          resolve();
        };
      });
    }
  }

  /** Hands collected output on. Returns a promise when the reader must catch up first. */
  flush(): Promise<void> | undefined {
    if (this.pending.length > 0) {
      const bytes = Uint8Array.from(this.pending);
      this.pending = [];
      for (const listener of this.listeners) listener(bytes);
      this.controller?.enqueue(bytes);
    }
    if (!this.controller || (this.controller.desiredSize ?? 1) > 0) return undefined;
    return new Promise((resolve) => {
      this.drained = resolve;
    });
  }

  /** Ends the stream of output. */
  close(): void {
    this.flush();
    this.controller?.close();
    this.controller = undefined;
  }
}
