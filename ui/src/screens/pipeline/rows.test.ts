import { describe, expect, test } from 'vitest';
import type { LedgerProcess } from '../../lib/data/ledger';
import type { PartitionStatus } from '../../lib/data/types';
import { checkOf, laneOf } from './fixtures';
import { countsOf, laneCount, lanes, processRows, remainderOf, termsOf, wrongFirst } from './rows';
import type { Station } from './way';

describe('equations', () => {
  test('that do not hold come first, the others as they came', () => {
    const list = [checkOf('a', {}, {}), checkOf('b', {}, {}, { holds: false }), checkOf('c', {}, {})];
    expect(wrongFirst(list).map((c) => c.name)).toEqual(['b', 'a', 'c']);
    expect(wrongFirst(undefined)).toEqual([]);
    expect(list.map((c) => c.name)).toEqual(['a', 'b', 'c']);
  });

  const lines = (...args: Parameters<typeof termsOf>) => termsOf(...args).map((f) => `${'  '.repeat(f.level ?? 0)}${f.name} ${f.value}${f.note ? ` (${f.note})` : ''}${f.tone ? ` ${f.tone}` : ''}`);

  test('are told term by term, with the reasons of each', () => {
    const check = checkOf('decode', { 'came in': 12_345 }, { 'passed on': 12_000 }, { in_flight: 38, difference: 300, holds: false });
    check.out!.push({ name: 'dropped', n: 7, by: { 'not IP': 7 } });
    expect(lines(check)).toEqual(['Went in 12\u202f345', '  came in 12\u202f345', 'Came out 12\u202f007', '  passed on 12\u202f000', '  dropped 7', '    not IP 7', 'In flight 38', 'Difference 300 (what nothing explains) lost']);
  });

  test('say what is on its way, or what they call so', () => {
    expect(lines(checkOf('log', {}, {}, { in_flight: 2 }))).toContain('In flight 2');
    expect(lines(checkOf('frames', {}, {}, { in_flight: -9, remainder: 'further packets in one frame' }))).toContain('In flight -9 (further packets in one frame)');
    expect(remainderOf(checkOf('a', {}, {}, { in_flight: 5 }))).toBe('5 on the way');
    expect(remainderOf(checkOf('a', {}, {}, { in_flight: 5, difference: 2 }))).toBe('difference 2');
    expect(remainderOf(checkOf('a', {}, {}))).toBe('');
  });
});

describe('the counts of a stage', () => {
  const station = (changes: Partial<Station>) => ({ stage: 'score', rate: 10, out: 9, drops: [], counts: undefined, ...changes }) as unknown as Station;

  test('say what is inside, and what became of the rest', () => {
    const counts = { stage: 'score', in: 100, out: 40, bytes: 5000 };
    const drops = [{ reason: 'warm-up', kind: 'aside' as const, n: 50, perSecond: 2 }];
    const rows = countsOf(station({ counts, drops }));
    expect(rows.map((r) => `${r.name} ${r.value}`)).toEqual(['In 100', 'Out 40', 'Inside now 10', 'Dropped 50', 'warm-up 50', 'Bytes 5.00\u202fkB']);
    expect(rows[4]).toMatchObject({ level: 1, tone: 'aside', note: 'learned from, not scored 2\u202f/s now' });
  });

  test('are none where nobody has it', () => expect(countsOf(station({}))).toEqual([]));
});

describe('lanes', () => {
  const live = (partition: number, changes: Partial<PartitionStatus> = {}) => ({ partition, scored: 1, lag: 0, alerts: 0, ...changes }) as PartitionStatus;

  test('are those of the engines and those that only the ledger knows', () => {
    const all = lanes([live(2), live(0)], [laneOf(0), laneOf(1)]);
    expect(all.map((l) => [l.lane, l.live !== undefined, l.kept !== undefined])).toEqual([
      [0, true, true],
      [1, false, true],
      [2, true, false],
    ]);
  });

  test('count what is newest; a report leaves out what is 0', () => {
    const [taken, orphan] = lanes([live(0, { packets: 1500 })], [laneOf(0, { missing: 4 }), laneOf(1, { lag: 12 })]);
    expect([laneCount(taken!, 'packets'), laneCount(taken!, 'missing')]).toEqual([1500, 0]);
    expect(laneCount(orphan!, 'lag')).toBe(12);
    expect(laneCount(orphan!, 'offset')).toBeNaN();
  });
});

test('processes that run come first, then those that vanished, with what they complain of', () => {
  const p = (instance: string, state: LedgerProcess['state'], started: string) => ({ instance, role: 'engine', started, ts: started, state });
  const rows = processRows(
    [p('a', 'ended', '3'), p('b', 'vanished', '1'), p('c', 'runs', '1'), p('d', 'runs', '2')],
    [
      { instance: 'c', role: 'engine', ts: '', health: { kafka: 'away', store: 'ok' } },
      { instance: 'a', role: 'engine', ts: '', health: { kafka: 'away' } },
    ],
  );
  expect(rows.map((r) => r.instance)).toEqual(['d', 'c', 'b', 'a']);
  expect(rows.map((r) => r.troubles)).toEqual([[], ['kafka: away'], [], []]);
});
