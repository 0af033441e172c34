// Display names and explanations of the codes of internal/models/vocabulary.

import { conditions, drops, ledgerChecks, ledgerTerms, stages, type Entry } from '../data/vocabulary';
import { codeName } from './names';

type Table = Readonly<Record<string, Entry>>;

/** The display name of a code; of a code newer than this page, the code in words. */
const nameIn = (table: Table) => (code: string): string => table[code]?.name ?? codeName(code);
const helpIn = (table: Table) => (code: string): string => table[code]?.help ?? '';

export const stageName = nameIn(stages);
export const stageHelp = helpIn(stages);
export const dropName = nameIn(drops);
export const dropHelp = helpIn(drops);
export const conditionName = nameIn(conditions);
export const conditionHelp = helpIn(conditions);
export const checkName = nameIn(ledgerChecks);
export const termName = nameIn(ledgerTerms);

/** A text of the API, which starts in lower case, as a sentence. */
export const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
