import { describe, expect, test } from 'vitest';
import { checkOf, ledgerOf } from './fixtures';
import { places } from './places';

describe('places', () => {
  const named = (ledger: Parameters<typeof places>[0]) => Object.fromEntries(places(ledger).map((p) => [p.name, p.n]));

  test('have each packet once: they add up to what came in', () => {
    const all = named(ledgerOf());
    expect(all).toEqual({ 'scored, and usual': 910, 'scored, and part of an alert': 40, 'learned from, in the warm-up': 50, 'on the way to the model': 5, 'dropped by decode: not IP': 7 });
    expect(Object.values(all).reduce((a, b) => a + b)).toBe(1012);
  });

  test('say what is missing, held, refused and nowhere', () => {
    const publish = { ...checkOf('publish', { 'came in': 1 }, {}), out: [{ name: 'passed on', n: 0 }, { name: 'dropped', n: 9, by: { 'publish buffer full': 6, 'refused by the broker': 3 } }] };
    const log = checkOf('log', { a: 1020 }, { 'taken in': 1000, 'held for their turn': 4, missing: 3 }, { difference: 13, holds: false });
    const found = places(ledgerOf({ checks: [publish, log] }));
    expect(found.filter((p) => p.check !== 'verdict' && p.check !== 'model').map((p) => `${p.n} ${p.tone} ${p.name}`)).toEqual([
      '4 packets held for their turn',
      '3 critical missing', // those that were refused are among them
      '6 critical dropped by publish: publish buffer full',
      '13 critical nowhere: log',
    ]);
  });

  test('are none of an empty ledger', () => expect(places(ledgerOf({ checks: null, lanes: null }))).toEqual([]));
});
