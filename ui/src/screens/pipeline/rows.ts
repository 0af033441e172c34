import type { LedgerCheck, LedgerLane, LedgerProcess, LedgerTerm } from '../../lib/data/ledger';
import { laneOf, type InstanceState, type LaneStatus } from '../../lib/data/types';
import { dropHelp, dropName, remainderName, stageName, termName } from '../../lib/format/codes';
import { siText, whole } from '../../lib/format/number';
import type { DropKind, StageNode } from './path';
import { conditionText } from './status';

/** A line of a table of figures; deeper levels are parts of the line above. */
export interface Figure {
  name: string;
  value: string;
  level?: number;
  note?: string;
  tone?: DropKind;
}

/** Equations with a difference first, otherwise in the order of the data. */
export function unbalancedFirst(checks: readonly LedgerCheck[] | null | undefined): LedgerCheck[] {
  return (checks ?? []).toSorted((a, b) => Number(a.holds) - Number(b.holds));
}

const sumOf = (terms: LedgerTerm[] | null): number => (terms ?? []).reduce((n, t) => n + t.n, 0);

function sideOf(name: string, terms: LedgerTerm[] | null, check: LedgerCheck): Figure[] {
  // The stage is obvious in an equation of one stage.
  const nameOf = ({ name, stage }: LedgerTerm) => (stage && stage !== check.name ? `${termName(name)} (${stageName(stage)})` : termName(name));
  const parts = (terms ?? []).flatMap((t) => [
    { name: nameOf(t), n: t.n, level: 1 },
    ...Object.entries(t.by ?? {}).map(([reason, n]) => ({ name: dropName(reason), n, level: 2 })),
  ]);
  return [{ name, value: whole(sumOf(terms)) }, ...parts.map(({ n, ...part }) => ({ ...part, value: whole(n) }))];
}

/** The terms of an equation: In is the sum of all that follows. */
export function termsOf(check: LedgerCheck): Figure[] {
  return [
    ...sideOf('In', check.in, check),
    ...sideOf('Out', check.out, check),
    { name: 'In flight', value: whole(check.in_flight), note: check.remainder && remainderName(check.remainder) },
    { name: 'Difference', value: whole(check.difference), note: 'not explained by any count', tone: check.holds ? undefined : 'lost' },
  ];
}

/** The result of an equation in a few words. */
export function resultOf(check: LedgerCheck): string {
  if (check.difference !== 0) return `difference ${whole(check.difference)}`;
  return check.in_flight > 0 ? `${whole(check.in_flight)} in flight` : '';
}

/** The counts of a stage, with drops by reason. */
export function countsOf({ counts, rate, out, drops }: StageNode): Figure[] {
  if (!counts) return [];
  const dropped = drops.reduce((n, d) => n + d.n, 0);
  const rows: Figure[] = [
    { name: 'In', value: whole(counts.in), note: siText(rate, '/s') },
    { name: 'Out', value: whole(counts.out), note: siText(out, '/s') },
    { name: 'In progress', value: whole(Math.max(0, counts.in - counts.out - dropped)) },
    { name: 'Dropped', value: whole(dropped) },
  ];
  for (const d of drops) rows.push({ name: dropName(d.reason), value: whole(d.n), level: 1, tone: d.kind, note: `${dropHelp(d.reason)}${d.perSecond > 0 ? ` ${siText(d.perSecond, '/s')} now` : ''}` });
  if (counts.bytes) rows.push({ name: 'Bytes', value: siText(counts.bytes, 'B') });
  return rows;
}

/** A lane as its engine reports it, and as the ledger has it. */
export interface Lane {
  lane: number;
  live: LaneStatus | undefined;
  recorded: LedgerLane | undefined;
}

export function lanesOf(live: readonly LaneStatus[] | null | undefined, recorded: readonly LedgerLane[] | null | undefined): Lane[] {
  const all = new Map<number, Lane>();
  for (const l of recorded ?? []) all.set(l.lane, { lane: l.lane, live: undefined, recorded: l });
  for (const l of live ?? []) all.set(laneOf(l), { lane: laneOf(l), live: l, recorded: all.get(laneOf(l))?.recorded });
  return [...all.values()].sort((a, b) => a.lane - b.lane);
}

export const laneCounts = ['packets', 'scored', 'cold', 'alerted', 'alerts', 'held', 'duplicates', 'missing', 'unreadable', 'lag', 'offset'] as const;
export type LaneCount = (typeof laneCounts)[number];

/** The latest value of a lane's count. Engines omit counts of 0; the ledger has no offset. */
export function laneCount({ live, recorded }: Lane, of: LaneCount): number {
  if (live) return live[of] ?? 0;
  return of === 'offset' ? NaN : (recorded?.[of] ?? NaN);
}

export interface ProcessRow extends LedgerProcess {
  problems: string[];
}

const order: LedgerProcess['state'][] = ['runs', 'vanished', 'ended'];

/** Running processes first, then those without a final report, then those that ended; the newest first in each group. */
export function processRows(processes: readonly LedgerProcess[] | null | undefined, instances: readonly InstanceState[] | null | undefined): ProcessRow[] {
  const conditions = new Map((instances ?? []).map((i) => [i.instance, i.conditions ?? []]));
  const problems = (p: LedgerProcess) => (p.state === 'runs' ? (conditions.get(p.instance) ?? []) : []).filter((c) => c.severity !== 'info').map(conditionText);
  return (processes ?? [])
    .map((p) => ({ ...p, problems: problems(p) }))
    .sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || (a.started < b.started ? 1 : -1));
}
