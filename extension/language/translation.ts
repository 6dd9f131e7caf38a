// How an address translates, and what a CSR holds, as Markdown for hovers.

import type { CsrValueRow, WalkBody, WalkStepRow } from '../../debug-adapter/protocol/requests.ts';
import { code, factTable } from '../views/row.ts';
import { short, sizeText } from '../views/text.ts';

/** An expression and its value; a number is not said twice. */
export function valueMarkdown(expression: string, value: string): string {
  return value.startsWith(expression) ? code(value) : `**${plain(expression)}** = ${code(value)}`;
}

/** Each level with the PTE's address and value, then the physical address or the reason why there is none. */
export function translationMarkdown(walk: WalkBody): string {
  const lines: string[] = [];
  if (walk.steps.length) lines.push(stepsTable(walk.steps));
  if (walk.ok && walk.pa) {
    const detail = [
      plain(walk.region),
      walk.pageSize && sizeText(walk.pageSize),
      walk.permissions && code(walk.permissions),
      walk.memoryType,
    ];
    lines.push([`→ ${code(`pa:${short(walk.pa)}`)}`, ...detail.filter(Boolean)].join(' · '));
  } else {
    lines.push(`$(error) ${plain(walk.text)}`);
    if (walk.region) lines.push(`Region: ${plain(walk.region)}`);
  }
  lines.push(`_${plain(walk.regime)}, ${walk.access}_`);
  return lines.join('\n\n');
}

/** A walk's levels, one row each. */
export function stepsTable(steps: readonly WalkStepRow[]): string {
  const rows = steps.map(({ level, index, pteAddress, pte, text }) => {
    const value = pte === undefined ? '–' : code(short(pte));
    return `| ${level} [${index}] | ${code(`pa:${short(pteAddress)}`)} | ${value} | ${plain(text)} |`;
  });
  return ['| level | PTE at | value | reads as |', '|---|---|---|---|', ...rows].join('\n');
}

/** A CSR by field. */
export function csrMarkdown(csr: CsrValueRow): string {
  return [
    `**${csr.name}** ${code(short(csr.value))} ${plain(csr.summary)}`,
    plain(csr.meaning),
    factTable(csr.fields.map((field) => [`${field.name} [${field.bits}]`, plain(field.text)] as const)),
  ].join('\n\n');
}

/** Text of the adapter's that is not meant as Markdown. */
export function plain(text: string): string {
  return text.replace(/[\\`*_{}[\]<>|$]/g, '\\$&');
}
