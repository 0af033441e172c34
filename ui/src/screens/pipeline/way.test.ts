import { describe, expect, test } from 'vitest';
import type { StageRate, Wait } from '../../lib/data/flow';
import { statsOf } from './fixtures';
import { idleOf, isLog, kindOf, thickness, waitText, ways, type Station } from './way';

const flow = (rates: Record<string, StageRate> = {}, wait?: Wait) => ({ rate: (stage: string) => rates[stage], wait: () => wait });
const stations = (...args: Parameters<typeof ways>) => new Map(ways(...args).flatMap((t) => t.stops.filter((s): s is Station => !isLog(s)).map((s) => [s.stage, s])));

describe('the way', () => {
  test('is drawn before anything is known, with nobody in it', () => {
    const tracks = ways(undefined, flow());
    expect(tracks.map((t) => t.name)).toEqual(['Packets', 'Alerts', 'Connections', 'Browsers']);
    expect([...stations(undefined, flow()).values()].every((s) => s.counts === undefined && Number.isNaN(s.rate))).toBe(true);
  });

  test('has counts, rates and lag where they belong', () => {
    const stats = statsOf({ stages: [{ stage: 'capture', in: 10, out: 10 }], lag: { packets: 3, alerts: 4, connections: 5 } });
    const tracks = ways(stats, flow({ capture: { in: 7, out: 6, dropped: {} } }, { now: 0.5, p50: 0, p99: 0 }));
    expect(tracks[0]!.stops[0]).toMatchObject({ stage: 'capture', rate: 7, out: 6 });
    expect(tracks.map((t) => t.stops.find(isLog)?.lag)).toEqual([3, 4, 5, undefined]);
    expect(tracks[0]!.stops.find(isLog)).toMatchObject({ wait: { now: 0.5 } });
  });

  test('shows stages that it does not know, and hides none', () => {
    const stats = statsOf({ stages: [{ stage: 'enrich', in: 1, out: 1 }, { stage: 'live', in: 1, out: 1 }] });
    expect(ways(stats, flow()).at(-1)).toMatchObject({ name: 'Others', stops: [{ stage: 'enrich', label: 'enrich' }] });
  });

  test('marks the first stage that sees nothing', () => {
    const found = stations(statsOf({ idle: 'consume: packets are published and no engine reads them.' }), flow());
    expect([...found.values()].filter((s) => s.stuck).map((s) => s.stage)).toEqual(['consume']);
    const ended = stations(statsOf({ idle: 'capture: the input has ended, and everything that came was worked off.' }), flow());
    expect([...ended.values()].some((s) => s.stuck)).toBe(false);
  });

  test('puts what was lost before what was set aside, and the greater before the lesser', () => {
    const stats = statsOf({ stages: [{ stage: 'consume', in: 9, out: 1, dropped: { duplicate: 500, unreadable: 2, odd: 1, 'lost by the kernel': 7, nothing: 0 } }] });
    const drops = stations(stats, flow({ consume: { in: 1, out: 1, dropped: { odd: 0.5 } } })).get('consume')!.drops;
    expect(drops.map((d) => `${d.reason} ${d.kind} ${d.perSecond}`)).toEqual(['lost by the kernel lost 0', 'unreadable unreadable 0', 'odd lost 0.5', 'duplicate aside 0']);
  });
});

test.each([
  ['decode', 'not IP', 'aside'],
  ['score', 'warm-up', 'aside'],
  ['record alerts', 'unreadable', 'unreadable'],
  ['publish', 'refused by the broker', 'lost'],
  ['live', 'slow client', 'lost'],
  ['publish', 'a reason of tomorrow', 'lost'],
])('%s: %s is %s', (stage, reason, kind) => expect(kindOf(stage, reason)).toBe(kind));

test.each([
  ['publish: the broker: away', 'publish', 'the broker: away', 'stuck'],
  ['capture: the input has ended, and everything that came was worked off.', 'capture', 'the input has ended, and everything that came was worked off.', 'ended'],
  ['capture: no packet for some seconds. A file has ended, or the interface is silent.', 'capture', 'no packet for some seconds. A file has ended, or the interface is silent.', 'silent'],
  ['score: the detector is learning; it wants 3 more', 'score', 'the detector is learning; it wants 3 more', 'learning'],
  ['Some sentence: with a colon', '', 'Some sentence: with a colon', 'silent'],
])('%s is told by stage', (idle, stage, text, kind) => expect(idleOf(idle)).toEqual({ stage, text, kind }));

test('a line grows with the rate, bounded, and is thin where nothing flows', () => {
  expect([NaN, 0, 0.2, 1, 1000, 1e9].map(thickness)).toEqual([1, 1, 3, 3, 7.5, 12]);
});

test.each([
  [undefined, ''],
  [{ now: 0, p50: 0, p99: 0.25 }, 'p50 <100\u202fms, p99 250\u202fms'],
  [{ now: 0.2, p50: 2, p99: Infinity }, 'p50 2.00\u202fs, p99 ∞'],
  [{ now: Infinity, p50: 2, p99: 3 }, 'stand still'],
])('a wait of %o is %s', (wait, text) => expect(waitText(wait)).toBe(text));
