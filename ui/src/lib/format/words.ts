import type { Alert, Severity, TriageState } from '../data/types';
import { duration, score, siText, whole } from './number';

export const severities: readonly Severity[] = ['critical', 'high', 'medium', 'low'];
export const triageStates: readonly TriageState[] = ['new', 'ack', 'muted', 'false_positive'];

const stateWords: Record<TriageState, string> = {
  new: 'New',
  ack: 'Acknowledged',
  muted: 'Muted',
  false_positive: 'False positive',
};

export function triageWord(state: TriageState | undefined): string {
  return stateWords[state ?? 'new'] ?? String(state);
}

/** "port_scan" is "Port scan". */
export function kindWord(kind: string): string {
  const words = (kind || 'unusual').replaceAll('_', ' ');
  return words[0]!.toUpperCase() + words.slice(1);
}

/** An address with its port; IPv6 in brackets, as in a URL. Port 0 is no port. */
export function endpoint(ip: string, port: number): string {
  if (port === 0) return ip;
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

/** The sentence of an alert; records without one get the least that is true. */
export function sentence(alert: Alert): string {
  return alert.summary || `${alert.src_ip} to ${endpoint(alert.dst_ip, alert.dst_port)}: ${kindWord(alert.kind).toLowerCase()}, score ${score(alert.score)}`;
}

/** A feature's name in words: "dst_ports_10s" is "dst ports 10s". */
export function featureWord(name: string): string {
  return name.replaceAll('_', ' ');
}

/** A feature's value in a unit guessed from its name, for the contract names no units. */
export function featureValue(name: string, value: number): string {
  if (/byte_rate|bytes_per/.test(name)) return siText(value, 'B/s');
  if (/rate/.test(name)) return siText(value, '/s');
  if (/byte|payload|size|len/.test(name)) return siText(value, 'B');
  if (/entropy/.test(name)) return `${value.toFixed(2)}\u202fbit`;
  if (/gap|interval|duration|age|seconds|time/.test(name)) return duration(value);
  if (/ratio|share|fraction/.test(name)) return value.toFixed(2);
  return Number.isInteger(value) ? whole(value) : siText(value);
}

const connStates: Record<string, string> = {
  S0: 'Asked, no answer',
  S1: 'Established, still open',
  SF: 'Ended normally',
  REJ: 'Refused',
  S2: 'Originator closed, responder silent',
  S3: 'Responder closed, originator silent',
  RSTO: 'Originator broke it off',
  RSTR: 'Responder broke it off',
  RSTOS0: 'Originator asked, then broke it off',
  RSTRH: 'Responder answered, then broke it off; request unseen',
  SH: 'Originator asked and closed; no answer',
  SHR: 'Responder answered and closed; request unseen',
  OTH: 'Begun before the capture',
};

/** Without TCP's flags nothing ends; the same letters say who was heard. */
const otherStates: Record<string, string> = { S0: 'One way so far', SF: 'Both ways', SHR: 'Responder only' };

/** Zeek's conn_state in words; "" where it is not known yet. */
export function connStateWord(state: string, proto = 'TCP'): string {
  return (proto === 'TCP' ? undefined : otherStates[state]) ?? connStates[state] ?? state;
}
