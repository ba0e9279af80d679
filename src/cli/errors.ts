/** Errors of the command line that end it with one line and a status of their own. */
import { ImageError } from "../loaders/image.ts";
import { OptionError } from "../machine/errors.ts";

/** The command line, or a file that it names, cannot be used; nothing has been written. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** A file that the run was to write could not be written. */
export class OutputError extends Error {
  override readonly name = "OutputError";
}

/** True for errors that are the user's to correct. */
export function isUsageError(error: unknown): error is Error {
  return error instanceof UsageError || error instanceof OptionError || error instanceof ImageError;
}

/** `text` as one line that cannot steer a terminal. */
export function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ").trim();
}

/** What went wrong with a file, without the words of the system call. */
export function describeFileError(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const known: Readonly<Record<string, string>> = {
    ENOENT: "no such file or directory",
    EACCES: "permission denied",
    EISDIR: "it is a directory",
    ENOTDIR: "a part of the path is no directory",
    EPERM: "operation not permitted",
    EROFS: "the file system is read-only",
    ENOSPC: "no space left on the device",
    ENAMETOOLONG: "the name is too long",
    ELOOP: "too many symbolic links",
    EMFILE: "too many open files",
    EFBIG: "the file may not be larger",
  };
  return known[code ?? ""] ?? message ?? String(error);
}
