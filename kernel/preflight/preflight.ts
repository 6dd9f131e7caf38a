// Judges a satp write before it is made: will the next instruction, the stack, the trap handler and the console be there
// under the new map? Nothing is executed; everything is read from the machine as it stands.

import type { VirtAddr } from '../../emulator/address.ts';
import type { HartView, Inspection } from '../../emulator/inspection.ts';
import { satpText } from '../describe-satp.ts';
import type { ExplainedStep } from '../explain.ts';
import type { TrapNames } from '../fault/explain-trap.ts';
import { checkFetch, checkMachineMode, checkMode, checkReturn, checkRoot, checkStvec } from './code-checks.ts';
import { checkConsole, checkRegister } from './data-checks.ts';
import { Ground } from './ground.ts';
import type { PendingSatp } from './satp-write.ts';

export type Verdict = 'ok' | 'note' | 'warning' | 'bad';

export interface PreflightCheck {
  readonly id: 'mode' | 'root' | 'fetch' | 'stvec' | 'ra' | 'sp' | 'gp' | 'tp' | 'console' | 'force';
  readonly title: string;
  readonly verdict: Verdict;
  readonly text: string;
  readonly va?: VirtAddr;
  readonly steps?: readonly ExplainedStep[];
}

export interface Preflight {
  readonly write: PendingSatp;
  /** `Sv39, root pa:0x80210000, ASID 0`. */
  readonly before: string;
  readonly after: string;
  readonly verdict: 'green' | 'yellow' | 'red';
  /** The verdict in one sentence. */
  readonly text: string;
  readonly checks: readonly PreflightCheck[];
}

const registers = [
  ['sp', 2],
  ['gp', 3],
  ['tp', 4],
] as const;

/** Judges the write. */
export function preflight(machine: Inspection, hart: HartView, write: PendingSatp, names: TrapNames): Preflight {
  const checks = checksOf(new Ground(machine, hart, write, names));
  const worst = (verdict: Verdict) => checks.find((check) => check.verdict === verdict);
  const bad = worst('bad');
  const warning = worst('warning');
  const after = satpText(write.written, machine.xlen);
  return {
    write,
    before: satpText(write.before, machine.xlen),
    after,
    verdict: bad ? 'red' : warning ? 'yellow' : 'green',
    text:
      (bad ?? warning ?? checks.find(({ id }) => id === 'mode' || id === 'force' || id === 'fetch'))?.text ??
      `satp ← ${after}`,
    checks: [...checks].sort((a, b) => order[a.id] - order[b.id]),
  };
}

const order: Readonly<Record<PreflightCheck['id'], number>> = {
  mode: 0,
  force: 1,
  root: 2,
  fetch: 3,
  stvec: 4,
  ra: 5,
  sp: 6,
  gp: 7,
  tp: 8,
  console: 9,
};

function checksOf(ground: Ground): PreflightCheck[] {
  const mode = checkMode(ground);
  if (mode) return [mode];
  const root = checkRoot(ground);
  if (root?.verdict === 'bad') return [root];
  const checks = root ? [root] : [];
  if (ground.hart.privilege === 3) return [...checks, checkMachineMode(ground), ...checkConsole(ground)];
  const fetch = checkFetch(ground);
  checks.push(fetch.check);
  const { start } = fetch;
  if (!fetch.planned) checks.push(checkStvec(ground));
  if (start !== undefined) {
    const back = checkReturn(ground, start);
    if (back) checks.push(back);
    for (const [name, number] of registers) checks.push(checkRegister(ground, name, number, start));
  }
  return [...checks, ...checkConsole(ground)];
}
