/** The envelope of a device's saved state: a kind and a version beside the state itself. */

export interface Snapshot<State> {
  readonly kind: string;
  readonly version: number;
  readonly state: State;
}

/** Wraps a copy of `state`; `kind` names the device class. */
export function sealSnapshot<State>(kind: string, version: number, state: State): Snapshot<State> {
  return { kind, version, state: structuredClone(state) };
}

/**
 * A copy of the state in `data`.
 * @throws TypeError when `data` was not made by the same kind and version of device.
 */
export function openSnapshot<State>(data: unknown, kind: string, version: number): State {
  const sealed = data as Partial<Snapshot<State>> | null;
  if (typeof sealed !== "object" || sealed === null || sealed.state === undefined) {
    throw new TypeError(`not a snapshot of ${kind}`);
  }
  if (sealed.kind !== kind || sealed.version !== version) {
    throw new TypeError(
      `snapshot of ${sealed.kind} version ${sealed.version} given to ${kind} version ${version}`,
    );
  }
  return structuredClone(sealed.state);
}
