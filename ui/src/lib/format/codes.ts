// Display names and explanations of the codes of internal/models/vocabulary.

import { conditions, drops, kindNames, ledgerCheckNames, ledgerTermNames, processStateNames, remainderNames, stages, type Entry } from '../data/vocabulary';
import { codeName } from './names';

/** The display name of a code; of a code newer than this page, the code in words. */
const nameIn = (entries: Record<string, Entry>) => (code: string): string => entries[code]?.name ?? codeName(code);
const nameOf = (names: Record<string, string>) => (code: string): string => names[code] ?? codeName(code);
const helpIn = (entries: Record<string, Entry>) => (code: string): string => entries[code]?.help ?? '';

export const stageName = nameIn(stages);
export const stageHelp = helpIn(stages);
export const dropName = nameIn(drops);
export const dropHelp = helpIn(drops);
export const conditionName = nameIn(conditions);
export const conditionHelp = helpIn(conditions);
/** The name of an equation; one of a single stage has the code and name of the stage. */
export const checkName = (code: string): string => ledgerCheckNames[code] ?? stageName(code);
export const termName = nameOf(ledgerTermNames);
export const remainderName = nameOf(remainderNames);
export const processStateName = nameOf(processStateNames);
export const kindName = nameOf(kindNames);

/** A text of the API, which starts in lower case, as a sentence. */
export const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
