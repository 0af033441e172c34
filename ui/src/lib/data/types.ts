// The JSON of the public contract, as the REST interface and the socket send it.

export type Severity = 'low' | 'medium' | 'high' | 'critical';
export type TriageState = 'new' | 'ack' | 'muted' | 'false_positive';

export interface Reason {
  feature: string;
  value: number;
  typical: [number, number];
  share: number;
}

export interface Alert {
  id: string;
  ts: string;
  last_ts: string;
  src_ip: string;
  dst_ip: string;
  src_port: number;
  dst_port: number;
  proto: string;
  score: number;
  threshold: number;
  severity: Severity;
  count: number;
  kind: string;
  technique?: string;
  scale: string;
  summary: string;
  conn?: string;
  features: Record<string, number>;
  reasons: Reason[] | null;
  /** What would have kept the alert from being, all else as it was. */
  counterfactual?: { changes: { feature: string; value: number; limit: number }[]; score: number } | null;
  model?: { version: string; partition: number; offset: number };
  /** Set by people; the socket does not carry it, so absence means "as known before". */
  state?: TriageState;
  note?: string;
}

/** One step of an alert's triage history. */
export interface Triage {
  at: string;
  from: TriageState;
  state: TriageState;
  note: string;
  author: string;
}

/** What GET /alerts/:id adds to an alert. */
export interface AlertDetail extends Alert {
  /** Oldest first. */
  triage?: Triage[] | null;
  connection?: Connection | null;
}

export interface Connection {
  id: string;
  ts: string;
  last_ts: string;
  src_ip: string;
  src_port: number;
  dst_ip: string;
  dst_port: number;
  proto: string;
  state: string;
  phase: string;
  history: string;
  service?: string;
  orig_packets: number;
  orig_bytes: number;
  resp_packets: number;
  resp_bytes: number;
  missed_bytes?: number;
  duration: number;
  tunnel?: string;
  server_name?: string;
  community_id?: string;
  ja4?: string;
  vlan?: number;
}

export interface Talker {
  ip: string;
  packets: number;
  bytes: number;
}

export interface StageCounts {
  stage: string;
  in: number;
  out: number;
  bytes?: number;
  dropped?: Record<string, number>;
}

/** One partition, as the engine that works on it tells. Counts of 0 are absent, but for the first ones. */
export interface PartitionStatus {
  partition: number;
  offset: number;
  lag: number;
  event_ts: string;
  scored: number;
  learned: number;
  alerts: number;
  warm: boolean;
  warm_after: number;
  packets?: number;
  cold?: number;
  passed?: number;
  alerted?: number;
  withheld?: number;
  held?: number;
  duplicates?: number;
  missing?: number;
  unreadable?: number;
}

export interface InstanceState {
  instance: string;
  role: string;
  ts: string;
  health?: Record<string, string>;
}

export interface Stats {
  ts: string;
  packets: number;
  bytes: number;
  alerts: number;
  connections: number;
  packets_per_second: number;
  bits_per_second: number;
  scored: number;
  scored_per_second: number;
  warm: boolean;
  warm_after: number;
  lag: { packets: number; alerts: number; connections: number };
  stages: StageCounts[] | null;
  partitions: PartitionStatus[] | null;
  instances: InstanceState[] | null;
  traffic: {
    talkers: Talker[] | null;
    protocols: Record<string, number> | null;
    connections: number;
  };
  threshold: number;
  idle?: string;
}

export interface ScoreBatch {
  partition: number;
  count: number;
  max: number;
  threshold: number;
  samples: { ts: string; score: number }[] | null;
}

export interface Page<T> {
  items: T[] | null;
  total: number;
  page: number;
  limit: number;
  next_cursor?: string;
}

export interface Config {
  /** Of the WebSocket on the host that the page came from; path /ws. */
  ws_port: number;
  /** Of the WebSocket relative to the page's base, "" or absent where it is not there. */
  ws_path?: string;
  /** Of the WebSocket where it is at neither place. */
  ws_url?: string;
  version: string;
  threshold: number;
}

export type Message =
  | { event: 'stats'; ts: string; data: Stats }
  | { event: 'alert'; ts: string; data: Alert }
  | { event: 'connection'; ts: string; data: Connection }
  | { event: 'scores'; ts: string; data: ScoreBatch }
  | { event: 'lost'; ts: string; data: unknown };

/** A state machine of GET /machines, in the shape that the diagram draws. */
export interface Machine {
  name: string;
  states: string[];
  initial: string;
  terminal: string[];
  transitions: { from: string; event: string; to: string }[];
}
