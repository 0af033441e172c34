/** The least of 1, 2, 5 × 10^n that is at least `value`; 1 for nothing. */
export function niceCeiling(value: number): number {
  if (!(value > 0) || !Number.isFinite(value)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  for (const step of [1, 2, 5, 10]) if (step * power >= value * (1 - 1e-9)) return step * power;
  return 10 * power;
}

/** One frame's step of `from` towards `to`: half of the way each 90 ms, whatever the frame rate. */
export function ease(from: number, to: number, ms: number): number {
  if (!Number.isFinite(from) || Math.abs(to - from) <= Math.abs(to) * 1e-3) return to;
  return to + (from - to) * 0.5 ** (ms / 90);
}

/** The greatest value of the last `count` numbers, 0 for none. */
export function maximum(values: Float64Array): number {
  let max = 0;
  for (let i = 0; i < values.length; i++) if (values[i]! > max) max = values[i]!;
  return max;
}
