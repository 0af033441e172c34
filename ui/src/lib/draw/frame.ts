// One requestAnimationFrame loop for all that moves. Drawers run in it, then the DOM's
// counter moves if there is something new to show.

type Drawer = (now: number) => void;

const drawers = new Set<Drawer>();
let running = false;
let last = 0;

/** Times between frames in ms, the newest 4096, for whoever judges smoothness. */
export const frameTimes = new Float32Array(4096);
export let frameCount = 0;

function loop(now: number): void {
  if (last > 0) frameTimes[frameCount++ & 4095] = now - last;
  last = now;
  for (const draw of drawers) draw(now);
  if (drawers.size > 0) requestAnimationFrame(loop);
  else running = false;
}

/** Calls `draw` once a frame, with performance.now() in ms, until the answer is called. */
export function onFrame(draw: Drawer): () => void {
  drawers.add(draw);
  if (!running) {
    running = true;
    last = 0;
    requestAnimationFrame(loop);
  }
  return () => drawers.delete(draw);
}
