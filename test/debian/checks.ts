/** Counts checks, prints those that fail, and ends the process as its last line says. */

export class Checks {
  private passed = 0;
  private failed = 0;

  /** Returns whether it holds. */
  check(name: string, holds: boolean, detail = ""): boolean {
    if (holds) this.passed++;
    else {
      this.failed++;
      console.log(`FAIL ${name}${detail === "" ? "" : `: ${detail}`}`);
    }
    return holds;
  }

  equal(name: string, found: unknown, wanted: unknown): boolean {
    const [text, expected] = [JSON.stringify(found), JSON.stringify(wanted)];
    return this.check(name, text === expected, `${text} instead of ${expected}`);
  }

  finish(): never {
    console.log(`${this.passed} passed, ${this.failed} failed`);
    process.exit(this.failed === 0 ? 0 : 1);
  }
}
