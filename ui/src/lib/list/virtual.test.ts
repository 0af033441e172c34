import { expect, test } from 'vitest';
import { anchored, scrollToShow, visibleRange } from './virtual';

test.each([
  [0, 300, 30, 1000, { start: 0, end: 17 }],
  [3000, 300, 30, 1000, { start: 94, end: 117 }],
  [29_700, 300, 30, 1000, { start: 984, end: 1000 }],
  [99_999, 300, 30, 10, { start: 9, end: 10 }],
  [-50, 300, 30, 3, { start: 0, end: 3 }],
  [0, 300, 30, 0, { start: 0, end: 0 }],
  [0, 0, 0, 10, { start: 0, end: 0 }],
])('scrollTop %d, viewport %d, row height %d, %d rows', (top, view, row, count, range) => expect(visibleRange(top, view, row, count)).toEqual(range));

test('draws every visible row', () => {
  for (let top = 0; top < 3000; top += 7) {
    const { start, end } = visibleRange(top, 250, 34, 100);
    expect(start * 34).toBeLessThanOrEqual(Math.min(top, 99 * 34));
    expect(end * 34).toBeGreaterThanOrEqual(Math.min(top + 250, 3400));
  }
});

test('scrolls no further than needed to show a row', () => {
  expect(scrollToShow(5, 0, 300, 30)).toBe(0);
  expect(scrollToShow(10, 0, 300, 30)).toBe(30);
  expect(scrollToShow(2, 300, 300, 30)).toBe(60);
});

test('rows inserted above do not move the visible rows, except at the top', () => {
  expect(anchored(300, 30, 10, 12)).toBe(360);
  expect(anchored(0, 30, 0, 2)).toBe(0);
  expect(anchored(300, 30, 10, -1)).toBe(300);
});
