/** Files that a run writes: checked before anything is opened, written without losing a line. */
import {
  accessSync,
  closeSync,
  constants,
  openSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, resolve } from "node:path";
import { describeFileError, OutputError, oneLine, UsageError } from "./errors.ts";

const BUFFER_BYTES = 64 * 1024;
const RETRY_MS = 2;
const STDERR = 2;

/**
 * Checks that `path` can be written, without touching it.
 * @throws UsageError that names `option`.
 */
export function checkWritable(option: string, path: string): void {
  const refuse = (why: string) => new UsageError(`${option} "${oneLine(path)}": ${why}`);
  if (path === "") throw refuse("give a file");
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory()) throw refuse("it is a directory");
    if (stat) accessSync(path, constants.W_OK);
    else accessSync(dirname(resolve(path)), constants.W_OK | constants.X_OK);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw refuse(describeFileError(error));
  }
}

/** Writes the whole of `text`, or leaves what was there: a reader never sees a part. */
export function writeWhole(path: string, text: string): void {
  const existing = statSync(path, { throwIfNoEntry: false });
  try {
    // A device or a pipe cannot be replaced by a file.
    if (existing && !existing.isFile()) {
      writeFileSync(path, text);
      return;
    }
    const temporary = `${path}.${process.pid}.tmp`;
    try {
      writeFileSync(temporary, text, { flag: "wx" });
      renameSync(temporary, path);
    } catch (error) {
      try {
        unlinkSync(temporary);
      } catch {
        // It was never made.
      }
      throw error;
    }
  } catch (error) {
    throw new OutputError(`cannot write "${oneLine(path)}": ${describeFileError(error)}`);
  }
}

/** Bytes for a file or the standard error, written at once when the buffer is full or flushed. */
export class ByteSink {
  private readonly fd: number;
  private readonly name: string;
  private readonly buffer = Buffer.alloc(BUFFER_BYTES);
  private used = 0;
  private failed = false;

  private constructor(fd: number, name: string) {
    this.fd = fd;
    this.name = name;
  }

  /** Makes or empties the file. @throws UsageError that names `option`. */
  static open(option: string, path: string): ByteSink {
    try {
      return new ByteSink(openSync(path, "w"), path);
    } catch (error) {
      throw new UsageError(`${option} "${oneLine(path)}": ${describeFileError(error)}`);
    }
  }

  static standardError(): ByteSink {
    return new ByteSink(STDERR, "the standard error");
  }

  writeByte(byte: number): void {
    if (this.used === BUFFER_BYTES) this.flush();
    this.buffer[this.used++] = byte;
  }

  write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.used === BUFFER_BYTES) this.flush();
      const piece = bytes.subarray(at, at + BUFFER_BYTES - this.used);
      this.buffer.set(piece, this.used);
      this.used += piece.length;
      at += piece.length;
    }
  }

  writeLine(line: string): void {
    this.write(Buffer.from(`${line}\n`));
  }

  /** @throws OutputError once when the file cannot be written; later bytes are dropped. */
  flush(): void {
    const { used } = this;
    this.used = 0;
    if (this.failed) return;
    for (let at = 0; at < used; ) {
      try {
        at += writeSync(this.fd, this.buffer, at, used - at);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === "EAGAIN") {
          // A pipe that another process has made non-blocking is full.
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
          continue;
        }
        this.failed = true;
        throw new OutputError(`cannot write ${oneLine(this.name)}: ${describeFileError(error)}`);
      }
    }
  }

  close(): void {
    this.flush();
    if (this.fd !== STDERR) closeSync(this.fd);
  }
}
