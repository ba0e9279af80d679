/** Means over seeds with their 95 % confidence intervals, by Student's t distribution. */

/** A mean, and half the width of its interval; NaN where one value alone says nothing of others. */
export interface Estimate {
  readonly mean: number;
  readonly half: number;
  readonly n: number;
}

/** Two-sided 95 % quantiles of Student's t for 1 to 30 degrees of freedom. */
const T_95 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145,
  2.131, 2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048,
  2.045, 2.042,
] as const;
/** The same of the normal distribution. */
const Z_95 = 1.959964;

/** Two-sided 95 % quantile for `freedom` degrees of freedom, at least 1. */
export function t95(freedom: number): number {
  const known = T_95[freedom - 1];
  if (known !== undefined) return known;
  // Cornish and Fisher's expansion around the normal quantile.
  const z = Z_95;
  const first = (z ** 3 + z) / 4;
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  return z + first / freedom + second / freedom ** 2;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Half width of the interval of a mean whose values deviate by `deviations`. */
function halfWidth(deviations: readonly number[]): number {
  const n = deviations.length;
  if (n < 2) return Number.NaN;
  const variance = deviations.reduce((sum, d) => sum + d * d, 0) / (n - 1);
  return t95(n - 1) * Math.sqrt(variance / n);
}

export function estimate(values: readonly number[]): Estimate {
  const mean = meanOf(values);
  return { mean, half: halfWidth(values.map((value) => value - mean)), n: values.length };
}

/**
 * The mean of `numerators` for one of `denominators`; equal places belong together (the same seed). The
 * interval is that of the linearised ratio, which allows for values of 0. NaN when all denominators are
 * 0.
 */
export function ratio(numerators: readonly number[], denominators: readonly number[]): Estimate {
  const below = meanOf(denominators);
  const n = numerators.length;
  if (below === 0) return { mean: Number.NaN, half: Number.NaN, n };
  const mean = meanOf(numerators) / below;
  const residues = numerators.map((value, i) => (value - mean * denominators[i]!) / below);
  return { mean, half: halfWidth(residues), n };
}

/** Whether the interval leaves out `value`: the two differ by more than chance. */
export function excludes({ mean, half }: Estimate, value: number): boolean {
  return Math.abs(mean - value) > (Number.isNaN(half) ? 0 : half);
}
