import { describe, expect, test } from 'vitest';
import { dropName, stageName } from '../../lib/format/codes';
import { checkOf, ledgerOf } from './fixtures';
import { outcomes } from './outcomes';

describe('outcomes', () => {
  const byName = (ledger: Parameters<typeof outcomes>[0]) => Object.fromEntries(outcomes(ledger).map((o) => [o.name, o.n]));

  test('count each packet once: they add up to the captured frames', () => {
    const all = byName(ledgerOf());
    expect(all).toEqual({
      'Scored as typical': 910,
      'Scored, part of an alert': 40,
      'Used for training during warm-up': 50,
      'In flight to the model': 5,
      [`Dropped by ${stageName('decode')}: ${dropName('not_ip')}`]: 7,
    });
    expect(Object.values(all).reduce((a, b) => a + b)).toBe(1012);
  });

  test('include packets that are held, missing, dropped and unaccounted for', () => {
    const publish = { ...checkOf('publish', { came_in: 1 }, {}), out: [{ name: 'passed_on', n: 0 }, { name: 'dropped', n: 9, by: { buffer_full: 6, refused_by_broker: 3 } }] };
    const log = checkOf('log', { a: 1020 }, { accepted: 1000, held: 4, missing: 3 }, { difference: 13, holds: false });
    const found = outcomes(ledgerOf({ checks: [publish, log] })).filter((o) => o.check === 'log' || o.check === 'publish');
    expect(found.map((o) => `${o.n} ${o.tone} ${o.check}`)).toEqual([
      '4 packets log',
      '3 critical log', // includes the refused packets
      '6 critical publish',
      '13 critical log',
    ]);
  });

  test('are empty for an empty ledger', () => expect(outcomes(ledgerOf({ checks: null, lanes: null }))).toEqual([]));
});
