// How an address translates, and what a CSR holds, as Markdown for hovers.

import type { CsrValueRow, WalkBody } from '../../debug-adapter/protocol/requests.ts';
import { code, factTable } from '../views/row.ts';
import { short, sizeText } from '../views/text.ts';

/** Each level with the PTE's address and value, then the physical address or the reason why there is none. */
export function translationMarkdown(walk: WalkBody): string {
  const place = [walk.region, walk.symbol && code(walk.symbol)].filter(Boolean).join(', ');
  const lines = [`${code(short(walk.va))}${place ? ` · ${place}` : ''}`];
  if (walk.steps.length) {
    lines.push(
      [
        '| level | PTE at | value | reads as |',
        '|---|---|---|---|',
        ...walk.steps.map(
          (step) =>
            `| ${step.level} [${step.index}] | ${code(`pa:${short(step.pteAddress)}`)} | ${step.pte ? code(short(step.pte)) : '–'} | ${plain(step.text)} |`,
        ),
      ].join('\n'),
    );
  }
  if (walk.ok && walk.pa) {
    const detail = [
      walk.pageSize && sizeText(walk.pageSize),
      walk.permissions && code(walk.permissions),
      walk.memoryType,
    ];
    lines.push([`→ ${code(`pa:${short(walk.pa)}`)}`, ...detail.filter(Boolean)].join(' · '));
  } else {
    lines.push(`$(error) ${plain(walk.text)}`);
  }
  lines.push(`_${plain(walk.regime)}, ${walk.access}_`);
  return lines.join('\n\n');
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
function plain(text: string): string {
  return text.replace(/[\\`*_{}[\]<>|$]/g, '\\$&');
}
