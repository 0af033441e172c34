import type { Evidence } from '../data/types';

/** The growth of a statistic in a box: positions in its units, from the top left corner. */
export interface Growth {
  /** SVG polyline points. */
  points: string;
  /** Height of the limit, from which there is an alert. */
  limit: number;
  /** The last value. */
  end: { x: number; y: number };
}

/** Free space around the line, for its width and the dot at its end. */
const margin = 3;

/**
 * The values over time; logarithmic if all values and the limit are positive and span more
 * than a factor of ten. Equal times are spread evenly.
 */
export function growth({ series, value, limit }: Pick<Evidence, 'series' | 'value' | 'limit'>, width: number, height: number): Growth {
  const points = series?.length ? series.map((p) => ({ at: Date.parse(p.ts), value: p.value })) : [{ at: 0, value }];
  const values = [...points.map((p) => p.value), limit];
  const least = Math.min(...values);
  const most = Math.max(...values);
  const logarithmic = least > 0 && most / least > 10;
  const warp = logarithmic ? Math.log10 : (v: number) => v;
  const bottom = warp(logarithmic ? least : Math.min(0, least));
  const range = warp(most) - bottom;
  const start = points[0]!.at;
  const span = points.at(-1)!.at - start;
  const steps = points.length - 1;
  const y = (v: number) => round(range > 0 ? height - margin - ((warp(v) - bottom) / range) * (height - 2 * margin) : height / 2);
  const x = (at: number, i: number) => round(margin + (span > 0 ? (at - start) / span : steps > 0 ? i / steps : 1) * (width - 2 * margin));
  const places = points.map((p, i) => ({ x: x(p.at, i), y: y(p.value) }));
  return { points: places.map((p) => `${p.x},${p.y}`).join(' '), limit: y(limit), end: places.at(-1)! };
}

const round = (v: number): number => Math.round(v * 10) / 10;
