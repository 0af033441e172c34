// Formats numbers with SI prefixes, three significant digits, and a narrow no-break space
// before the unit.

const prefixes = ['', 'k', 'M', 'G', 'T', 'P', 'E'];
const small = ['', 'm', 'µ', 'n'];
const thin = '\u202f';
const missing = '–';

/** A formatted number; digits and unit are separate so that they can be styled differently. */
export interface Quantity {
  digits: string;
  unit: string;
}

/** 1234 with "bit/s" is 1.23 and "kbit/s". Integers below 1000 have no decimals. */
export function si(value: number, unit = ''): Quantity {
  if (!Number.isFinite(value)) return { digits: missing, unit };
  let step = 0;
  let scaled = Math.abs(value);
  // 999.5 would be rounded to 1000, which needs the next prefix.
  while (scaled >= 999.5 && step < prefixes.length - 1) {
    scaled /= 1000;
    step++;
  }
  const digits = step === 0 && Number.isInteger(value) ? String(Math.abs(value)) : significant(scaled);
  return { digits: (value < 0 ? '−' : '') + digits, unit: prefixes[step]! + unit };
}

function significant(scaled: number): string {
  if (scaled === 0) return '0';
  if (scaled >= 99.95) return scaled.toFixed(0);
  if (scaled >= 9.995) return scaled.toFixed(1);
  if (scaled >= 0.1) return scaled.toFixed(2);
  return scaled.toPrecision(2);
}

/** si as one string: "1.23 kbit/s". */
export function siText(value: number, unit = ''): string {
  const quantity = si(value, unit);
  return quantity.unit === '' ? quantity.digits : quantity.digits + thin + quantity.unit;
}

/** A duration in seconds: "340 ms", "2.10 s", "3 min 05 s", "2 h 14 min". */
export function duration(s: number): string {
  if (!Number.isFinite(s)) return missing;
  if (s === 0) return `0${thin}s`;
  if (s < 0) return `−${duration(-s)}`;
  if (s < 1) return smallDuration(s);
  if (s < 59.95) return `${significant(s)}${thin}s`;
  const whole = Math.round(s);
  if (whole < 3600) return `${Math.floor(whole / 60)}${thin}min ${pad(whole % 60)}${thin}s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60 * 24) return `${Math.floor(minutes / 60)}${thin}h ${pad(minutes % 60)}${thin}min`;
  return `${Math.floor(minutes / 1440)}${thin}d ${pad(Math.floor(minutes / 60) % 24)}${thin}h`;
}

function smallDuration(s: number): string {
  let step = 0;
  let scaled = s;
  while (scaled < 0.9995 && step < small.length - 1) {
    scaled *= 1000;
    step++;
  }
  return `${significant(scaled)}${thin}${small[step]}s`;
}

function pad(n: number): string {
  return String(n).padStart(2, '0');
}

/** An integer with all digits, in groups of three: "12 345". */
export function whole(value: number): string {
  if (!Number.isFinite(value)) return missing;
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, thin);
}

/** A fraction of 0…1 as a percentage; "<1 %" where it is above 0 but rounds to 0. */
export function percent(share: number): string {
  if (!Number.isFinite(share)) return missing;
  if (share > 0 && share < 0.005) return `<1${thin}%`;
  return `${Math.round(share * 100)}${thin}%`;
}

/** A score of 0…1, truncated instead of rounded, so that a score below a threshold is never shown as equal to it. */
export function score(value: number): string {
  if (!Number.isFinite(value)) return missing;
  return (Math.floor(value * 1000 + 1e-6) / 1000).toFixed(3);
}
