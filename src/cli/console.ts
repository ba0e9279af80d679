/** The terminal, pipe or file at which a person or a program talks to the guest's serial port. */
import { once } from "node:events";
import type { SerialPort } from "../machine/serial-port.ts";

const CTRL_A = 0x01;
const CTRL_C = 0x03;
const KEY_X = "x".charCodeAt(0);
const NEWLINE = 0x0a;

/** Carries what the guest sends to the standard output, no faster than its reader takes it. */
export class ConsoleOutput {
  private readonly done: Promise<void>;
  private closed = false;
  private lastByte = NEWLINE;

  /** `onClosed` is called once when the reader has gone. */
  constructor(port: SerialPort, onClosed: () => void) {
    process.stdout.on("error", () => {
      if (this.closed) return;
      this.closed = true;
      onClosed();
    });
    this.done = this.pump(port);
  }

  /** The cursor stands behind other output on a line of the terminal. */
  get midLine(): boolean {
    return process.stdout.isTTY === true && this.lastByte !== NEWLINE;
  }

  private async pump(port: SerialPort): Promise<void> {
    const reader = port.readable.getReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      if (this.closed) continue;
      this.lastByte = value.at(-1) ?? this.lastByte;
      const room = process.stdout.write(value);
      // A reader that goes away ends the wait as well: "close" follows "error".
      if (!room) await Promise.race([once(process.stdout, "drain"), onceClosed()]);
    }
  }

  /** Resolves when everything has been handed to the reader; call after the port was closed. */
  async finish(): Promise<void> {
    await this.done;
    if (this.closed || process.stdout.destroyed) return;
    await new Promise<void>((resolve) => {
      process.stdout.write("", () => resolve());
    });
  }
}

function onceClosed(): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.once("close", () => resolve());
    process.stdout.once("error", () => resolve());
  });
}

/**
 * Carries the standard input to the guest. On a terminal every key goes to the guest as it is, but
 * Ctrl-A X ends the run and Ctrl-A Ctrl-A sends one Ctrl-A; Ctrl-C ends it where that is wanted.
 */
export class ConsoleInput {
  private readonly onQuit: () => void;
  private readonly interruptKey: boolean;
  private readonly raw: boolean;
  private escaped = false;

  constructor(port: SerialPort, interruptKey: boolean, onQuit: () => void) {
    const { stdin } = process;
    this.interruptKey = interruptKey;
    this.onQuit = onQuit;
    this.raw = stdin.isTTY === true;
    if (this.raw) stdin.setRawMode(true);
    const writer = port.writable.getWriter();
    const end = () => {
      writer.close().catch(() => {});
    };
    stdin.on("data", (chunk: Buffer) => {
      const bytes = this.raw ? this.filter(chunk) : chunk;
      if (bytes.length === 0) return;
      stdin.pause();
      // Resolves when the guest has room for all of it.
      writer.write(bytes).then(
        () => stdin.resume(),
        () => {},
      );
    });
    stdin.once("end", end);
    stdin.once("error", end);
  }

  /** Gives the terminal back. */
  restore(): void {
    if (this.raw) process.stdin.setRawMode(false);
    process.stdin.pause();
  }

  private filter(chunk: Uint8Array): Uint8Array {
    const kept: number[] = [];
    for (const byte of chunk) {
      if (!this.escaped) {
        if (byte === CTRL_A) this.escaped = true;
        else if (byte === CTRL_C && this.interruptKey) this.onQuit();
        else kept.push(byte);
        continue;
      }
      this.escaped = false;
      if (byte === CTRL_A) kept.push(CTRL_A);
      else if ((byte | 0x20) === KEY_X) this.onQuit();
    }
    return Uint8Array.from(kept);
  }
}
