// The page's only requestAnimationFrame loop.

type DrawFunction = (now: number) => void;

const drawers = new Set<DrawFunction>();
let running = false;
let last = 0;

/** The last 4096 times between frames, in ms, to measure smoothness. */
export const frameTimes = new Float32Array(4096);
export let frameCount = 0;

function loop(now: number): void {
  if (last > 0) frameTimes[frameCount++ & 4095] = now - last;
  last = now;
  for (const draw of drawers) draw(now);
  if (drawers.size > 0) requestAnimationFrame(loop);
  else running = false;
}

/** Calls `draw` once per frame with performance.now() in ms; returns the function that stops it. */
export function onFrame(draw: DrawFunction): () => void {
  drawers.add(draw);
  if (!running) {
    running = true;
    last = 0;
    requestAnimationFrame(loop);
  }
  return () => drawers.delete(draw);
}
