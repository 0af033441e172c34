// JSON types of the REST API and the WebSocket.

export type Severity = 'low' | 'medium' | 'high' | 'critical';
export type TriageState = 'new' | 'ack' | 'muted' | 'false_positive';

export interface Reason {
  feature: string;
  value: number;
  typical: [number, number];
  share: number;
  /** A sentence without full stop; absent in alerts of older versions. */
  text?: string;
}

/** The statistic that raised an alert, and how it grew. */
export interface Evidence {
  feature: string;
  value: number;
  /** From this value there is an alert. */
  limit: number;
  level: number;
  /** At most 24 values in the order of time; the last one is the highest. */
  series: { ts: string; value: number }[] | null;
}

/** Earlier episodes of the pattern of an alert. */
export interface Recurrence {
  /** Episodes, with the current one. */
  count: number;
  first: string;
  every_seconds: number;
  regular: boolean;
  /** It has become ordinary. */
  baseline: boolean;
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
  /** The largest value of the behavior that would not have started the alert. */
  counterfactual?: { changes: { feature: string; value: number; limit: number }[]; score: number; text?: string } | null;
  /** Absent in alerts of older versions. */
  evidence?: Evidence | null;
  /** Absent for the first episode of a pattern. */
  recurrence?: Recurrence | null;
  model?: { version: string; lane?: number; partition: number; offset: number };
  /** Triage by users. The socket does not send it; absence means unchanged. */
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

/** GET /alerts/:id. */
export interface AlertDetail extends Alert {
  /** What to do about an alert of this kind; "" for a kind that the server does not know. */
  next_steps?: string;
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

/** A lane as reported by its engine. Optional counts are absent if 0. */
export interface LaneStatus {
  /** The lane. `partition` has the same value and is sent by every version. */
  lane?: number;
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

/** One statement about the state of a process. Programs compare the codes; `text` is for people. */
export interface Condition {
  stage: string;
  code: string;
  severity: ConditionSeverity;
  params?: Record<string, string | number | boolean>;
  text: string;
}

export type ConditionSeverity = 'info' | 'degraded' | 'failed';

export interface InstanceState {
  instance: string;
  role: string;
  ts: string;
  conditions?: Condition[] | null;
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
  partitions: LaneStatus[] | null;
  instances: InstanceState[] | null;
  traffic: {
    talkers: Talker[] | null;
    protocols: Record<string, number> | null;
    connections: number;
  };
  threshold: number;
  /** About the pipeline as a whole: which stage passes nothing on. */
  conditions: Condition[] | null;
}

export interface ScoreBatch {
  lane?: number;
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
  /** Port of the WebSocket on the page's host; its path is /ws. */
  ws_port: number;
  /** Path of the WebSocket relative to the page's base; "" or absent if it is not on the page's port. */
  ws_path?: string;
  /** URL of the WebSocket, if it is elsewhere. */
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

/** A state machine of GET /machines. */
export interface Machine {
  name: string;
  states: string[];
  initial: string;
  terminal: string[];
  transitions: { from: string; event: string; to: string }[];
}

/** A feature of the model, of GET /features. */
export interface Feature {
  name: string;
  display_name: string;
  unit: string;
  help?: string;
  /** The possible values where the unit is "class". */
  classes?: { value: number; name: string }[] | null;
}

/** The lane of a record; older servers send only `partition`. */
export const laneOf = (record: { lane?: number; partition: number }): number => record.lane ?? record.partition;
