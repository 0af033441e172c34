import type { Alert, Severity, TriageState } from '../data/types';

export const severities: readonly Severity[] = ['critical', 'high', 'medium', 'low'];
export const triageStates: readonly TriageState[] = ['new', 'ack', 'muted', 'false_positive'];

const triageNames: Record<TriageState, string> = {
  new: 'New',
  ack: 'Acknowledged',
  muted: 'Muted',
  false_positive: 'False positive',
};

export function triageName(state: TriageState | undefined): string {
  return triageNames[state ?? 'new'] ?? String(state);
}

/** The display name of an identifier without an entry in the vocabulary: "port_scan" is "Port scan". */
export function codeName(code: string): string {
  const words = code.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** An address with its port, IPv6 in brackets; without port 0. Messages of the link layer may have no address. */
export function endpoint(ip: string, port: number): string {
  if (!ip) return 'no address';
  if (port === 0) return ip;
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

/** The sentence of an alert; old records without one show their endpoints. */
export function summary(alert: Alert): string {
  return alert.summary || `${endpoint(alert.src_ip, 0)} → ${endpoint(alert.dst_ip, alert.dst_port)}`;
}

const connectionStates: Record<string, string> = {
  S0: 'Attempted, no reply',
  S1: 'Established, open',
  SF: 'Closed normally',
  REJ: 'Rejected',
  S2: 'Closed by originator, no reply from responder',
  S3: 'Closed by responder, no reply from originator',
  RSTO: 'Reset by originator',
  RSTR: 'Reset by responder',
  RSTOS0: 'Attempted, then reset by originator',
  RSTRH: 'Reset by responder; no SYN from originator seen',
  SH: 'SYN and FIN from originator, no reply',
  SHR: 'SYN-ACK and FIN from responder; no SYN from originator seen',
  OTH: 'Started before the capture',
};

/** Without TCP flags, the same states say which side has sent packets. */
const otherStates: Record<string, string> = { S0: 'Originator only', SF: 'Both directions', SHR: 'Responder only' };

/** Zeek's conn_state in words; "" while it is unknown. */
export function connectionStateName(state: string, proto = 'TCP'): string {
  return (proto === 'TCP' ? undefined : otherStates[state]) ?? connectionStates[state] ?? state;
}
