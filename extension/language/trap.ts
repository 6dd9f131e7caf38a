// A trap in words, as Markdown for the hover and as the text of a document.

import type { ExplainBody } from '../../debug-adapter/protocol/requests.ts';
import { code } from '../views/row.ts';
import { short } from '../views/text.ts';
import { plain, stepsTable } from './translation.ts';

/** `link` stands behind the first sentence. */
export function trapMarkdown(trap: ExplainBody, link = ''): string {
  const place = [code(short(trap.pc)), plain(trap.pcSymbol), trap.instruction && code(trap.instruction)];
  const parts = [
    `$(error) **${plain(trap.name)}** at ${place.filter(Boolean).join(' ')}`,
    [plain(trap.text), link].filter(Boolean).join(' '),
  ];
  if (trap.planned) parts.push(`$(info) Expected: ${plain(trap.planned)}`);
  if (trap.steps.length) parts.push(stepsTable(trap.steps));
  parts.push(`_${plain(trap.effective)}_`);
  if (trap.rule)
    parts.push(['Rule:', plain(trap.rule.title), trap.rule.id && code(trap.rule.id)].filter(Boolean).join(' '));
  const repairs = trap.repairs.flatMap(({ text, warnings }) => [
    `- $(lightbulb) ${plain(text)}`,
    ...warnings.map((warning) => `  - $(warning) ${plain(warning)}`),
  ]);
  if (repairs.length) parts.push(`Would have passed with:\n\n${repairs.join('\n')}`);
  return parts.join('\n\n');
}

/** The document that Explain This Trap opens. */
export function trapText(trap: ExplainBody): string {
  return `${trap.name}\n${trap.text}\n\n${trap.details}\n`;
}
