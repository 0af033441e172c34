/** The smallest of 1, 2, 5 × 10^n that is at least `value`; 1 if `value` is not positive. */
export function niceCeiling(value: number): number {
  if (!(value > 0) || !Number.isFinite(value)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  for (const step of [1, 2, 5, 10]) if (step * power >= value * (1 - 1e-9)) return step * power;
  return 10 * power;
}

/** Moves `from` towards `to` for one frame of `ms`: half the distance every 90 ms, at any frame rate. */
export function ease(from: number, to: number, ms: number): number {
  if (!Number.isFinite(from) || Math.abs(to - from) <= Math.abs(to) * 1e-3) return to;
  return to + (from - to) * 0.5 ** (ms / 90);
}

/** The largest value, at least 0. */
export function maximum(values: Float64Array): number {
  let max = 0;
  for (let i = 0; i < values.length; i++) if (values[i]! > max) max = values[i]!;
  return max;
}
