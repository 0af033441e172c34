import { describe, expect, test } from 'vitest';
import type { LedgerProcess } from '../../lib/data/ledger';
import type { LaneStatus } from '../../lib/data/types';
import { checkOf, conditionOf, laneOf } from './fixtures';
import type { StageNode } from './path';
import { countsOf, laneCount, lanesOf, processRows, resultOf, termsOf, unbalancedFirst } from './rows';

describe('equations', () => {
  test('with a difference come first, the others in their order', () => {
    const list = [checkOf('a', {}, {}), checkOf('b', {}, {}, { holds: false }), checkOf('c', {}, {})];
    expect(unbalancedFirst(list).map((c) => c.name)).toEqual(['b', 'a', 'c']);
    expect(unbalancedFirst(undefined)).toEqual([]);
    expect(list.map((c) => c.name)).toEqual(['a', 'b', 'c']);
  });

  const lines = (...args: Parameters<typeof termsOf>) => termsOf(...args).map((f) => `${'  '.repeat(f.level ?? 0)}${f.name} ${f.value}${f.note ? ` (${f.note})` : ''}${f.tone ? ` ${f.tone}` : ''}`);

  test('list every term with its reasons', () => {
    const check = checkOf('decode', { term_a: 12_345 }, { term_b: 12_000 }, { in_flight: 38, difference: 300, holds: false });
    check.in![0]!.stage = 'capture';
    check.out!.push({ name: 'dropped', stage: 'decode', n: 7, by: { new_reason: 7 } });
    expect(lines(check)).toEqual([
      'In 12\u202f345', '  Term a (Capture) 12\u202f345', 'Out 12\u202f007', '  Term b 12\u202f000', '  Dropped 7', '    New reason 7',
      'In flight 38', 'Difference 300 (not explained by any count) lost',
    ]);
  });

  test('state packets in flight, or what the remainder is', () => {
    expect(lines(checkOf('log', {}, {}, { in_flight: 2 }))).toContain('In flight 2');
    expect(lines(checkOf('frames', {}, {}, { in_flight: -9, remainder: 'some_code' }))).toContain('In flight -9 (Some code)');
    expect(resultOf(checkOf('a', {}, {}, { in_flight: 5 }))).toBe('5 in flight');
    expect(resultOf(checkOf('a', {}, {}, { in_flight: 5, difference: 2 }))).toBe('difference 2');
    expect(resultOf(checkOf('a', {}, {}))).toBe('');
  });
});

describe('the counts of a stage', () => {
  const node = (changes: Partial<StageNode>) => ({ stage: 'score', rate: 10, out: 9, drops: [], counts: undefined, ...changes }) as unknown as StageNode;

  test('include packets in progress and drops by reason', () => {
    const counts = { stage: 'score', in: 100, out: 40, bytes: 5000 };
    const drops = [{ reason: 'unknown_reason', kind: 'harmless' as const, n: 50, perSecond: 2 }];
    const rows = countsOf(node({ counts, drops }));
    expect(rows.map((r) => `${r.name} ${r.value}`)).toEqual(['In 100', 'Out 40', 'In progress 10', 'Dropped 50', 'Unknown reason 50', 'Bytes 5.00\u202fkB']);
    expect(rows[4]).toMatchObject({ level: 1, tone: 'harmless', note: ' 2\u202f/s now' });
  });

  test('are empty if no process has the stage', () => expect(countsOf(node({}))).toEqual([]));
});

describe('lanes', () => {
  const live = (partition: number, changes: Partial<LaneStatus> = {}) => ({ partition, scored: 1, lag: 0, alerts: 0, ...changes }) as LaneStatus;

  test('are those of the engines and those that only the ledger has', () => {
    const all = lanesOf([live(2), live(7, { lane: 0 })], [laneOf(0), laneOf(1)]);
    expect(all.map((l) => [l.lane, l.live !== undefined, l.recorded !== undefined])).toEqual([
      [0, true, true],
      [1, false, true],
      [2, true, false],
    ]);
  });

  test('use the latest count; engines omit counts of 0', () => {
    const [taken, orphan] = lanesOf([live(0, { packets: 1500 })], [laneOf(0, { missing: 4 }), laneOf(1, { lag: 12 })]);
    expect([laneCount(taken!, 'packets'), laneCount(taken!, 'missing')]).toEqual([1500, 0]);
    expect(laneCount(orphan!, 'lag')).toBe(12);
    expect(laneCount(orphan!, 'offset')).toBeNaN();
  });
});

test('processes are sorted by state, then by start; running ones have their problems', () => {
  const p = (instance: string, state: LedgerProcess['state'], started: string) => ({ instance, role: 'engine', started, ts: started, state });
  const unreachable = conditionOf('broker_unreachable', 'kafka', 'degraded', 'connection refused');
  const rows = processRows(
    [p('a', 'ended', '3'), p('b', 'vanished', '1'), p('c', 'runs', '1'), p('d', 'runs', '2')],
    [
      { instance: 'c', role: 'engine', ts: '', conditions: [unreachable, conditionOf('standby', 'engine')] },
      { instance: 'a', role: 'engine', ts: '', conditions: [unreachable] },
    ],
  );
  expect(rows.map((r) => r.instance)).toEqual(['d', 'c', 'b', 'a']);
  expect(rows.map((r) => r.problems.length)).toEqual([0, 1, 0, 0]);
  expect(rows[1]!.problems[0]).toContain('(kafka): connection refused');
});
