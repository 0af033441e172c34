import type { Recurrence } from '../data/types';
import { whole } from './number';
import { localTime } from './time';

/** How often the pattern of an alert came back: "4th time since 10:12:00, about every 20 minutes; it has become ordinary". "" for the first time. */
export function recurrenceText(recurrence: Recurrence | null | undefined, now = new Date()): string {
  if (!recurrence || recurrence.count < 2) return '';
  const { count, first, every_seconds: every, regular, baseline } = recurrence;
  const often = every > 0 ? `, ${regular ? 'about' : 'on average'} every ${roughly(every)}` : '';
  return `${ordinal(count)} time since ${localTime(first, now)}${often}${baseline ? '; it has become ordinary' : ''}`;
}

function ordinal(n: number): string {
  const tens = n % 100;
  const suffix = tens > 10 && tens < 14 ? undefined : ['st', 'nd', 'rd'][(n % 10) - 1];
  return whole(n) + (suffix ?? 'th');
}

const units: readonly [number, string][] = [
  [86_400, 'days'],
  [3600, 'hours'],
  [60, 'minutes'],
];

/** A duration in seconds in the largest unit of which it has at least two: "20 minutes". */
export function roughly(seconds: number): string {
  const [length, name] = units.find(([length]) => seconds >= 1.95 * length) ?? [1, 'seconds'];
  const amount = seconds / length;
  return `${amount < 9.95 ? Number(amount.toFixed(1)) : Math.round(amount)} ${name}`;
}
