import type { Ledger } from '../../lib/data/ledger';

export interface Place {
  name: string;
  n: number;
  /** The token of its colour; critical is lost, dot is put aside. */
  tone: 'good' | 'high' | 'bits' | 'packets' | 'dot' | 'critical';
  /** The equation that tells of it. */
  check: string;
}

/** Equations whose figures are not packets. */
const otherThanPackets = /alert|connection|live/;
/** Of these the log's own equation tells, for they were numbered. */
const refused = 'refused by the broker';

/**
 * Where every packet that ever came is now: each packet is in one place, and none in two.
 * Made of the ledger, which counts over all processes and crashes.
 */
export function places({ checks, lanes }: Ledger): Place[] {
  const of = (name: string) => checks?.find((c) => c.name === name);
  const log = of('log');
  const all: Place[] = [];
  const add = (name: string, n: number | undefined, tone: Place['tone'], check: string) => void (n && n > 0 && all.push({ name, n, tone, check }));
  const sum = (of: 'passed' | 'alerted' | 'withheld' | 'cold') => lanes?.reduce((n, l) => n + l[of], 0);
  add('scored, and usual', sum('passed'), 'good', 'verdict');
  add('scored, and part of an alert', sum('alerted'), 'high', 'verdict');
  add('scored, withheld by the budget of alerts', sum('withheld'), 'high', 'verdict');
  add('learned from, in the warm-up', sum('cold'), 'bits', 'model');
  add('on the way to the model', Math.max(0, log?.in_flight ?? 0) + Math.max(0, of('hand over')?.in_flight ?? 0), 'packets', 'log');
  // The first term is what the model took in, of which the lanes tell.
  for (const { name, n } of (log?.out ?? []).slice(1)) add(name, n, toneOf(name), 'log');
  for (const stage of ['capture', 'decode', 'conntrack', 'publish']) {
    const by = of(stage)?.out?.find((t) => t.name === 'dropped')?.by ?? {};
    for (const [reason, n] of Object.entries(by)) if (reason !== refused) add(`dropped by ${stage}: ${reason}`, n, stage === 'decode' ? 'dot' : 'critical', stage);
  }
  for (const { name, difference } of checks ?? []) if (!otherThanPackets.test(name)) add(`nowhere: ${name}`, difference, 'critical', name);
  return all;
}

function toneOf(term: string): Place['tone'] {
  if (term.startsWith('held')) return 'packets';
  return /^(published again|unreadable|taken in by)/.test(term) ? 'dot' : 'critical';
}
