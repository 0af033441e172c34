import uPlot from 'uplot';
import type { SeriesRing } from '../data/ring';
import { si } from '../format/number';
import { tokenColor, withAlpha } from './color';
import { ease, maximum, niceCeiling } from './scale';

export const gutter = 52;

export interface RateChartOptions {
  ring: SeriesRing;
  column: number;
  token: string;
  height: number;
  onHover: (at: { time: number; value: number } | undefined) => void;
}

/** A scrolling chart of a rate: uPlot on views of a ring, moved once per frame. */
export class RateChart {
  readonly #plot: uPlot;
  readonly #options: RateChartOptions;
  #top = 1;
  #last = 0;

  constructor(host: HTMLElement, options: RateChartOptions) {
    this.#options = options;
    this.#plot = new uPlot(plotOptions(host, options), [[], []], host);
  }

  /** Draws the `window` seconds before `edge`. `now` (ms) paces the change of the vertical scale. */
  draw(edge: number, window: number, now: number): void {
    if (!Number.isFinite(edge)) return;
    const { ring, column } = this.#options;
    // One sample more than the window, so that the line starts at its left edge.
    const count = Math.min(ring.length, ring.countSince(edge - window) + 1);
    const values = ring.view(column, count);
    const goal = niceCeiling(maximum(values) * 1.08);
    this.#top = ease(this.#top, goal, now - this.#last);
    this.#last = now;
    this.#plot.batch(() => {
      this.#plot.setData([ring.view(0, count), values] as unknown as uPlot.AlignedData, false);
      this.#plot.setScale('x', { min: edge - window, max: edge });
      this.#plot.setScale('y', { min: 0, max: this.#top });
    });
  }

  resize(width: number): void {
    if (width > 0) this.#plot.setSize({ width, height: this.#options.height });
  }

  destroy(): void {
    this.#plot.destroy();
  }
}

function plotOptions(host: HTMLElement, options: RateChartOptions): uPlot.Options {
  const ink = tokenColor(host, '--ink-3');
  const line = tokenColor(host, '--line');
  const color = tokenColor(host, options.token);
  const font = `11px ${getComputedStyle(host).fontFamily}`;
  const axis = { stroke: ink, font, grid: { stroke: line, width: 1 }, ticks: { show: false } };
  return {
    width: Math.max(host.clientWidth, 100),
    height: options.height,
    padding: [10, 0, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7, fill: color, stroke: color }, sync: { key: 'live' } },
    scales: { x: { time: true, auto: false }, y: { auto: false } },
    axes: [
      { ...axis, size: 22, gap: 4, space: 90, values: (_, ticks) => ticks.map(tickTime) },
      { ...axis, size: gutter, gap: 6, space: 34, values: (_, ticks) => ticks.map(axisText) },
    ],
    series: [{}, { stroke: color, width: 1.5, fill: withAlpha(color, 0.16), points: { show: false }, spanGaps: true }],
    hooks: { setCursor: [(plot) => options.onHover(hovered(plot))] },
  };
}

/** A value without its unit, which the heading names, and without trailing zeros. */
function axisText(value: number): string {
  const { digits, unit } = si(value);
  const short = digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits;
  return unit === '' ? short : `${short} ${unit}`;
}

const tick = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });

function tickTime(seconds: number): string {
  return tick.format(new Date(seconds * 1000));
}

function hovered(plot: uPlot): { time: number; value: number } | undefined {
  const index = plot.cursor.idx;
  if (index === null || index === undefined || (plot.cursor.left ?? -1) < 0) return undefined;
  const time = plot.data[0][index];
  const value = plot.data[1]?.[index];
  return time === undefined || value === undefined || value === null ? undefined : { time, value };
}
