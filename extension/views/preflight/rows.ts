// Pre-flight: what the satp write at pc will do, before it is done.

import type { DiffRow, PreflightBody, PreflightRow } from '../../../debug-adapter/protocol/requests.ts';
import { plain, stepsTable } from '../../language/translation.ts';
import { code, factTable, type Row, type Tint } from '../row.ts';
import { rangeText, short } from '../text.ts';

const verdicts: Record<PreflightRow['verdict'], readonly [icon: string, tint: Tint]> = {
  ok: ['pass', 'green'],
  note: ['info', 'blue'],
  warning: ['warning', 'amber'],
  bad: ['error', 'red'],
};
const overall = {
  green: ['Fine', ...verdicts.ok],
  yellow: ['Doubtful', ...verdicts.warning],
  red: ['Fatal', ...verdicts.bad],
} as const;
const changes = {
  added: ['diff-added', 'green'],
  removed: ['diff-removed', 'red'],
  changed: ['diff-modified', 'amber'],
} as const;

/** The verdict, each thing that was looked at, and the difference between the maps. */
export function preflightRows(body: PreflightBody): Row<never>[] {
  const [label, icon, tint] = overall[body.verdict];
  const verdict: Row<never> = {
    id: 'verdict',
    label,
    description: body.text,
    tooltip: factTable([
      ['Verdict', `**${body.verdict}**: ${plain(body.text)}`],
      ['Instruction', code(short(body.pc))],
      ['satp', code(short(body.satp))],
      ['Before', plain(body.before)],
      ['After', plain(body.after)],
    ]),
    icon,
    tint,
    value: short(body.satp),
    virtual: short(body.pc),
  };
  return [verdict, ...body.checks.map(checkRow), ...differenceRows(body)];
}

function checkRow({ id, verdict, title, text, va, steps = [] }: PreflightRow): Row<never> {
  const [icon, tint] = verdicts[verdict];
  const parts = [`**${plain(title)}**${va ? ` ${code(short(va))}` : ''}`, plain(text)];
  if (steps.length) parts.push(stepsTable(steps));
  return {
    id: `check-${id}`,
    label: title,
    description: text,
    tooltip: parts.join('\n\n'),
    icon,
    tint,
    ...(va && { virtual: short(va) }),
  };
}

function differenceRows({ diff, before, after }: PreflightBody): Row<never>[] {
  if (diff.length === 0) return [];
  const count = (kind: DiffRow['kind']) => diff.filter((row) => row.kind === kind).length;
  const counts = (['added', 'removed', 'changed'] as const)
    .filter((kind) => count(kind) > 0)
    .map((kind) => `${count(kind)} ${kind}`)
    .join(', ');
  return [
    {
      id: 'difference',
      label: 'Map difference',
      description: counts,
      tooltip: `${plain(before)} → ${plain(after)}: ${counts}`,
      icon: 'diff',
      children: diff.map(diffRow),
      expanded: diff.length <= 20,
    },
  ];
}

export function diffRow({ id, kind, va, vaEnd, before, after, region }: DiffRow): Row<never> {
  const [icon, tint] = changes[kind];
  const change = [before, after].filter(Boolean).join(' → ');
  return {
    id,
    label: rangeText(va, vaEnd),
    description: [region, change].filter(Boolean).join('  '),
    tooltip: factTable([
      ['Virtual', code(rangeText(va, vaEnd))],
      ['Region', plain(region)],
      ['Before', before ? code(before) : 'not mapped'],
      ['After', after ? code(after) : 'not mapped'],
    ]),
    icon,
    tint,
    virtual: short(va),
    value: `${rangeText(va, vaEnd)} ${change}`,
  };
}
