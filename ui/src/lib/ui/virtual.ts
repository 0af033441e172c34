export interface Range {
  start: number;
  end: number;
}

/** The rows to draw: those in view and a few on both sides, so that scrolling shows no gaps. */
export function visibleRange(scrollTop: number, viewport: number, rowHeight: number, count: number, overscan = 6): Range {
  if (count <= 0 || rowHeight <= 0) return { start: 0, end: 0 };
  const first = Math.floor(Math.max(0, scrollTop) / rowHeight);
  const shown = Math.ceil(Math.max(0, viewport) / rowHeight) + 1;
  const start = Math.min(Math.max(0, first - overscan), Math.max(0, count - 1));
  return { start, end: Math.min(count, first + shown + overscan) };
}

/** Where to scroll to, so that a row is wholly in view; the present place if it is. */
export function scrollToShow(index: number, scrollTop: number, viewport: number, rowHeight: number): number {
  const top = index * rowHeight;
  if (top < scrollTop) return top;
  if (top + rowHeight > scrollTop + viewport) return Math.max(0, top + rowHeight - viewport);
  return scrollTop;
}

/** Where to scroll to after rows changed, so that the row that was first in view stays where it was. */
export function anchored(scrollTop: number, rowHeight: number, anchorBefore: number, anchorAfter: number): number {
  if (scrollTop <= 0 || anchorAfter < 0) return scrollTop;
  return scrollTop + (anchorAfter - anchorBefore) * rowHeight;
}
