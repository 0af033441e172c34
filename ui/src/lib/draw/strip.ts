import type { DotRing } from '../data/ring';
import { tokenColor } from './color';

const margin = 96; // px of backing canvas beyond the window, for dots newer than the edge

interface Palette {
  dot: string;
  hot: string;
}

/**
 * Paints the score strip. Each dot is drawn once into a backing canvas used as a ring of
 * columns; a frame copies its visible part, so the cost of a frame does not depend on the
 * number of dots in the window.
 */
export class ScoreStripPainter {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #back = document.createElement('canvas');
  readonly #backContext: CanvasRenderingContext2D;
  #palette: Palette;
  #ratio = 1;
  #scale = 0; // px per second; 0 forces a full redraw
  #origin = 0; // time of column 0
  #next = 0; // sequence number of the next dot to draw
  #cleared = 0; // columns before this one are cleared

  constructor(
    canvas: HTMLCanvasElement,
    readonly ring: DotRing,
  ) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d')!;
    this.#backContext = this.#back.getContext('2d')!;
    this.#palette = this.#colors();
  }

  /** Sets the size in CSS px and reads the colors of the theme. */
  layout(width: number, height: number): void {
    this.#ratio = Math.min(2, window.devicePixelRatio || 1);
    this.#canvas.width = Math.max(1, Math.round(width * this.#ratio));
    this.#canvas.height = this.#back.height = Math.max(1, Math.round(height * this.#ratio));
    this.#back.width = this.#canvas.width + margin * this.#ratio;
    this.#palette = this.#colors();
    this.#scale = 0;
  }

  draw(edge: number, window: number, threshold: number): void {
    if (!Number.isFinite(edge)) return;
    const scale = this.#canvas.width / window;
    const right = (edge - this.#origin) * scale;
    const far = right - this.#cleared > this.#back.width || right < 0;
    if (scale !== this.#scale || far) this.#restart(edge, window, scale);
    this.#plot(edge, threshold);
    this.#copy((edge - this.#origin) * scale);
  }

  #restart(edge: number, window: number, scale: number): void {
    this.#scale = scale;
    this.#origin = edge - window;
    this.#next = this.#oldest(this.#origin);
    this.#backContext.clearRect(0, 0, this.#back.width, this.#back.height);
    this.#cleared = this.#back.width;
  }

  /** The first dot to draw for `time`. Dots are nearly in order of time, up to a second. */
  #oldest(time: number): number {
    let low = this.ring.start;
    let high = this.ring.end;
    while (low < high) {
      const mid = (low + high) >> 1;
      if (this.ring.time(mid) < time - 1) low = mid + 1;
      else high = mid;
    }
    return low;
  }

  #plot(edge: number, threshold: number): void {
    const { ring } = this;
    const limit = Math.floor((edge - this.#origin) * this.#scale + margin * this.#ratio) - 8;
    this.#clearUpTo(limit + 8);
    const oldest = this.#cleared - this.#back.width;
    for (this.#next = Math.max(this.#next, ring.start); this.#next < ring.end; this.#next++) {
      const x = (ring.time(this.#next) - this.#origin) * this.#scale;
      if (x > oldest && x < limit) this.#dot(x % this.#back.width, ring.score(this.#next), threshold);
    }
  }

  #dot(x: number, score: number, threshold: number): void {
    const hot = score >= threshold;
    const size = (hot ? 3.2 : 1.6) * this.#ratio;
    const y = (1 - Math.min(1, Math.max(0, score))) * (this.#back.height - 4 * this.#ratio) + 2 * this.#ratio;
    this.#backContext.fillStyle = hot ? this.#palette.hot : this.#palette.dot;
    this.#backContext.fillRect(x - size / 2, y - size / 2, size, size);
  }

  #clearUpTo(column: number): void {
    const width = this.#back.width;
    if (column - this.#cleared >= width) this.#cleared = column - width;
    while (this.#cleared < column) {
      const from = this.#cleared % width;
      const length = Math.min(column - this.#cleared, width - from);
      this.#backContext.clearRect(from, 0, length, this.#back.height);
      this.#cleared += length;
    }
  }

  #copy(right: number): void {
    const { width, height } = this.#canvas;
    const backWidth = this.#back.width;
    this.#context.clearRect(0, 0, width, height);
    const left = right - width;
    const start = ((left % backWidth) + backWidth) % backWidth;
    const whole = Math.floor(start);
    const shift = whole - start; // fraction of a pixel, for smooth scrolling
    const first = Math.min(backWidth - whole, width + 1);
    if (first > 0) this.#context.drawImage(this.#back, whole, 0, first, height, shift, 0, first, height);
    if (first < width + 1) this.#context.drawImage(this.#back, 0, 0, width + 1 - first, height, shift + first, 0, width + 1 - first, height);
  }

  #colors(): Palette {
    return { dot: tokenColor(this.#canvas.parentElement!, '--dot'), hot: tokenColor(this.#canvas.parentElement!, '--critical') };
  }
}
