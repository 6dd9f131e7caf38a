// Every row of the table on both machines.

import { batches, type Case, piecesOf, rowsOf } from './cases.ts';
import { type Model, runOurs, runTheirs, xlenOf } from './machines.ts';
import type { Random } from './random.ts';
import { dumpOf, registerProgram } from './register-harness.ts';
import { describe, differences } from './report.ts';
import { settled } from './settled.ts';

export interface Tally {
  cases: number;
  /** What the machines do not agree in, the first of each batch. */
  readonly disagreements: string[];
}

/** Runs `perRow` cases of each row. */
export async function compareInstructions(model: Model, perRow: number, random: Random): Promise<Tally> {
  const xlen = xlenOf(model);
  const tally: Tally = { cases: 0, disagreements: [] };
  for (const cases of batches(model, rowsOf(xlen), perRow, random)) {
    const difference = await compareCases(model, cases, random);
    tally.cases += cases.length;
    if (difference) tally.disagreements.push(difference);
  }
  return tally;
}

/** The first case of a program in which the machines differ, in words. */
async function compareCases(model: Model, cases: readonly Case[], random: Random): Promise<string | undefined> {
  const xlen = xlenOf(model);
  const program = registerProgram(xlen, cases, piecesOf(cases, random));
  const theirs = runTheirs(model, program);
  const [mine] = runOurs(model, program) as [Uint8Array];
  const [other] = (await theirs) as [Uint8Array];
  if (Buffer.compare(mine, other) === 0) return undefined;
  for (const [index, each] of cases.entries()) {
    const [ours, qemus] = [dumpOf(mine, index), dumpOf(other, index)];
    const text = differences(ours, qemus);
    if (text && !settled.some((entry) => entry.applies(each.row.mnemonic, ours, qemus))) {
      return `${describe(each.word, each, xlen)}\n${text}`;
    }
  }
  return undefined;
}
