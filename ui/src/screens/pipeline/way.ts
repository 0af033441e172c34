import type { Flow, Topic, Wait } from '../../lib/data/flow';
import type { StageCounts, Stats } from '../../lib/data/types';
import { duration } from '../../lib/format/number';

/** What became of what a stage did not pass on. */
export type Kind = 'lost' | 'unreadable' | 'aside';

export interface Drop {
  reason: string;
  kind: Kind;
  n: number;
  perSecond: number;
}

export interface Station {
  stage: string;
  label: string;
  says: string;
  /** Undefined where no process has the stage. */
  counts: StageCounts | undefined;
  /** What it takes in a second, NaN while it is not known. */
  rate: number;
  out: number;
  drops: Drop[];
  /** Where an empty pipeline stops. */
  stuck: boolean;
}

/** The part of the log between two stations. */
export interface Log {
  topic: Topic;
  lag: number;
  wait: Wait | undefined;
}

export interface Track {
  name: string;
  stops: (Station | Log)[];
}

export const isLog = (stop: Station | Log): stop is Log => 'topic' in stop;

/** Each stage in a word, and what it does. */
const words: Record<string, [label: string, says: string]> = {
  capture: ['Capture', 'takes frames from an interface, a file or the demo'],
  decode: ['Decode', 'reads frames as packets'],
  conntrack: ['Conntrack', 'finds the connection of each packet'],
  publish: ['Publish', 'writes packets to the log'],
  consume: ['Consume', 'the engine reads packets from the log'],
  score: ['Score', 'the model says how unusual each packet is'],
  alert: ['Alert', 'alerts that began or grew'],
  'send alerts': ['Send', 'writes alerts to the log'],
  'record alerts': ['Record', 'stores alerts in the database'],
  'send connections': ['Send', 'writes changes of connections to the log'],
  'record connections': ['Record', 'stores connections in the database'],
  live: ['Push', 'sends messages to browsers over WebSocket'],
};

/** The plan of the ways, drawn whether a process has the stage or not. */
const plan: [name: string, stops: string[]][] = [
  ['Packets', ['capture', 'decode', 'conntrack', 'publish', '=packets', 'consume', 'score', 'alert']],
  ['Alerts', ['send alerts', '=alerts', 'record alerts']],
  ['Connections', ['send connections', '=connections', 'record connections']],
  ['Browsers', ['live']],
];

/** Reasons that are no loss: what the packet or record was for is done. */
const aside = new Set(['warm-up', 'duplicate', 'replaced', 'client gone', 'not published']);

/** What decode skips is not for NetLyra; what nobody foresaw counts as lost. */
export function kindOf(stage: string, reason: string): Kind {
  if (stage === 'decode' || aside.has(reason)) return 'aside';
  return reason === 'unreadable' ? 'unreadable' : 'lost';
}

const reasons: Record<string, string> = {
  'warm-up': 'learned from, not scored',
  duplicate: 'delivered before',
  replaced: 'a newer record of the same id was stored',
  unreadable: 'put aside: netlyra tail dead-letters',
  'slow client': 'a browser was too slow; alerts are never among them',
};

export const reasonWords = (reason: string): string => reasons[reason] ?? '';
export const stageWord = (stage: string): string => words[stage]?.[0] ?? stage;

/** What a stage did not pass on: losses before what is only put aside, the greater before the lesser. */
function dropsOf(counts: StageCounts | undefined, perSecond: Record<string, number> = {}): Drop[] {
  return Object.entries(counts?.dropped ?? {})
    .filter(([, n]) => n > 0)
    .map(([reason, n]) => ({ reason, n, kind: kindOf(counts!.stage, reason), perSecond: perSecond[reason] ?? 0 }))
    .sort((a, b) => Number(a.kind === 'aside') - Number(b.kind === 'aside') || b.n - a.n);
}

export interface Idle {
  stage: string;
  /** What is to be said, and to be done. */
  text: string;
  /** ended, learning: as it should be; silent: nothing comes; stuck: what comes does not get through. */
  kind: 'ended' | 'learning' | 'silent' | 'stuck';
}

/** What the stats say of an empty pipeline: "publish: the broker takes no packets…". */
export function idleOf(idle: string | undefined): Idle | undefined {
  if (!idle) return undefined;
  const [, stage = '', text = idle] = /^([a-z]+): (.*)$/s.exec(idle) ?? [];
  return { stage, text, kind: kindOfIdle(stage, text) };
}

function kindOfIdle(stage: string, text: string): Idle['kind'] {
  if (text.startsWith('the input has ended')) return 'ended';
  if (stage === 'score' && text.includes('learning')) return 'learning';
  return stage === 'capture' || stage === '' ? 'silent' : 'stuck';
}

/** The ways of packets, alerts and connections as they are now. Stages that the plan does not know come last. */
export function ways(stats: Stats | undefined, flow: Pick<Flow, 'rate' | 'wait'>): Track[] {
  const counts = new Map((stats?.stages ?? []).map((c) => [c.stage, c]));
  const idle = idleOf(stats?.idle);
  const stuck = idle?.kind === 'silent' || idle?.kind === 'stuck' ? idle.stage : undefined;
  const station = (stage: string): Station => {
    const rate = flow.rate(stage);
    const [label, says] = words[stage] ?? [stage, ''];
    const own = counts.get(stage);
    return { stage, label, says, counts: own, rate: rate?.in ?? NaN, out: rate?.out ?? NaN, drops: dropsOf(own, rate?.dropped), stuck: stage === stuck };
  };
  const log = (topic: Topic): Log => ({ topic, lag: stats?.lag[topic] ?? NaN, wait: flow.wait(topic) });
  const tracks = plan.map(([name, stops]) => ({ name, stops: stops.map((s) => (s.startsWith('=') ? log(s.slice(1) as Topic) : station(s))) }));
  const others = [...counts.keys()].filter((stage) => !(stage in words));
  return others.length > 0 ? [...tracks, { name: 'Others', stops: others.map(station) }] : tracks;
}

/** Thickness of the line in px for so many a second: each pixel and a half is ten times as many. */
export function thickness(perSecond: number): number {
  return perSecond > 0 ? Math.min(12, 3 + 1.5 * Math.max(0, Math.log10(perSecond))) : 1;
}

/** Processes report ten times a second: what is shorter cannot be told. */
const finest = 0.1;

/** How long records wait on the log, in words: an estimate, made of lag and rate. */
export function waitText(wait: Wait | undefined): string {
  if (!wait) return '';
  return wait.now === Infinity ? 'stand still' : `p50 ${timeText(wait.p50)}, p99 ${timeText(wait.p99)}`;
}

const timeText = (seconds: number): string => (seconds === Infinity ? '∞' : seconds < finest ? `<${duration(finest)}` : duration(seconds));
