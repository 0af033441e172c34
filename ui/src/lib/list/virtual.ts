export interface Range {
  start: number;
  end: number;
}

/** The rows to draw: those in view plus `overscan` on each side, so that scrolling shows no gaps. */
export function visibleRange(scrollTop: number, viewport: number, rowHeight: number, count: number, overscan = 6): Range {
  if (count <= 0 || rowHeight <= 0) return { start: 0, end: 0 };
  const first = Math.floor(Math.max(0, scrollTop) / rowHeight);
  const shown = Math.ceil(Math.max(0, viewport) / rowHeight) + 1;
  const start = Math.min(Math.max(0, first - overscan), Math.max(0, count - 1));
  return { start, end: Math.min(count, first + shown + overscan) };
}

/** The smallest scroll that brings a row fully into view. */
export function scrollToShow(index: number, scrollTop: number, viewport: number, rowHeight: number): number {
  const top = index * rowHeight;
  if (top < scrollTop) return top;
  if (top + rowHeight > scrollTop + viewport) return Math.max(0, top + rowHeight - viewport);
  return scrollTop;
}

/** The scroll position, after rows changed, that keeps the first visible row where it was. */
export function anchored(scrollTop: number, rowHeight: number, anchorBefore: number, anchorAfter: number): number {
  if (scrollTop <= 0 || anchorAfter < 0) return scrollTop;
  return scrollTop + (anchorAfter - anchorBefore) * rowHeight;
}
