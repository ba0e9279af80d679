/** Where one strategy begins to be cheaper than another, interpolated between the values of a sweep. */
import type { CurvePoint } from "./report/sweeps.ts";

export type BreakEven =
  /** The curve crosses 1. `low` and `high` are where its interval does; undefined beyond the sweep. */
  | {
      readonly kind: "crossing";
      readonly at: number;
      readonly low: number | undefined;
      readonly high: number | undefined;
      /** On which side the strategy is the cheaper one. */
      readonly cheaper: "below" | "above";
    }
  | { readonly kind: "cheaper" | "dearer" | "no difference" };

interface Place {
  readonly x: number;
  readonly y: number;
}

/** Where the line through `places` first passes 1. */
function crossingOf(places: readonly Place[]): number | undefined {
  for (let i = 1; i < places.length; i++) {
    const a = places[i - 1]!;
    const b = places[i]!;
    const before = a.y - 1;
    const after = b.y - 1;
    if (before === 0 && after !== 0 && i > 1) return a.x;
    if (before * after < 0) return a.x + ((b.x - a.x) * before) / (before - after);
  }
  return undefined;
}

/** `points` are ratios of cycles by ascending x: below 1 the strategy is the cheaper one. */
export function breakEven(points: readonly CurvePoint[]): BreakEven {
  const at = crossingOf(points.map(({ x, y }) => ({ x, y: y.mean })));
  const halfOf = (half: number) => (Number.isNaN(half) ? 0 : half);
  if (at === undefined) {
    const isBelow = points.every(({ y }) => y.mean + halfOf(y.half) < 1);
    if (isBelow) return { kind: "cheaper" };
    const isAbove = points.every(({ y }) => y.mean - halfOf(y.half) > 1);
    return { kind: isAbove ? "dearer" : "no difference" };
  }
  const edges = [-1, 1].map((side) =>
    crossingOf(points.map(({ x, y }) => ({ x, y: y.mean + side * halfOf(y.half) }))),
  );
  const low = edges.filter((x) => x !== undefined && x <= at)[0];
  const high = edges.filter((x) => x !== undefined && x >= at).at(-1);
  const cheaper = points[0]!.y.mean < 1 ? "below" : "above";
  return { kind: "crossing", at, low, high, cheaper };
}
