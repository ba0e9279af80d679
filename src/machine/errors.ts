/** Errors that an embedder can tell apart. */

/** An option of `Machine.create` or `Machine.load` that cannot be used; the message says what to do. */
export class OptionError extends Error {
  override readonly name = "OptionError";
}

/** The machine was used after `dispose`, or while it was running. */
export class MachineStateError extends Error {
  override readonly name = "MachineStateError";
}
