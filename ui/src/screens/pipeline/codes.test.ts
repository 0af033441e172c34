import { describe, expect, test } from 'vitest';
import { conditions, drops, ledgerCheckNames, ledgerTermNames, stages } from '../../lib/data/vocabulary';
import { otherRecords, sensorStages, tones } from './outcomes';
import { harmless, idleKinds, layout } from './path';

/** The codes by which the screen decides exist in the vocabulary, so that a renamed code fails here. */
describe('codes of the pipeline screen', () => {
  test.each([
    ['stages', [...layout.flatMap(([, nodes]) => nodes.filter((n) => !n.startsWith('='))), ...sensorStages], stages],
    ['drop reasons', [...harmless, 'unreadable', 'refused_by_broker'], drops],
    ['conditions', [...Object.keys(idleKinds), 'ledger_imbalance'], conditions],
    ['terms', [...Object.keys(tones), 'dropped'], ledgerTermNames],
    ['equations', [...otherRecords, 'log', 'model', 'verdict', 'hand_over'], { ...ledgerCheckNames, ...stages }],
  ] as [string, string[], Record<string, unknown>][])('%s', (_, codes, table) => expect(codes.filter((code) => !(code in table))).toEqual([]));

  test('every stage has a place in the layout', () => {
    expect(Object.keys(stages).filter((stage) => !layout.some(([, nodes]) => nodes.includes(stage)))).toEqual([]);
  });
});
