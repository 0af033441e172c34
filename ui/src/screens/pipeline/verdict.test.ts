import { describe, expect, test } from 'vitest';
import type { Health } from '../../lib/data/ledger';
import { checkOf, laneOf, ledgerOf, statsOf } from './fixtures';
import { troublesOf, verdict, type Known } from './verdict';

const health = (components: Record<string, string> = {}, ready = true): Health => ({ status: 'ok', components: { store: 'ok', ...components }, ready });
const of = (changes: Partial<Known> = {}) => verdict({ stats: statsOf(), health: health(), ledger: ledgerOf(), link: 'open', error: '', ...changes });
const idle = (text: string) => ({ stats: statsOf({ idle: text }) });

describe('the sentence', () => {
  test('says that all is well, how much comes and how much is on its way', () => {
    const { tone, says, troubles } = of();
    expect(tone).toBe('good');
    expect(says).toMatch(/1\.20.k\/s come in, 5 on the way, and every packet is accounted for/);
    expect(troubles).toEqual([]);
  });

  test('says that everything is at rest', () => {
    expect(of({ ledger: ledgerOf({ at_rest: true }) }).says).toBe('Every packet is accounted for, and everything is at rest.');
    expect(of({ ...idle('capture: the input has ended, and everything that came was worked off.') })).toMatchObject({
      tone: 'good',
      says: 'Every packet is accounted for, and the input has ended.',
      todo: 'The input has ended, and everything that came was worked off.',
    });
  });

  test('says of a silent source that all is at rest, where it is', () => {
    const silent = idle('capture: no packet for some seconds. A file has ended, or the interface is silent.');
    expect(of({ ...silent, ledger: ledgerOf({ at_rest: true }) })).toMatchObject({ tone: 'quiet', says: 'Every packet is accounted for, and everything is at rest.', todo: expect.stringContaining('A file has ended') });
    expect(of(silent).says).toMatch(/^“Capture” sees nothing; every packet/);
  });

  test('does not hide what was lost behind sums that hold', () => {
    const ledger = ledgerOf({ at_rest: true, checks: [checkOf('log', { a: 1004 }, { 'taken in': 1000, missing: 4 })] });
    expect(of({ ledger }).says).toBe('Every packet is accounted for, 4 as lost, and everything is at rest.');
  });

  test('puts what stops the work before what is wrong, and that before what is slow', () => {
    const off = ledgerOf({ adds_up: false, checks: [checkOf('log', { a: 9 }, { b: 2 }, { difference: 7, holds: false, why: '7 went in and are nowhere' })] });
    const slow = { live: 'WebSocket clients are too slow' };
    expect(of({ health: health({ ...slow, store: 'the disk is full' }, false), ledger: off })).toMatchObject({ tone: 'bad', says: 'The pipeline cannot do its work: store: the disk is full' });
    expect(of({ health: health(slow), ledger: off })).toMatchObject({ tone: 'bad', says: 'The ledger does not add up: Log: 7 went in and are nowhere' });
    expect(of({ health: health(slow) })).toMatchObject({ tone: 'warn', says: 'It works, degraded: live: WebSocket clients are too slow' });
  });

  test('does not say twice what is off', () => {
    const ledger = ledgerOf({ adds_up: false, checks: [checkOf('log', {}, {}, { holds: false, difference: -3, why: '3 more came out than went in' })] });
    const answer = of({ ledger, health: health({ ledger: 'the ledger does not add up: log', live: 'slow' }) });
    expect(answer.todo).toMatch(/`netlyra ledger`/);
    expect(answer.troubles.map((t) => t.name)).toEqual(['live']);
  });

  test('names a lane where no equation is off', () => {
    expect(of({ ledger: ledgerOf({ adds_up: false, checks: [], lanes: [laneOf(0), laneOf(3, { holds: false })] }) }).says).toMatch(/lane 3/);
  });

  test.each([
    ['capture: not one packet so far. Check the interface.', 'quiet', '“Capture” sees nothing', /Not one packet so far.*`netlyra doctor`/],
    ['score: the detector is learning; it wants 34 more packets.', 'quiet', 'still learns', /34 more packets/],
    ['score: the engine reads records and scores none.', 'bad', 'Packets stop at “Score”', /`netlyra doctor`/],
    ['consume: packets are published and no engine reads them. Start one: `netlyra engine`.', 'bad', 'Packets stop at “Consume”', /`netlyra engine`/],
    ['words without a stage', 'quiet', 'sees nothing', /Words without a stage/],
  ])('of an empty pipeline, %s', (text, tone, says, todo) => {
    const answer = of(idle(text));
    expect(answer.tone).toBe(tone);
    expect(answer.says).toContain(says);
    expect(answer.todo).toMatch(todo);
  });

  test('says what is not known, and never that all is well from old figures', () => {
    expect(of({ ledger: undefined, health: undefined, stats: undefined, link: 'connecting' }).says).toMatch(/^Asking/);
    expect(of({ stats: undefined })).toMatchObject({ tone: 'unknown' });
    expect(of({ link: 'lost' })).toMatchObject({ tone: 'unknown', says: 'Every packet is accounted for, but the live figures have stopped.' });
    expect(of({ link: 'lost', ...idle('consume: packets are published and no engine reads them.') }).says).toMatch(/live figures have stopped/);
    expect(of({ link: 'lost', error: 'away' }).says).toMatch(/does not answer/);
    expect(of({ error: 'the server answered 500' }).says).toMatch(/cannot be read: the server answered 500/);
    expect(of({ link: 'lost', health: health({ store: 'full' }, false) }).tone).toBe('bad');
  });
});

test('troubles come with what to do, the gravest first; standing by is none', () => {
  const all = troublesOf(health({ processes: 'engine x: kafka: away', live: 'slow', kafka: 'away', scoring: 'standby: other engines work', odd: 'what?' }));
  expect(all.map((t) => t.name)).toEqual(['kafka', 'live', 'odd', 'processes']);
  expect(all.every((t) => t.todo.length > 10)).toBe(true);
});
