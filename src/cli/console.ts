/** The terminal, pipe or file at which a person or a program talks to the guest's serial port. */
import { once } from "node:events";
import type { SerialPort } from "../machine/serial-port.ts";
import { whenWritten } from "./standard-output.ts";

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
    if (!this.closed) await whenWritten(process.stdout);
  }
}

function onceClosed(): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.once("close", () => resolve());
    process.stdout.once("error", () => resolve());
  });
}

/**
 * Finds the keys that are meant for the emulator among those for the guest: Ctrl-A X ends the run,
 * Ctrl-A Ctrl-A is one Ctrl-A for the guest; Ctrl-C ends the run only where that is wanted.
 */
export class EscapeFilter {
  private readonly interruptKey: boolean;
  private escaped = false;

  constructor(options: { readonly interruptKey: boolean }) {
    this.interruptKey = options.interruptKey;
  }

  take(chunk: Uint8Array): { readonly kept: Uint8Array; readonly quit: boolean } {
    const kept: number[] = [];
    let quit = false;
    for (const byte of chunk) {
      if (this.escaped) {
        this.escaped = false;
        if (byte === CTRL_A) kept.push(CTRL_A);
        else if ((byte | 0x20) === KEY_X) quit = true;
      } else if (byte === CTRL_A) {
        this.escaped = true;
      } else if (byte === CTRL_C && this.interruptKey) {
        quit = true;
      } else {
        kept.push(byte);
      }
    }
    return { kept: Uint8Array.from(kept), quit };
  }
}

/** Carries the standard input to the guest; on a terminal key by key, through an EscapeFilter. */
export class ConsoleInput {
  private readonly raw: boolean;

  constructor(port: SerialPort, interruptKey: boolean, onQuit: () => void) {
    const { stdin } = process;
    this.raw = stdin.isTTY === true;
    if (this.raw) stdin.setRawMode(true);
    const filter = new EscapeFilter({ interruptKey });
    const writer = port.writable.getWriter();
    const end = () => {
      writer.close().catch(() => {});
    };
    stdin.on("data", (chunk: Buffer) => {
      const { kept, quit } = this.raw ? filter.take(chunk) : { kept: chunk, quit: false };
      if (quit) onQuit();
      if (kept.length === 0) return;
      // A terminal is always listened to, for the guest may never take what it was sent.
      if (!this.raw) stdin.pause();
      const resume = () => stdin.resume();
      // Resolves when the guest has room for all of it.
      writer.write(kept).then(resume, () => {});
    });
    stdin.once("end", end);
    stdin.once("error", end);
  }

  /** Gives the terminal back. */
  restore(): void {
    if (this.raw) process.stdin.setRawMode(false);
    process.stdin.pause();
  }
}
