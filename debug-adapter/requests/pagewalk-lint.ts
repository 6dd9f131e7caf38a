// What is wrong with a map, and whether it is as a check file expects.

import { hex64 } from '../../emulator/address.ts';
import type { HartView } from '../../emulator/inspection.ts';
import {
  type AddressSpace,
  type CheckSubject,
  detectLayout,
  type Finding,
  judgeExpectation,
  type Lint,
  lint,
  parseCheck,
} from '../../kernel/index.ts';
import type { CheckRow, LintRow } from '../protocol/explaining.ts';
import type { ArgumentsOf, BodyOf } from '../protocol/requests.ts';
import type { SessionContext } from '../session-context.ts';
import { spaceMeant } from './pagewalk-space.ts';

export function pagewalkLint(
  session: SessionContext,
  { root, mode }: ArgumentsOf<'pagewalk/lint'>,
): BodyOf<'pagewalk/lint'> {
  const hart = session.hart();
  const space = spaceMeant(session, hart, root, mode);
  const { stop } = session;
  if (!space) return { stop, root: hex64(0n), mode: 'Bare', profile: '', findings: [] };
  const { profile, findings } = lintOf(session, hart, space);
  const rows = findings.map((finding) => lintRow(session, finding));
  return { stop, root: hex64(space.root), mode: space.mode.name, profile, findings: rows };
}

export function lintOf({ machine, symbols }: SessionContext, hart: HartView, space: AddressSpace): Lint {
  const { images } = symbols;
  return lint({ machine, hart, space, symbols, images, detected: detectLayout(machine, space, symbols, images) });
}

function lintRow(session: SessionContext, finding: Finding): LintRow {
  const { rule, severity, text, explained, va, vaEnd, pa, size, pte, region, symbol } = finding;
  const [name = ''] = symbol.split('+');
  const declared = name ? session.symbols.declarationOf(name) : undefined;
  const path = declared?.source?.path;
  return {
    id: `${rule}/${hex64(va)}`,
    rule,
    severity,
    text,
    ...(explained !== undefined && { explained }),
    va: hex64(va),
    vaEnd: hex64(vaEnd),
    ...(pa !== undefined && { pa: hex64(pa) }),
    size: hex64(size),
    ...(pte && { pteAddress: hex64(pte.address), pte: hex64(pte.raw) }),
    region,
    symbol,
    ...(declared && path && { source: { path, line: declared.line } }),
  };
}

/** Where lines that name no point are judged; the others are for a run of `pagewalk check`. */
const NO_POINT = 'end';

export function pagewalkCheck(
  session: SessionContext,
  { text, file = 'check' }: ArgumentsOf<'pagewalk/check'>,
): BodyOf<'pagewalk/check'> {
  const subject = checkSubject(session, session.hart());
  const mode = subject.space?.mode.name.toLowerCase() ?? 'bare';
  const results = parseCheck(text ?? '', file).map((one): CheckRow => {
    const { line, column, point, modes } = one;
    const base = { line, column, text: one.text, point };
    if (modes.length > 0 && !modes.includes(mode))
      return { ...base, state: 'skipped', message: `it is for ${modes.join(', ')} only` };
    if (point !== NO_POINT)
      return { ...base, state: 'skipped', message: `it is for ${point}: pagewalk check goes there by itself` };
    return { ...base, ...judgeExpectation(one, subject) };
  });
  return { stop: session.stop, results };
}

export function checkSubject(session: SessionContext, hart: HartView): CheckSubject {
  const { machine, symbols } = session;
  const space = spaceMeant(session, hart, undefined, undefined);
  return {
    machine,
    space,
    symbols,
    images: symbols.images,
    lint: () => (space ? lintOf(session, hart, space) : { profile: 'Bare', findings: [] }),
  };
}
