// JSON types of GET /ledger and GET /health.

import type { Condition } from './types';

/** One term of an equation. */
export interface LedgerTerm {
  name: string;
  /** The stage that counted it; absent for totals of the lanes. */
  stage?: string;
  n: number;
  /** The term by drop reason. */
  by?: Record<string, number>;
}

/** An accounting equation: sum of in = sum of out + in_flight + difference. */
export interface LedgerCheck {
  name: string;
  /** The equation in words. */
  says: string;
  in: LedgerTerm[] | null;
  out: LedgerTerm[] | null;
  in_flight: number;
  /** What in_flight counts, if not packets in flight. */
  remainder?: string;
  difference: number;
  holds: boolean;
  /** Text about the difference. */
  why?: string;
}

export interface LedgerLane {
  lane: number;
  /** The process that reported it last. */
  instance: string;
  packets: number;
  cold: number;
  scored: number;
  alerted: number;
  withheld: number;
  passed: number;
  alerts: number;
  held: number;
  duplicates: number;
  missing: number;
  unreadable: number;
  lag: number;
  difference: number;
  holds: boolean;
}

export interface LedgerProcess {
  instance: string;
  role: string;
  started: string;
  ts: string;
  state: 'runs' | 'ended' | 'vanished';
}

export interface Progress {
  topic: string;
  partition: number;
  done: number;
  end: number;
}

export interface Ledger {
  ts: string;
  since: string;
  adds_up: boolean;
  at_rest: boolean;
  checks: LedgerCheck[] | null;
  lanes: LedgerLane[] | null;
  recorded: Progress[] | null;
  processes: LedgerProcess[] | null;
  notes: string[] | null;
}

export interface Health {
  /** Of all components; empty while nothing is wrong. */
  conditions: Condition[];
  /** Whether the pipeline can work: HTTP status 200 rather than 503. */
  ready: boolean;
}
