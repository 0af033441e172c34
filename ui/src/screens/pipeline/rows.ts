import type { LedgerCheck, LedgerLane, LedgerProcess, LedgerTerm } from '../../lib/data/ledger';
import type { InstanceState, PartitionStatus } from '../../lib/data/types';
import { siText, whole } from '../../lib/format/number';
import { reasonWords, type Kind, type Station } from './way';

/** A line of a list of figures; those of a deeper level are parts of the one above. */
export interface Figure {
  name: string;
  value: string;
  level?: number;
  note?: string;
  tone?: Kind;
}

/** Those that do not hold first, else in the order of the data. */
export function wrongFirst(checks: readonly LedgerCheck[] | null | undefined): LedgerCheck[] {
  return (checks ?? []).toSorted((a, b) => Number(a.holds) - Number(b.holds));
}

const sumOf = (terms: LedgerTerm[] | null): number => (terms ?? []).reduce((n, t) => n + t.n, 0);

function sideOf(name: string, terms: LedgerTerm[] | null): Figure[] {
  const parts = (terms ?? []).flatMap((t) => [{ name: t.name, n: t.n, level: 1 }, ...Object.entries(t.by ?? {}).map(([reason, n]) => ({ name: reason, n, level: 2 }))]);
  return [{ name, value: whole(sumOf(terms)) }, ...parts.map(({ n, ...part }) => ({ ...part, value: whole(n) }))];
}

/** An equation, term by term: the first side is the sum of all that follows. */
export function termsOf(check: LedgerCheck): Figure[] {
  return [
    ...sideOf('Went in', check.in),
    ...sideOf('Came out', check.out),
    { name: 'In flight', value: whole(check.in_flight), note: check.remainder },
    { name: 'Difference', value: whole(check.difference), note: 'what nothing explains', tone: check.holds ? undefined : 'lost' },
  ];
}

/** What is to be seen of an equation at a glance. */
export function remainderOf(check: LedgerCheck): string {
  if (check.difference !== 0) return `difference ${whole(check.difference)}`;
  return check.in_flight > 0 ? `${whole(check.in_flight)} on the way` : '';
}

/** What a stage has counted, and what became of what it did not pass on. */
export function countsOf({ counts, rate, out, drops }: Station): Figure[] {
  if (!counts) return [];
  const dropped = drops.reduce((n, d) => n + d.n, 0);
  const rows: Figure[] = [
    { name: 'In', value: whole(counts.in), note: siText(rate, '/s') },
    { name: 'Out', value: whole(counts.out), note: siText(out, '/s') },
    { name: 'Inside now', value: whole(Math.max(0, counts.in - counts.out - dropped)) },
    { name: 'Dropped', value: whole(dropped) },
  ];
  for (const d of drops) rows.push({ name: d.reason, value: whole(d.n), level: 1, tone: d.kind, note: `${reasonWords(d.reason)}${d.perSecond > 0 ? ` ${siText(d.perSecond, '/s')} now` : ''}` });
  if (counts.bytes) rows.push({ name: 'Bytes', value: siText(counts.bytes, 'B') });
  return rows;
}

/** A lane as the engine that has it tells, live, and as the ledger keeps it. */
export interface Lane {
  lane: number;
  live: PartitionStatus | undefined;
  kept: LedgerLane | undefined;
}

export function lanes(partitions: readonly PartitionStatus[] | null | undefined, kept: readonly LedgerLane[] | null | undefined): Lane[] {
  const all = new Map<number, Lane>();
  for (const l of kept ?? []) all.set(l.lane, { lane: l.lane, live: undefined, kept: l });
  for (const p of partitions ?? []) all.set(p.partition, { lane: p.partition, live: p, kept: all.get(p.partition)?.kept });
  return [...all.values()].sort((a, b) => a.lane - b.lane);
}

export const laneCounts = ['packets', 'scored', 'cold', 'alerted', 'alerts', 'held', 'duplicates', 'missing', 'unreadable', 'lag', 'offset'] as const;
export type LaneCount = (typeof laneCounts)[number];

/** A count of a lane: the newest that is known. A report leaves out counts of 0, and the ledger has no offset. */
export function laneCount({ live, kept }: Lane, of: LaneCount): number {
  if (live) return live[of] ?? 0;
  return of === 'offset' ? NaN : (kept?.[of] ?? NaN);
}

export interface ProcessRow extends LedgerProcess {
  /** Components that are not simply well. */
  troubles: string[];
}

const rank = (p: LedgerProcess): number => ['runs', 'vanished', 'ended'].indexOf(p.state);

/** Processes that run first, then those that went without a word; the newest first in each. */
export function processRows(processes: readonly LedgerProcess[] | null | undefined, instances: readonly InstanceState[] | null | undefined): ProcessRow[] {
  const health = new Map((instances ?? []).map((i) => [i.instance, i.health ?? {}]));
  const troubles = (p: LedgerProcess) => Object.entries((p.state === 'runs' && health.get(p.instance)) || {}).flatMap(([component, says]) => (says === 'ok' || says === '' ? [] : `${component}: ${says}`));
  return (processes ?? [])
    .map((p) => ({ ...p, troubles: troubles(p) }))
    .sort((a, b) => rank(a) - rank(b) || (a.started < b.started ? 1 : -1));
}
