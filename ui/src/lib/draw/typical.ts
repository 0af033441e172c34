/** Where a value and its typical range lie on a scale, each 0…1 of its width. */
export interface TypicalScale {
  low: number;
  high: number;
  value: number;
}

/**
 * A scale on which both the typical range and the value can be seen: logarithmic where
 * all are positive and more than a decade apart, for rates differ by factors.
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
