/** Reads the files that the command line names. */
import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { describeFileError, oneLine, UsageError } from "./errors.ts";

/** No file that is larger can be put into a machine. */
const FILE_BYTES_MAX = 2 ** 32;

/**
 * The bytes of `path`, which may be a regular file or a pipe.
 * @throws UsageError that calls the file by `what`.
 */
export function readInput(what: string, path: string): Uint8Array {
  const refuse = (why: string) => new UsageError(`${what} "${oneLine(path)}": ${why}`);
  let fd: number | undefined;
  try {
    fd = openSync(path, "r");
    const stat = fstatSync(fd);
    if (stat.isDirectory()) throw refuse("it is a directory");
    if (!stat.isFile() && !stat.isFIFO()) throw refuse("it is no regular file");
    if (stat.size >= FILE_BYTES_MAX) throw refuse("it is larger than any memory it could go to");
    return readFileSync(fd);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw refuse(describeFileError(error));
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
