/** A run as a time line: one row for each step, one column for each thread. */
import type { Decision } from "./schedule.ts";

const WIDTH_MAX = 46;

/** Lines without newlines; `note` stands below the last step. */
export function timeline(decisions: readonly Decision[], note?: string): string[] {
  const actors = [...new Set(decisions.flatMap(({ options, actor }) => [...options, actor]))].sort(
    byThread,
  );
  const widths = actors.map((actor) => {
    const steps = decisions.filter((decision) => decision.actor === actor).map(({ step }) => step);
    return Math.min(WIDTH_MAX, Math.max(actor.length, ...steps.map((step) => step.length)));
  });
  const row = (number: string, cells: readonly string[]) =>
    `${number.padStart(4)}  ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")}`.trimEnd();
  const lines = [row("step", actors)];
  decisions.forEach(({ actor, step, base, preempts }, at) => {
    const mark = actor !== base && preempts ? "*" : "";
    const cells = actors.map((name) => (name === actor ? step.slice(0, WIDTH_MAX) : ""));
    lines.push(row(`${mark}${at}`, cells));
  });
  if (note !== undefined) lines.push(`      ${note}`);
  return lines;
}

/** Threads of vCPUs come behind the others. */
function byThread(a: string, b: string): number {
  const isVcpu = (name: string) => Number(name.startsWith("vcpu"));
  return isVcpu(a) - isVcpu(b) || a.localeCompare(b);
}
