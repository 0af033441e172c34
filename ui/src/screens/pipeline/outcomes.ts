import type { Ledger } from '../../lib/data/ledger';
import { dropName, checkName, stageName, termName } from '../../lib/format/codes';

export interface Outcome {
  name: string;
  n: number;
  /** Color token; critical is lost, dot is discarded without loss. */
  tone: 'good' | 'high' | 'bits' | 'packets' | 'dot' | 'critical';
  /** The equation that contains the figure. */
  check: string;
}

/** Equations that count records other than packets. */
export const otherRecords = new Set(['alert', 'send_alerts', 'record_alerts', 'send_connections', 'record_connections', 'live', 'alerts_published', 'alerts', 'connections']);
/** Stages whose drops are not part of another equation. */
export const sensorStages = ['capture', 'decode', 'conntrack', 'publish'];
/** These packets were numbered before they were refused, so the log equation counts them. */
const refused = 'refused_by_broker';

export const tones: Record<string, Outcome['tone']> = { held: 'packets', duplicates: 'dot', unreadable: 'dot', lost_model: 'dot' };

/**
 * What happened to every packet captured so far: each is in exactly one outcome. Derived
 * from the ledger, which counts over all processes and restarts.
 */
export function outcomes({ checks, lanes }: Ledger): Outcome[] {
  const find = (name: string) => checks?.find((c) => c.name === name);
  const log = find('log');
  const all: Outcome[] = [];
  const add = (name: string, n: number | undefined, tone: Outcome['tone'], check: string) => void (n && n > 0 && all.push({ name, n, tone, check }));
  const sum = (field: 'passed' | 'alerted' | 'withheld' | 'cold') => lanes?.reduce((n, l) => n + l[field], 0);
  add('Scored as typical', sum('passed'), 'good', 'verdict');
  add('Scored, part of an alert', sum('alerted'), 'high', 'verdict');
  add('Scored, alert withheld by the alert budget', sum('withheld'), 'high', 'verdict');
  add('Used for training during warm-up', sum('cold'), 'bits', 'model');
  add('In flight to the model', Math.max(0, log?.in_flight ?? 0) + Math.max(0, find('hand_over')?.in_flight ?? 0), 'packets', 'log');
  // The first term counts the packets that the lanes above have processed.
  for (const { name, n } of (log?.out ?? []).slice(1)) add(termName(name), n, tones[name] ?? 'critical', 'log');
  for (const stage of sensorStages) {
    const reasons = find(stage)?.out?.find((t) => t.name === 'dropped')?.by ?? {};
    for (const [reason, n] of Object.entries(reasons)) if (reason !== refused) add(`Dropped by ${stageName(stage)}: ${dropName(reason)}`, n, stage === 'decode' ? 'dot' : 'critical', stage);
  }
  for (const { name, difference } of checks ?? []) if (!otherRecords.has(name)) add(`Unaccounted for: ${checkName(name)}`, difference, 'critical', name);
  return all;
}
