import { describe, expect, test } from 'vitest';
import { recurrenceText, roughly } from './recurrence';

describe('recurrence', () => {
  const now = new Date(2026, 0, 29, 18, 0, 0);
  const first = new Date(2026, 0, 29, 10, 12, 0).toISOString();
  const of = (changes: object) => recurrenceText({ count: 4, first, every_seconds: 1200, regular: true, baseline: false, ...changes }, now);

  test('says how often, since when and how regularly', () => {
    expect(of({})).toBe('4th time since 10:12:00, about every 20 minutes');
    expect(of({ regular: false })).toBe('4th time since 10:12:00, on average every 20 minutes');
    expect(of({ baseline: true })).toBe('4th time since 10:12:00, about every 20 minutes; it has become ordinary');
    expect(of({ every_seconds: 0 })).toBe('4th time since 10:12:00');
  });

  test('is empty for the first time', () => {
    expect(of({ count: 1 })).toBe('');
    expect(recurrenceText(undefined)).toBe('');
    expect(recurrenceText(null)).toBe('');
  });

  test.each([
    [2, '2nd'],
    [3, '3rd'],
    [11, '11th'],
    [13, '13th'],
    [21, '21st'],
    [112, '112th'],
  ])('%d is %s', (count, text) => expect(of({ count })).toContain(`${text} time`));

  test.each([
    [0.4, '0.4 seconds'],
    [90, '90 seconds'],
    [120, '2 minutes'],
    [5400, '90 minutes'],
    [9000, '2.5 hours'],
    [86_400, '24 hours'],
    [259_200, '3 days'],
  ])('%d s is %s', (seconds, text) => expect(roughly(seconds)).toBe(text));
});
