// The page's only requestAnimationFrame loop.

type DrawFunction = (now: number) => void;

const drawers = new Set<DrawFunction>();
let running = false;

function loop(now: number): void {
  for (const draw of drawers) draw(now);
  if (drawers.size > 0) requestAnimationFrame(loop);
  else running = false;
}

/** Calls `draw` once per frame with performance.now() in ms; returns the function that stops it. */
export function onFrame(draw: DrawFunction): () => void {
  drawers.add(draw);
  if (!running) {
    running = true;
    requestAnimationFrame(loop);
  }
  return () => drawers.delete(draw);
}
