import type { Ledger, LedgerCheck, LedgerLane } from '../../lib/data/ledger';
import type { Condition, ConditionSeverity, Stats } from '../../lib/data/types';

/** A condition for tests. */
export function conditionOf(code: string, stage = 'capture', severity: ConditionSeverity = 'info', text = 'some text'): Condition {
  return { stage, code, severity, text };
}

/** A balanced equation for tests. */
export function checkOf(name: string, input: Record<string, number>, output: Record<string, number>, changes: Partial<LedgerCheck> = {}): LedgerCheck {
  const terms = (side: Record<string, number>) => Object.entries(side).map(([term, n]) => ({ name: term, n }));
  return { name, says: `equation of ${name}`, in: terms(input), out: terms(output), in_flight: 0, difference: 0, holds: true, ...changes };
}

export function laneOf(lane: number, changes: Partial<LedgerLane> = {}): LedgerLane {
  return {
    lane,
    instance: 'host-1-11',
    packets: 1000,
    cold: 50,
    scored: 950,
    alerted: 40,
    withheld: 0,
    passed: 910,
    alerts: 2,
    held: 0,
    duplicates: 0,
    missing: 0,
    unreadable: 0,
    lag: 0,
    difference: 0,
    holds: true,
    ...changes,
  };
}

/** A balanced ledger: of 1012 frames 7 were skipped and 5 are in flight. */
export function ledgerOf(changes: Partial<Ledger> = {}): Ledger {
  return {
    ts: '2026-01-29T12:00:00Z',
    since: '2026-01-29T11:00:00Z',
    adds_up: true,
    at_rest: false,
    checks: [
      checkOf('capture', { came_in: 1012 }, { passed_on: 1012 }),
      { ...checkOf('decode', { came_in: 1012 }, { passed_on: 1005 }), out: [{ name: 'passed_on', n: 1005 }, { name: 'dropped', n: 7, by: { not_ip: 7 } }] },
      checkOf('log', { acknowledged: 1005 }, { accepted: 1000 }, { in_flight: 5 }),
    ],
    lanes: [laneOf(0)],
    recorded: [],
    processes: [],
    notes: [],
    ...changes,
  };
}

export function statsOf(changes: Partial<Stats> = {}): Stats {
  return {
    ts: '2026-01-29T12:00:00Z',
    packets: 1012,
    bytes: 61_000,
    alerts: 2,
    connections: 9,
    packets_per_second: 1200,
    bits_per_second: 9e6,
    scored: 950,
    scored_per_second: 1190,
    warm: true,
    warm_after: 0,
    lag: { packets: 0, alerts: 0, connections: 0 },
    stages: [],
    partitions: [],
    instances: [],
    traffic: { talkers: [], protocols: {}, connections: 9 },
    threshold: 0.8,
    conditions: [],
    ...changes,
  };
}
