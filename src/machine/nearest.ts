/** Suggestions for misspelt names. */

/** Number of single-letter edits between two words. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

/** ` (did you mean "x"?)` for the known name that is close to `word`, or nothing. */
export function nearest(word: string, names: readonly string[]): string {
  const lower = word.toLowerCase();
  const best = names
    .map((name) => ({ name, d: distance(lower, name.toLowerCase()) }))
    .sort((x, y) => x.d - y.d)[0];
  if (!best || best.d > Math.max(2, word.length / 3)) return "";
  return ` (did you mean "${best.name}"?)`;
}
