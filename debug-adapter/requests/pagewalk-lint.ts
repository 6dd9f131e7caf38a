// What is wrong with a map, and whether it is as a check file expects.

import { hex64 } from '../../emulator/address.ts';
import {
  checkSubject,
  type Finding,
  findingFields,
  judgeExpectation,
  lint,
  parseCheck,
  parsePoint,
} from '../../kernel/index.ts';
import { judgedOf } from '../program/kernel-program.ts';
import type { CheckRow, LintRow } from '../protocol/explaining.ts';
import type { ArgumentsOf, BodyOf } from '../protocol/requests.ts';
import type { SessionContext } from '../session-context.ts';
import { isAtPoint } from './at-point.ts';
import { spaceMeant } from './pagewalk-space.ts';

export function pagewalkLint(
  session: SessionContext,
  { root, mode }: ArgumentsOf<'pagewalk/lint'>,
): BodyOf<'pagewalk/lint'> {
  const hart = session.hart();
  const space = spaceMeant(session, hart, root, mode);
  const { stop } = session;
  if (!space) return { stop, root: hex64(0n), mode: 'Bare', profile: '', findings: [] };
  const { profile, findings } = lint({ ...judgedOf(session, hart), space });
  const rows = findings.map((finding) => lintRow(session, finding));
  return { stop, root: hex64(space.root), mode: space.mode.name, profile, findings: rows };
}

function lintRow(session: SessionContext, finding: Finding): LintRow {
  const { rule, va, size, symbol } = finding;
  const [name = ''] = symbol.split('+');
  const declared = name ? session.symbols.declarationOf(name) : undefined;
  const path = declared?.source?.path;
  return {
    id: `${rule}/${hex64(va)}`,
    ...findingFields(finding),
    size: hex64(size),
    ...(declared && path && { source: { path, line: declared.line } }),
  };
}

export function pagewalkCheck(
  session: SessionContext,
  { text, file = 'check' }: ArgumentsOf<'pagewalk/check'>,
): BodyOf<'pagewalk/check'> {
  const hart = session.hart();
  const subject = checkSubject({ ...judgedOf(session, hart), space: spaceMeant(session, hart, undefined, undefined) });
  const mode = subject.space?.mode.name.toLowerCase() ?? 'bare';
  const results = parseCheck(text ?? '', file).map((one): CheckRow => {
    const { line, column, point, modes } = one;
    const base = { line, column, text: one.text, point };
    if (modes.length > 0 && !modes.includes(mode))
      return { ...base, state: 'skipped', message: `it is for ${modes.join(', ')} only` };
    if (!isAtPoint(session, parsePoint(point)))
      return { ...base, state: 'skipped', message: `it is for ${point}, and the machine is not there now` };
    return { ...base, ...judgeExpectation(one, subject) };
  });
  return { stop: session.stop, results };
}
