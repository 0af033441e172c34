import { describe, expect, test } from 'vitest';
import type { Health } from '../../lib/data/ledger';
import type { Condition } from '../../lib/data/types';
import { checkOf, conditionOf, laneOf, ledgerOf, statsOf } from './fixtures';
import { actionFor, problemsOf, statusOf, type Inputs } from './status';

const health = (conditions: Condition[] = [], ready = true): Health => ({ conditions, ready });
const of = (changes: Partial<Inputs> = {}) => statusOf({ stats: statsOf(), health: health(), ledger: ledgerOf(), link: 'open', error: '', ...changes });
const idle = (code: string, stage: string, text = 'some text') => ({ stats: statsOf({ conditions: [conditionOf(code, stage, 'info', text)] }) });
const slow = conditionOf('slow_clients', 'live', 'degraded', 'a client is slow');
const full = conditionOf('store_unavailable', 'store', 'failed', 'the disk is full');

describe('statusOf', () => {
  test('reports rate, packets in flight and a balanced ledger', () => {
    const { tone, summary, problems } = of();
    expect(tone).toBe('good');
    expect(summary).toMatch(/1\.20.k packets\/s, 5 in flight, every packet is accounted for/);
    expect(problems).toEqual([]);
  });

  test('reports an idle pipeline', () => {
    expect(of({ ledger: ledgerOf({ at_rest: true }) }).summary).toBe('Every packet is accounted for; the pipeline is idle.');
    expect(of(idle('input_ended', 'capture', 'the input has ended'))).toMatchObject({ tone: 'good', summary: 'Every packet is accounted for; the input has ended.', action: 'The input has ended.' });
  });

  test('reports a silent source, as idle if nothing is in flight', () => {
    const silent = idle('no_traffic', 'capture', 'a file has ended');
    expect(of({ ...silent, ledger: ledgerOf({ at_rest: true }) })).toMatchObject({ tone: 'quiet', summary: 'Every packet is accounted for; the pipeline is idle.', action: 'A file has ended.' });
    expect(of(silent).summary).toBe('No packets at “Capture”; every packet is accounted for.');
  });

  test('reports lost packets although the ledger balances', () => {
    const ledger = ledgerOf({ at_rest: true, checks: [checkOf('log', { a: 1004 }, { accepted: 1000, missing: 4 })] });
    expect(of({ ledger }).summary).toBe('Every packet is accounted for, 4 as lost; the pipeline is idle.');
  });

  test('prefers failures to an imbalance, and that to degradations', () => {
    const off = ledgerOf({ adds_up: false, checks: [checkOf('log', { a: 9 }, { b: 2 }, { difference: 7, holds: false, why: '7 unexplained' })] });
    expect(of({ health: health([slow, full], false), ledger: off })).toMatchObject({ tone: 'bad', summary: expect.stringMatching(/^The pipeline is not working: .*\(store\): the disk is full$/) });
    expect(of({ health: health([slow]), ledger: off })).toMatchObject({ tone: 'bad', summary: expect.stringMatching(/^The ledger does not balance: .*: 7 unexplained$/) });
    expect(of({ health: health([slow]) })).toMatchObject({ tone: 'warn', summary: expect.stringMatching(/^Working, but degraded: .*\(live\): a client is slow$/) });
  });

  test('does not repeat the finding of the summary as a problem', () => {
    const ledger = ledgerOf({ adds_up: false, checks: [checkOf('log', {}, {}, { holds: false, difference: -3 })] });
    const answer = of({ ledger, health: health([conditionOf('ledger_imbalance', 'ledger', 'degraded'), slow]) });
    expect(answer.action).toMatch(/`netlyra ledger`/);
    expect(answer.problems).toEqual([slow]);
  });

  test('names a lane if every equation balances', () => {
    expect(of({ ledger: ledgerOf({ adds_up: false, checks: [], lanes: [laneOf(0), laneOf(3, { holds: false })] }) }).summary).toMatch(/lane 3/);
  });

  test.each([
    ['nothing_captured', 'capture', 'quiet', 'No packets at “Capture”', /Some text.*`netlyra doctor`/],
    ['warming_up', 'score', 'quiet', 'still learning', /Some text/],
    ['not_scored', 'score', 'bad', 'Packets stop at “Score”', /Some text.*`netlyra doctor`/],
    ['no_engine', 'consume', 'bad', 'Packets stop at “Consume”', /Some text/],
    ['unknown_code', 'publish', 'bad', 'Packets stop at “Publish”', /Some text/],
  ])('reports the idle condition %s of %s', (code, stage, tone, summary, action) => {
    const answer = of(idle(code, stage));
    expect(answer.tone).toBe(tone);
    expect(answer.summary).toContain(summary);
    expect(answer.action).toMatch(action);
  });

  test('reports what is unknown instead of relying on outdated statistics', () => {
    expect(of({ ledger: undefined, health: undefined, stats: undefined, link: 'connecting' }).summary).toMatch(/^Loading/);
    expect(of({ stats: undefined })).toMatchObject({ tone: 'unknown' });
    expect(of({ link: 'lost' })).toMatchObject({ tone: 'unknown', summary: 'Every packet is accounted for; live figures have stopped.' });
    expect(of({ link: 'lost', ...idle('no_engine', 'consume') }).summary).toMatch(/live figures have stopped/);
    expect(of({ link: 'lost', error: 'unreachable' }).summary).toMatch(/is unreachable/);
    expect(of({ error: 'status 500' }).summary).toBe('The ledger cannot be read: status 500');
    expect(of({ link: 'lost', health: health([full], false) }).tone).toBe('bad');
  });
});

test('problems exclude info, are sorted by severity and have an action', () => {
  const others = conditionOf('broker_unreachable', 'processes', 'degraded');
  const all = problemsOf(health([others, slow, conditionOf('standby', 'engine', 'info'), conditionOf('unknown_code', 'x', 'degraded'), full]));
  expect(all.map((c) => c.code)).toEqual(['store_unavailable', 'slow_clients', 'unknown_code', 'broker_unreachable']);
  expect(all.every((c) => actionFor(c).length > 10)).toBe(true);
});
