import { describe, expect, test } from 'vitest';
import { duration, percent, score, si, siText, whole } from './number';
import { localTime, timeTitle } from './time';
import { codeName, connectionStateName, endpoint, summary, triageName } from './names';
import { featureValue } from '../data/features.svelte';
import { alertOf } from '../data/fixtures';

const plain = (text: string) => text.replaceAll('\u202f', ' ');

describe('numbers', () => {
  test.each([
    [0, '0'],
    [7, '7'],
    [999, '999'],
    [999.6, '1.00 k'],
    [1000, '1.00 k'],
    [12_345, '12.3 k'],
    [999_499, '999 k'],
    [999_600, '1.00 M'],
    [1.5e9, '1.50 G'],
    [0.25, '0.25'],
    [-2500, '−2.50 k'],
    [NaN, '–'],
    [Infinity, '–'],
  ])('si of %d is %s', (value, text) => expect(plain(siText(value))).toBe(text));

  test('the unit takes the prefix', () => expect(si(2.1e6, 'B/s')).toEqual({ digits: '2.10', unit: 'MB/s' }));

  test.each([
    [0, '0 s'],
    [2.5e-7, '250 ns'],
    [0.000340, '340 µs'],
    [0.0851, '85.1 ms'],
    [2.1, '2.10 s'],
    [59.96, '1 min 00 s'],
    [185, '3 min 05 s'],
    [8045, '2 h 14 min'],
    [200_000, '2 d 07 h'],
    [-3, '−3.00 s'],
    [NaN, '–'],
  ])('a duration of %d s is %s', (value, text) => expect(plain(duration(value))).toBe(text));

  test('a score is truncated, so that it never appears to reach a higher threshold', () => {
    expect(score(0.79999)).toBe('0.799');
    expect(score(0.8)).toBe('0.800');
    expect(score(0.29)).toBe('0.290');
  });

  test('groups and percentages', () => {
    expect(plain(whole(1234567))).toBe('1 234 567');
    expect(plain(whole(999))).toBe('999');
    expect(plain(percent(0.001))).toBe('<1 %');
    expect(plain(percent(0.537))).toBe('54 %');
    expect(plain(percent(0))).toBe('0 %');
  });
});

describe('times', () => {
  const now = new Date(2026, 0, 29, 18, 0, 0);
  const iso = (...parts: [number, number, number, number, number, number]) => new Date(...parts).toISOString();
  test('localTime omits the date of today and the current year', () => {
    expect(localTime(iso(2026, 0, 29, 9, 5, 7), now)).toBe('09:05:07');
    expect(localTime(iso(2026, 0, 3, 9, 5, 7), now)).toBe('03 Jan 09:05:07');
    expect(localTime(iso(1999, 11, 31, 23, 59, 59), now)).toBe('1999-12-31 23:59:59');
    expect(localTime('nonsense', now)).toBe('–');
  });
  test('timeTitle has the original timestamp in UTC', () => {
    expect(timeTitle('2026-01-29T12:00:00.123456789Z')).toContain('2026-01-29 12:00:00.123456789 UTC');
  });
});

describe('names', () => {
  test('endpoints', () => {
    expect(endpoint('10.0.0.1', 22)).toBe('10.0.0.1:22');
    expect(endpoint('2001:db8::1', 22)).toBe('[2001:db8::1]:22');
    expect(endpoint('2001:db8::1', 0)).toBe('2001:db8::1');
    expect(endpoint('', 0)).toBe('no address');
  });
  test('codes, triage states and summaries', () => {
    expect(codeName('port_scan')).toBe('Port scan');
    expect(codeName('')).toBe('');
    expect(triageName(undefined)).toBe('New');
    expect(summary(alertOf('a', { summary: '' }))).toBe('10.0.0.7 → 10.0.0.9:22');
  });
  test('connection states of UDP do not use the terms of TCP', () => {
    expect(connectionStateName('SF')).toBe('Closed normally');
    expect(connectionStateName('SF', 'UDP')).toBe('Both directions');
    expect(connectionStateName('', 'UDP')).toBe('');
  });
  test('features with their units', () => {
    const text = (value: number, unit: string) => plain(featureValue(value, { unit, classes: [{ value: 0.2, name: 'TCP' }] }));
    expect(text(2_100_000, 'bytes/s')).toBe('2.10 MB/s');
    expect(text(1500, 'packets/s')).toBe('1 500 packets/s');
    expect(text(7.816, 'bits/byte')).toBe('7.82 bits/byte');
    expect(text(0.85, 'share')).toBe('85 %');
    expect(text(0.204, 'class')).toBe('TCP');
    expect(text(12.5, 'regularity')).toBe('12.5');
    expect(text(443, 'port')).toBe('443');
    expect(text(8.7, 'ports')).toBe('9 ports');
    expect(text(1, 'hosts')).toBe('1 host');
    expect(text(1500, 'connections')).toBe('1 500 connections');
    expect(text(12.5, 'calls regularity')).toBe('12.5');
    expect(text(6.25, 'standard deviations')).toBe('6.25 standard deviations');
    expect(plain(featureValue(380, undefined))).toBe('380');
  });
});
