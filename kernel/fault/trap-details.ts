// The long text of an explained trap, as it stands below its sentence under the line of code and in a terminal.

import { hex, hex64, paText } from '../../emulator/address.ts';
import type { ExplainedTrap } from './explain-trap.ts';

/** `where` = pc and its symbol. */
export function trapDetails(trap: Omit<ExplainedTrap, 'details'>, where: string): string {
  const { instruction, va, object, effective, steps, rule, repairs } = trap;
  const target = va === undefined ? '' : `   ${hex(va)}${object && ` (${object})`}`;
  const lines = [`${instruction || 'the instruction cannot be read'} at ${where}${target}`, `effective: ${effective}`];
  for (const { level, index, pteAddress, pte, text: step } of steps) {
    lines.push(`  L${level} [${index}] @${paText(pteAddress)}${pte === undefined ? '' : ` = ${hex64(pte)}`}  ${step}`);
  }
  if (rule) lines.push(`rule: ${rule.id && `${rule.id}, `}${rule.title}`);
  if (repairs.length === 0 && va !== undefined) lines.push('no change of tables or registers would let it pass');
  for (const [index, repair] of repairs.entries()) {
    lines.push(`${index === 0 ? 'would pass if: ' : 'or: '}${repair.text}`);
    for (const warning of repair.warnings) lines.push(`  but ${warning}`);
  }
  return lines.join('\n');
}
