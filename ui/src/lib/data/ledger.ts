// The JSON of GET /ledger and GET /health.

/** A part of one side of an equation. */
export interface LedgerTerm {
  name: string;
  n: number;
  /** By reason. */
  by?: Record<string, number>;
}

/** The sum of in = the sum of out + in_flight + difference. */
export interface LedgerCheck {
  name: string;
  says: string;
  in: LedgerTerm[] | null;
  out: LedgerTerm[] | null;
  in_flight: number;
  /** What in_flight is, where it is something else. */
  remainder?: string;
  difference: number;
  holds: boolean;
  why?: string;
}

export interface LedgerLane {
  lane: number;
  /** Who told of it last. */
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
  status: string;
  /** "ok", or what is to be said. */
  components: Record<string, string>;
  /** Whether the pipeline can do its work: the answer's status is 200 and not 503. */
  ready: boolean;
}
