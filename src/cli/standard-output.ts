/** Waiting for the readers of the standard output and the standard error. */

let abandoned = false;

/** Nobody waits for the reader of the standard output any more. */
export function abandonOutput(): void {
  abandoned = true;
}

/** Resolves when everything written to `stream` is with its reader, or the reader has gone. */
export function whenWritten(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.destroyed || stream.writableLength === 0) return Promise.resolve();
  if (stream === process.stdout && abandoned) return Promise.resolve();
  return new Promise((resolve) => {
    stream.write("", () => resolve());
  });
}
