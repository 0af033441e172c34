import { describe, expect, test } from 'vitest';
import type { Delay, StageRate } from '../../lib/data/throughput';
import { conditionOf, statsOf } from './fixtures';
import { delayText, idleKind, isTopic, kindOf, lineWidth, tracksOf, type StageNode } from './path';

const throughput = (rates: Record<string, StageRate> = {}, delay?: Delay) => ({ rate: (stage: string) => rates[stage], delay: () => delay });
const stageNodes = (...args: Parameters<typeof tracksOf>) => new Map(tracksOf(...args).flatMap((t) => t.nodes.filter((n): n is StageNode => !isTopic(n)).map((n) => [n.stage, n])));

describe('tracksOf', () => {
  test('lists every stage before there are statistics', () => {
    const tracks = tracksOf(undefined, throughput());
    expect(tracks.map((t) => t.name)).toEqual(['Packets', 'Alerts', 'Connections', 'Browsers']);
    expect([...stageNodes(undefined, throughput()).values()].every((n) => n.counts === undefined && Number.isNaN(n.rate))).toBe(true);
  });

  test('assigns counts, rates and lag', () => {
    const stats = statsOf({ stages: [{ stage: 'capture', in: 10, out: 10 }], lag: { packets: 3, alerts: 4, connections: 5 } });
    const tracks = tracksOf(stats, throughput({ capture: { in: 7, out: 6, dropped: {} } }, { now: 0.5, p50: 0, p99: 0 }));
    expect(tracks[0]!.nodes[0]).toMatchObject({ stage: 'capture', rate: 7, out: 6 });
    expect(tracks.map((t) => t.nodes.find(isTopic)?.lag)).toEqual([3, 4, 5, undefined]);
    expect(tracks[0]!.nodes.find(isTopic)).toMatchObject({ delay: { now: 0.5 } });
  });

  test('lists unknown stages in a separate track', () => {
    const stats = statsOf({ stages: [{ stage: 'enrich', in: 1, out: 1 }, { stage: 'live', in: 1, out: 1 }] });
    expect(tracksOf(stats, throughput()).at(-1)).toMatchObject({ name: 'Others', nodes: [{ stage: 'enrich', name: 'Enrich' }] });
  });

  test('marks the stage of an idle condition, except after the end of the input', () => {
    const stalled = (code: string, stage: string) => [...stageNodes(statsOf({ conditions: [conditionOf(code, stage)] }), throughput()).values()].filter((n) => n.stalled).map((n) => n.stage);
    expect(stalled('no_engine', 'consume')).toEqual(['consume']);
    expect(stalled('input_ended', 'capture')).toEqual([]);
  });

  test('sorts losses before harmless drops, then by number', () => {
    const stats = statsOf({ stages: [{ stage: 'consume', in: 9, out: 1, dropped: { duplicate: 500, unreadable: 2, new_reason: 1, kernel: 7, none: 0 } }] });
    const drops = stageNodes(stats, throughput({ consume: { in: 1, out: 1, dropped: { new_reason: 0.5 } } })).get('consume')!.drops;
    expect(drops.map((d) => `${d.reason} ${d.kind} ${d.perSecond}`)).toEqual(['kernel lost 0', 'unreadable unreadable 0', 'new_reason lost 0.5', 'duplicate harmless 0']);
  });
});

test.each([
  ['decode', 'not_ip', 'harmless'],
  ['score', 'warm_up', 'harmless'],
  ['record_alerts', 'unreadable', 'unreadable'],
  ['publish', 'refused_by_broker', 'lost'],
  ['live', 'slow_client', 'lost'],
  ['publish', 'unknown_reason', 'lost'],
])('a drop of %s for %s is %s', (stage, reason, kind) => expect(kindOf(stage, reason)).toBe(kind));

test.each([
  ['not_published', 'stalled'],
  ['unknown_code', 'stalled'],
  ['input_ended', 'ended'],
  ['no_traffic', 'silent'],
  ['warming_up', 'learning'],
])('the condition %s is %s', (code, kind) => expect(idleKind(conditionOf(code))).toBe(kind));

test('the line width grows with the rate, within bounds', () => {
  expect([NaN, 0, 0.2, 1, 1000, 1e9].map(lineWidth)).toEqual([1, 1, 3, 3, 7.5, 12]);
});

test.each([
  [undefined, ''],
  [{ now: 0, p50: 0, p99: 0.25 }, 'p50 <100\u202fms, p99 250\u202fms'],
  [{ now: 0.2, p50: 2, p99: Infinity }, 'p50 2.00\u202fs, p99 ∞'],
  [{ now: Infinity, p50: 2, p99: 3 }, 'not consumed'],
])('the text of delay %o is %s', (delay, text) => expect(delayText(delay)).toBe(text));
