// Map Lint: what is wrong with the map, the worst first.

import type { BodyOf, LintRow } from '../../../debug-adapter/protocol/requests.ts';
import { plain } from '../../language/translation.ts';
import { code, factTable, type Row, type Tint } from '../row.ts';
import { inSpace, rangeText, short, sizeText } from '../text.ts';

type Findings = BodyOf<'pagewalk/lint'>;

const severities: Record<LintRow['severity'], readonly [icon: string, tint: Tint]> = {
  error: ['error', 'red'],
  warning: ['warning', 'amber'],
  note: ['info', 'blue'],
};
const order = Object.keys(severities) as LintRow['severity'][];

export function lintRows({ findings, root, mode }: Findings): Row<never>[] {
  return order.flatMap((severity) =>
    findings.filter((finding) => finding.severity === severity).map((finding) => lintRow(finding, { root, mode })),
  );
}

function lintRow(finding: LintRow, space: { readonly root: string; readonly mode: string }): Row<never> {
  const [icon, tint] = severities[finding.severity];
  const { source, pteAddress, pte, pa } = finding;
  return {
    id: finding.id,
    label: finding.text,
    description: [finding.explained && 'by design', finding.rule].filter(Boolean).join(' · '),
    tooltip: factTable([
      ['Finding', plain(finding.text)],
      ['Rule', code(finding.rule)],
      ['By design', finding.explained && plain(finding.explained)],
      ['Virtual', code(rangeText(finding.va, finding.vaEnd))],
      ['Physical', pa && code(`pa:${short(pa)}`)],
      ['Size', sizeText(finding.size)],
      ['Region', plain(finding.region)],
      ['Symbol', plain(finding.symbol)],
      ['PTE', pteAddress && pte && `${code(short(pte))} at ${code(`pa:${short(pteAddress)}`)}`],
      ['Source', source && plain(`${source.path}:${source.line}`)],
    ]),
    icon,
    tint,
    memory: inSpace(finding.va, space),
    ...(pteAddress && { entry: `pa:${short(pteAddress)}` }),
    value: finding.text,
    virtual: short(finding.va),
    ...(pa && { physical: short(pa) }),
    ...(source ? { source, click: 'source' } : { click: 'memory' }),
    mapping: `${short(finding.va)}+0x${(BigInt(finding.vaEnd) - BigInt(finding.va) + 1n).toString(16)}`,
  };
}

/** What the view's badge counts: what the kernel does not have by design. */
export function seriousFindings({ findings }: Findings): number {
  return findings.filter(({ severity }) => severity !== 'note').length;
}

/** A finding as a line of Problems. */
export interface Problem {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly severity: LintRow['severity'];
  readonly message: string;
  readonly rule: string;
}

/** The findings that belong to a line of a source file. */
export function problemsOf({ findings }: Findings): Problem[] {
  return findings.flatMap(({ source, severity, text, rule, explained }) =>
    source && explained === undefined ? [{ ...source, severity, message: text, rule }] : [],
  );
}
