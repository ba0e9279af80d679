/** A bar on the terminal while jobs run; nothing elsewhere. */
import { Presets, SingleBar } from "cli-progress";

export interface Progress {
  done(jobs: number): void;
  stop(): void;
}

const SILENT: Progress = { done: () => {}, stop: () => {} };

/** `done` of `total` jobs are finished already. */
export function progressBar(total: number, done: number, stream = process.stderr): Progress {
  if (!stream.isTTY || total === 0) return SILENT;
  const format =
    "{bar} {percentage} % | {value} of {total} jobs | {duration_formatted} | {eta_formatted} left";
  const bar = new SingleBar({ format, stream, hideCursor: true, etaBuffer: 50 }, Presets.rect);
  bar.start(total, done);
  return { done: (jobs) => bar.update(jobs), stop: () => bar.stop() };
}
