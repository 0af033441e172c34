import type { Health, Ledger } from '../../lib/data/ledger';
import type { LinkPhase } from '../../lib/data/socket';
import type { Condition, Stats } from '../../lib/data/types';
import { capitalised, checkName, conditionHelp, conditionName, stageName } from '../../lib/format/codes';
import { siText, whole } from '../../lib/format/number';
import { outcomes } from './outcomes';
import { idleKind, idleOf } from './path';

export interface Inputs {
  stats: Stats | undefined;
  health: Health | undefined;
  ledger: Ledger | undefined;
  link: LinkPhase;
  /** Error of the REST API; "" if it responds. */
  error: string;
}

export interface Status {
  tone: 'good' | 'quiet' | 'warn' | 'bad' | 'unknown';
  /** The status in one sentence. */
  summary: string;
  /** What to do; "" if nothing. Commands are in backticks. */
  action: string;
  /** Further problems, the most severe first. */
  problems: Condition[];
}

const doctor = 'Run `netlyra doctor` to find the cause.';

/** Conditions that need attention, the most severe first, those of other processes last. */
export function problemsOf(health: Health | undefined): Condition[] {
  return (health?.conditions ?? []).filter((c) => c.severity !== 'info').sort((a, b) => rank(a) - rank(b));
}

const rank = (c: Condition): number => (c.severity === 'failed' ? 0 : c.stage === 'processes' ? 2 : 1);

/** What to do about a condition. */
export const actionFor = (c: Condition): string => conditionHelp(c.code) || doctor;

export const conditionText = (c: Condition): string => `${conditionName(c.code)} (${c.stage}): ${c.text}`;

/** Whether the pipeline works and every packet is accounted for. The most severe finding wins. */
export function statusOf(inputs: Inputs): Status {
  const problems = problemsOf(inputs.health);
  // Live figures from before a lost connection are outdated.
  const current = inputs.link === 'open' ? inputs : { ...inputs, stats: undefined };
  const { about, ...answer } = unavailable(current) ?? failed(current, problems) ?? notLive(current) ?? degraded(problems) ?? idle(current) ?? working(current);
  return { ...answer, problems: problems.filter((p) => p !== about && p.code !== about) };
}

interface Answer extends Omit<Status, 'problems'> {
  /** The condition, or its code, that the summary already states. */
  about?: Condition | string;
}

function unavailable({ ledger, link, error }: Inputs): Answer | undefined {
  if (error && link !== 'open') return { tone: 'unknown', summary: 'NetLyra is unreachable; its status is unknown.', action: `Check that it is running. ${doctor}` };
  if (error) return { tone: 'unknown', summary: `The ledger cannot be read: ${error}`, action: doctor };
  return ledger ? undefined : { tone: 'unknown', summary: 'Loading the ledger…', action: '' };
}

/** The ledger is available, live figures are not. */
function notLive({ stats, ledger, link }: Inputs): Answer | undefined {
  if (link === 'lost') return { tone: 'unknown', summary: `${balance(ledger)}; live figures have stopped.`, action: 'Rates and lag are outdated. The page reconnects automatically.' };
  return stats ? undefined : { tone: 'unknown', summary: 'Waiting for the first statistics…', action: '' };
}

function failed({ stats, health, ledger }: Inputs, [first]: Condition[]): Answer | undefined {
  if (health && !health.ready) return { tone: 'bad', summary: `The pipeline is not working${first ? `: ${conditionText(first)}` : '.'}`, action: first ? actionFor(first) : doctor, about: first };
  if (ledger && !ledger.adds_up) return { tone: 'bad', summary: `The ledger does not balance: ${imbalance(ledger)}`, action: 'The equation below shows the difference; so does `netlyra ledger`.', about: 'ledger_imbalance' };
  const stalled = idleOf(stats);
  if (!stalled || idleKind(stalled) !== 'stalled') return undefined;
  return { tone: 'bad', summary: `Packets stop at “${stageName(stalled.stage)}”.`, action: `${capitalised(stalled.text)}. ${doctor}` };
}

function degraded([first]: Condition[]): Answer | undefined {
  return first && { tone: 'warn', summary: `Working, but degraded: ${conditionText(first)}`, action: actionFor(first), about: first };
}

/** No problem, and no traffic either. */
function idle({ stats, ledger }: Inputs): Answer | undefined {
  const condition = idleOf(stats);
  if (!condition) return undefined;
  const action = `${capitalised(condition.text)}.`;
  switch (idleKind(condition)) {
    case 'learning':
      return { tone: 'quiet', summary: `${balance(ledger)}; the model is still learning typical traffic.`, action };
    case 'ended':
      return { tone: 'good', summary: `${balance(ledger)}; ${ledger?.at_rest ? 'the pipeline is idle' : 'the input has ended'}.`, action };
    case 'silent':
      // Expected after the end of a file; only the operator can tell.
      if (ledger?.at_rest) return { ...working({ stats, ledger }), tone: 'quiet', action };
      return { tone: 'quiet', summary: `No packets at “${stageName(condition.stage)}”; ${inSentence(balance(ledger))}.`, action: `${action} ${doctor}` };
  }
  return undefined;
}

function working({ stats, ledger }: Pick<Inputs, 'stats' | 'ledger'>): Answer {
  if (ledger?.at_rest) return { tone: 'good', summary: `${balance(ledger)}; the pipeline is idle.`, action: '' };
  const inFlight = (ledger?.checks ?? []).find((c) => c.name === 'log')?.in_flight ?? 0;
  const untrained = stats && !stats.warm && stats.warm_after > 0 ? ` The model needs ${whole(stats.warm_after)} more packets before it scores.` : '';
  const rate = siText(stats?.packets_per_second ?? NaN);
  return { tone: 'good', summary: `Working: ${rate} packets/s, ${inFlight > 0 ? `${whole(inFlight)} in flight, ` : ''}${inSentence(balance(ledger))}.${untrained}`, action: '' };
}

/** Which equation or lane does not balance, and why. */
function imbalance(ledger: Ledger): string {
  const check = (ledger.checks ?? []).find((c) => !c.holds);
  if (check) return `${checkName(check.name)}: ${check.why || `${whole(check.difference)} unexplained`}`;
  const lane = (ledger.lanes ?? []).find((l) => !l.holds);
  return lane ? `lane ${lane.lane}: packets accepted differ from packets scored and learned` : 'an equation has a difference';
}

/** Whether every packet is accounted for. A packet counted as lost is. */
function balance(ledger: Ledger | undefined): string {
  if (!ledger) return 'The ledger is not loaded yet';
  if (!ledger.adds_up) return 'The ledger does not balance';
  const lost = outcomes(ledger).reduce((n, o) => n + (o.tone === 'critical' ? o.n : 0), 0);
  return `Every packet is accounted for${lost > 0 ? `, ${whole(lost)} as lost` : ''}`;
}

const inSentence = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
