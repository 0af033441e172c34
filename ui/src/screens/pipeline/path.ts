import type { Delay, Throughput, Topic } from '../../lib/data/throughput';
import type { Condition, StageCounts, Stats } from '../../lib/data/types';
import type { ConditionCode, DropCode } from '../../lib/data/vocabulary';
import { stageHelp, stageName } from '../../lib/format/codes';
import { duration } from '../../lib/format/number';

/** What a drop means: lost, kept as a dead letter, or not needed (its work is done elsewhere). */
export type DropKind = 'lost' | 'unreadable' | 'harmless';

export interface Drop {
  reason: string;
  kind: DropKind;
  n: number;
  perSecond: number;
}

export interface StageNode {
  stage: string;
  name: string;
  help: string;
  /** Undefined if no process has the stage. */
  counts: StageCounts | undefined;
  /** Input per second; NaN while unknown. */
  rate: number;
  out: number;
  drops: Drop[];
  /** The first stage that passes nothing on. */
  stalled: boolean;
}

/** A topic between two stages. */
export interface TopicNode {
  topic: Topic;
  lag: number;
  delay: Delay | undefined;
}

export interface Track {
  name: string;
  nodes: (StageNode | TopicNode)[];
}

export const isTopic = (node: StageNode | TopicNode): node is TopicNode => 'topic' in node;

/** Stages and topics (with `=`) of each track, shown whether or not a process has them. */
export const layout: [name: string, nodes: string[]][] = [
  ['Packets', ['capture', 'decode', 'conntrack', 'publish', '=packets', 'consume', 'score', 'alert']],
  ['Alerts', ['send_alerts', '=alerts', 'record_alerts']],
  ['Connections', ['send_connections', '=connections', 'record_connections']],
  ['Browsers', ['live']],
];
const known = new Set(layout.flatMap(([, nodes]) => nodes));

/** Drop reasons that lose nothing: the packet or record has already served its purpose. */
export const harmless: ReadonlySet<string> = new Set<DropCode>(['warm_up', 'duplicate', 'replaced', 'client_gone', 'not_published']);

/** What decode skips is not traffic that NetLyra analyses. Unknown reasons count as lost. */
export function kindOf(stage: string, reason: string): DropKind {
  if (stage === 'decode' || harmless.has(reason)) return 'harmless';
  return reason === 'unreadable' ? 'unreadable' : 'lost';
}

/** The drops of a stage: harmless ones last, then by number. */
function dropsOf(counts: StageCounts | undefined, perSecond: Record<string, number> = {}): Drop[] {
  return Object.entries(counts?.dropped ?? {})
    .filter(([, n]) => n > 0)
    .map(([reason, n]) => ({ reason, n, kind: kindOf(counts!.stage, reason), perSecond: perSecond[reason] ?? 0 }))
    .sort((a, b) => Number(a.kind === 'harmless') - Number(b.kind === 'harmless') || b.n - a.n);
}

/** Why nothing reaches the end of the pipeline: `silent` has no input, `stalled` has input that gets stuck. */
export type IdleKind = 'ended' | 'learning' | 'silent' | 'stalled';

const kinds: Partial<Record<ConditionCode, IdleKind>> = {
  input_ended: 'ended',
  warming_up: 'learning',
  no_sensor: 'silent',
  no_traffic: 'silent',
  nothing_captured: 'silent',
};
export const idleKinds: Partial<Record<string, IdleKind>> = kinds;

export function idleKind(idle: Condition | undefined): IdleKind | undefined {
  return idle && (idleKinds[idle.code] ?? 'stalled');
}

/** The condition about the first stage that passes nothing on, if there is one. */
export const idleOf = (stats: Stats | undefined): Condition | undefined => stats?.conditions?.[0];

/** The current state of every track. Stages that are not in the layout form a last track. */
export function tracksOf(stats: Stats | undefined, throughput: Pick<Throughput, 'rate' | 'delay'>): Track[] {
  const counts = new Map((stats?.stages ?? []).map((c) => [c.stage, c]));
  const idle = idleOf(stats);
  const kind = idleKind(idle);
  const stalled = kind === 'silent' || kind === 'stalled' ? idle?.stage : undefined;
  const stageNode = (stage: string): StageNode => {
    const rate = throughput.rate(stage);
    const own = counts.get(stage);
    return {
      stage,
      name: stageName(stage),
      help: stageHelp(stage),
      counts: own,
      rate: rate?.in ?? NaN,
      out: rate?.out ?? NaN,
      drops: dropsOf(own, rate?.dropped),
      stalled: stage === stalled,
    };
  };
  const topicNode = (topic: Topic): TopicNode => ({ topic, lag: stats?.lag[topic] ?? NaN, delay: throughput.delay(topic) });
  const tracks = layout.map(([name, nodes]) => ({ name, nodes: nodes.map((n) => (n.startsWith('=') ? topicNode(n.slice(1) as Topic) : stageNode(n))) }));
  const others = [...counts.keys()].filter((stage) => !known.has(stage));
  return others.length > 0 ? [...tracks, { name: 'Others', nodes: others.map(stageNode) }] : tracks;
}

/** Width of the line in px for a rate: 1.5 px more for every factor of ten. */
export function lineWidth(perSecond: number): number {
  return perSecond > 0 ? Math.min(12, 3 + 1.5 * Math.max(0, Math.log10(perSecond))) : 1;
}

/** Resolution of delays in seconds: processes report ten times a second. */
const resolution = 0.1;

/** The delay in a topic in words. It is an estimate from lag and rate. */
export function delayText(delay: Delay | undefined): string {
  if (!delay) return '';
  return delay.now === Infinity ? 'not consumed' : `p50 ${timeText(delay.p50)}, p99 ${timeText(delay.p99)}`;
}

const timeText = (seconds: number): string => (seconds === Infinity ? '∞' : seconds < resolution ? `<${duration(resolution)}` : duration(seconds));
