// The whole CSR table of an M/S/U machine. Nothing else lists CSRs.

import { counterCsrs } from './counters.ts';
import { floatingPointCsrs } from './floating-point.ts';
import { machineCsrs } from './machine.ts';
import { pmpCsrs } from './pmp.ts';
import type { CsrRow } from './row.ts';
import { stateEnableCsrs } from './state-enable.ts';
import { statusCsrs } from './status.ts';
import { supervisorCsrs } from './supervisor.ts';
import { machineTrapCsrs } from './traps.ts';
import { triggerCsrs } from './triggers.ts';
import { zkrCsrs } from './zkr.ts';

/** Every CSR by ascending number; where the layout depends on XLEN, a row for each. */
export const csrs: readonly CsrRow[] = [
  ...floatingPointCsrs,
  ...zkrCsrs,
  ...statusCsrs,
  ...supervisorCsrs,
  ...machineTrapCsrs,
  ...machineCsrs,
  ...pmpCsrs,
  ...counterCsrs,
  ...stateEnableCsrs,
  ...triggerCsrs,
].sort((a, b) => a.number - b.number);

function existsIn(row: CsrRow, xlen: 32 | 64): boolean {
  return row.xlen === undefined || row.xlen === xlen;
}

const rowsOf = (xlen: 32 | 64) => csrs.filter((row) => existsIn(row, xlen));
const byNumber = {
  32: new Map(rowsOf(32).map((row) => [row.number, row])),
  64: new Map(rowsOf(64).map((row) => [row.number, row])),
};
const byName = {
  32: new Map(rowsOf(32).map((row) => [row.name, row])),
  64: new Map(rowsOf(64).map((row) => [row.name, row])),
};

/** The CSR of this number, or undefined where the table has none. */
export function csrNumbered(number: number, xlen: 32 | 64): CsrRow | undefined {
  return byNumber[xlen].get(number);
}

/** The CSR of this name, lower case. */
export function csrNamed(name: string, xlen: 32 | 64 = 64): CsrRow | undefined {
  return byName[xlen].get(name);
}
