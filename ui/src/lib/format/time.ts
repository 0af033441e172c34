// Formats times in the viewer's time zone; titles add UTC.

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const dayAndClock = new Intl.DateTimeFormat('en-GB', {
  day: '2-digit',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const full = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' });

/** The time of day; with the date if it is not today, with the year if it is not this year. */
export function localTime(ts: string, now = new Date()): string {
  const date = new Date(ts);
  if (Number.isNaN(date.getTime())) return '–';
  if (date.toDateString() === now.toDateString()) return clock.format(date);
  if (date.getFullYear() === now.getFullYear()) return dayAndClock.format(date).replace(',', '');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock.format(date)}`;
}

/** Local time with its zone, then the original timestamp in UTC. */
export function timeTitle(ts: string): string {
  const date = new Date(ts);
  if (Number.isNaN(date.getTime())) return ts;
  return `${full.format(date)}\n${ts.replace('T', ' ').replace('Z', ' UTC')}`;
}

/** Seconds since 1970 as a time of day. */
export function clockOf(seconds: number): string {
  return Number.isFinite(seconds) ? clock.format(new Date(seconds * 1000)) : '–';
}

function two(n: number): string {
  return String(n).padStart(2, '0');
}
