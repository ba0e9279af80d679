/** The last VM exits of a vCPU, kept for the message of a run that L0 has to end. */
import { reasonName } from "./trace.ts";

const EXITS = 16;
const WORDS = 4;

export class ExitTrail {
  private readonly words = new Uint32Array(EXITS * WORDS);
  private next = 0;
  private count = 0;

  /** Notes an exit: its reason, RIP, and whether L2 was active. */
  add(reason: number, ripLo: number, ripHi: number, isL2: boolean): void {
    const { words, next } = this;
    words[next] = reason;
    words[next + 1] = ripLo;
    words[next + 2] = ripHi;
    words[next + 3] = isL2 ? 1 : 0;
    this.next = (next + WORDS) % words.length;
    if (this.count < EXITS) this.count++;
  }

  /** One line for each exit, oldest first. */
  lines(): string[] {
    const { words, next, count } = this;
    return Array.from({ length: count }, (_, i) => {
      const at = (next + (EXITS - count + i) * WORDS) % words.length;
      const rip = (BigInt(words[at + 2]!) << 32n) | BigInt(words[at + 1]!);
      const who = words[at + 3] === 1 ? "L2" : "L1";
      return `${who} ${reasonName(words[at]!)} rip 0x${rip.toString(16)}`;
    });
  }
}
