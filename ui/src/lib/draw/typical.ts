/** Positions of a value and its typical range on a scale, as fractions of its width. */
export interface TypicalScale {
  low: number;
  high: number;
  value: number;
}

/**
 * A scale that shows both the typical range and the value: logarithmic if all are positive
 * and span more than a factor of ten.
 */
export function typicalScale(value: number, [low, high]: readonly [number, number]): TypicalScale {
  const least = Math.min(value, low);
  const most = Math.max(value, high);
  const logarithmic = least > 0 && most / least > 10;
  const warp = logarithmic ? Math.log10 : (x: number) => x;
  const from = warp(logarithmic ? least / 1.6 : Math.min(0, least));
  const to = warp(logarithmic ? most * 1.6 : most * 1.08);
  const place = (x: number) => (to > from ? Math.min(1, Math.max(0, (warp(x) - from) / (to - from))) : 0.5);
  return { low: place(low), high: place(high), value: place(value) };
}
