import type { LinkPhase } from '../../lib/data/socket';
import type { Health, Ledger } from '../../lib/data/ledger';
import type { Stats } from '../../lib/data/types';
import { siText, whole } from '../../lib/format/number';
import { kindWord } from '../../lib/format/words';
import { places } from './places';
import { idleOf, stageWord } from './way';

export interface Known {
  stats: Stats | undefined;
  health: Health | undefined;
  ledger: Ledger | undefined;
  link: LinkPhase;
  /** Why REST does not answer, "" where it does. */
  error: string;
}

/** What a component says of itself where it is not simply well. */
export interface Trouble {
  name: string;
  says: string;
  todo: string;
}

export interface Verdict {
  tone: 'good' | 'quiet' | 'warn' | 'bad' | 'unknown';
  /** The answer, in a sentence. */
  says: string;
  /** What to do, "" where there is nothing to be done. Commands are in backticks. */
  todo: string;
  troubles: Trouble[];
}

const doctor = '`netlyra doctor` says what is missing.';

/** What to do about a component, where its own words do not say it. */
const advice: Record<string, string> = {
  broker: 'Make room on the disk of DATA_DIR, or lower PACKETS_RETENTION_BYTES. Producers wait.',
  store: 'Make room on the disk of DB_PATH, or end the program that locks the file. Rows wait; none is lost.',
  engine: 'Start one: `netlyra engine`.',
  scoring: 'Give the engine more CPU, or start another where there are several lanes.',
  live: 'Close pages that nobody looks at. What is stored is complete.',
};

/** Components that say more than "ok". A standing-by engine is as it should be. */
export function troublesOf(health: Health | undefined): Trouble[] {
  return Object.entries(health?.components ?? {})
    .filter(([, says]) => says !== 'ok' && says !== '' && !says.startsWith('standby'))
    .map(([name, says]) => ({ name, says, todo: advice[name] ?? doctor }))
    .sort((a, b) => gravity(a.name) - gravity(b.name));
}

/** Those that stop the work come first, and what others say of others last. */
const gravity = (name: string): number => (/^(store|kafka|broker)$/.test(name) ? 0 : name === 'processes' ? 2 : 1);

/** Whether the pipeline works and each packet is accounted for: the worst that is known comes first. */
export function verdict(known: Known): Verdict {
  const troubles = troublesOf(known.health);
  // Figures from before the link was lost say nothing of now.
  const now = known.link === 'open' ? known : { ...known, stats: undefined };
  const { told, ...answer } = unasked(now) ?? broken(now, troubles) ?? unheard(now) ?? degraded(troubles) ?? quiet(now) ?? well(now);
  return { ...answer, troubles: troubles.filter((t) => t.name !== told) };
}

interface Answer extends Omit<Verdict, 'troubles'> {
  /** The component that the sentence is about. */
  told?: string;
}

function unasked({ ledger, link, error }: Known): Answer | undefined {
  if (error && link !== 'open') return { tone: 'unknown', says: 'NetLyra does not answer: nobody knows how it is now.', todo: `See whether it runs. ${doctor}` };
  if (error) return { tone: 'unknown', says: `The ledger cannot be read: ${error}`, todo: doctor };
  return ledger ? undefined : { tone: 'unknown', says: 'Asking NetLyra where every packet is…', todo: '' };
}

/** The ledger is known, and the live figures are not. */
function unheard({ stats, ledger, link }: Known): Answer | undefined {
  if (link === 'lost') return { tone: 'unknown', says: `${sums(ledger)}, but the live figures have stopped.`, todo: 'Rates and lag are from before. This page connects again on its own.' };
  return stats ? undefined : { tone: 'unknown', says: 'Waiting for the first figures…', todo: '' };
}

function broken({ stats, health, ledger }: Known, troubles: Trouble[]): Answer | undefined {
  const first = troubles[0];
  if (health && !health.ready) return { tone: 'bad', says: `The pipeline cannot do its work${first ? `: ${first.name}: ${first.says}` : '.'}`, todo: first?.todo ?? doctor, told: first?.name };
  if (ledger && !ledger.adds_up) return { tone: 'bad', says: `The ledger does not add up: ${wrongOf(ledger)}`, todo: 'The equation below says where; `netlyra ledger` has the same.', told: 'ledger' };
  const idle = idleOf(stats?.idle);
  if (idle?.kind !== 'stuck') return undefined;
  return { tone: 'bad', says: `Packets stop at “${stageWord(idle.stage)}”.`, todo: `${sentence(idle.text)} ${doctor}` };
}

function degraded(troubles: Trouble[]): Answer | undefined {
  const [first] = troubles;
  if (!first) return undefined;
  return { tone: 'warn', says: `It works, degraded: ${first.name}: ${first.says}`, todo: first.todo, told: first.name };
}

/** Nothing is wrong, and nothing flows either. */
function quiet({ stats, ledger }: Known): Answer | undefined {
  const idle = idleOf(stats?.idle);
  switch (idle?.kind) {
    case 'learning':
      return { tone: 'quiet', says: `${sums(ledger)}, and the model still learns what is usual here.`, todo: sentence(idle.text) };
    case 'ended':
      return { tone: 'good', says: `${sums(ledger)}, and ${ledger?.at_rest ? 'everything is at rest' : 'the input has ended'}.`, todo: sentence(idle.text) };
    case 'silent':
      // After a file has ended that is as it should be, and nobody but the operator can tell.
      if (ledger?.at_rest) return { ...well({ stats, ledger }), tone: 'quiet', todo: sentence(idle.text) };
      return { tone: 'quiet', says: `“${stageWord(idle.stage || 'capture')}” sees nothing; ${so(ledger)}.`, todo: `${sentence(idle.text)} ${doctor}` };
  }
  return undefined;
}

function well({ stats, ledger }: Pick<Known, 'stats' | 'ledger'>): Answer {
  const flow = (ledger?.checks ?? []).find((c) => c.name === 'log')?.in_flight ?? 0;
  if (ledger?.at_rest) return { tone: 'good', says: `${sums(ledger)}, and everything is at rest.`, todo: '' };
  const learning = stats && !stats.warm && stats.warm_after > 0 ? ` The model still wants ${whole(stats.warm_after)} packets before it scores.` : '';
  const rate = siText(stats?.packets_per_second ?? NaN, '/s');
  return { tone: 'good', says: `It works: ${rate} come in, ${flow > 0 ? `${whole(flow)} on the way, ` : ''}and ${so(ledger)}.${learning}`, todo: '' };
}

/** Which equation or lane is off, and how. */
function wrongOf(ledger: Ledger): string {
  const check = (ledger.checks ?? []).find((c) => !c.holds);
  if (check) return `${kindWord(check.name)}: ${check.why || `${whole(check.difference)} are unexplained`}`;
  const lane = (ledger.lanes ?? []).find((l) => !l.holds);
  return lane ? `lane ${lane.lane}: taken in is not scored and learned from` : 'an equation does not hold';
}

/** What the ledger comes to. A packet that was lost and counted as such is accounted for. */
function sums(ledger: Ledger | undefined): string {
  if (!ledger) return 'The ledger is not known yet';
  if (!ledger.adds_up) return 'The ledger does not add up';
  const lost = places(ledger).reduce((n, p) => n + (p.tone === 'critical' ? p.n : 0), 0);
  return `Every packet is accounted for${lost > 0 ? `, ${whole(lost)} as lost` : ''}`;
}

/** The same within a sentence. */
const so = (ledger: Ledger | undefined): string => sums(ledger).replace(/^./, (first) => first.toLowerCase());

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
