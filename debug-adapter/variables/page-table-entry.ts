// What lies below a page-table entry of a kernel's own type: its bits.

import { paText } from '../../emulator/address.ts';
import { decodePte, flagsText, permissionsText } from '../../emulator/mmu/pte.ts';
import { levelOf, meaningfulName } from '../../kernel/linux/page-table-types.ts';
import type { Value } from '../expressions/index.ts';
import { physical, referenceTo } from '../memory/space.ts';
import { pagingModeOf } from '../program/meaning.ts';
import type { Children, Row, View } from './row.ts';

/** Undefined for values that are no entry. */
export function entryChildren(view: View, { type, bits }: Value): Children | undefined {
  const name = meaningfulName(type);
  const level = name === undefined ? undefined : levelOf(name, pagingModeOf(view.scope));
  if (level === undefined && name !== 'pgprot_t') return undefined;
  return { rows: (now) => entryRows(now, bits, level) };
}

function entryRows({ scope, session }: View, raw: bigint, level: number | undefined): Row[] {
  const pte = decodePte(raw, pagingModeOf(scope));
  const fact = (name: string, value: string, type: string): Row => ({ name, value, type });
  const symbol = session.symbols.nameOfPhysical(pte.target);
  const target: Row = {
    ...fact(
      'target',
      `${paText(pte.target)}${symbol ? ` <${symbol}>` : ''}`,
      pte.pointer ? 'the next table' : 'the first byte mapped',
    ),
    evaluateName: paText(pte.target),
    memoryReference: referenceTo(physical, pte.target),
  };
  return [
    ...(level === undefined ? [] : [fact('level', String(level), 'of the table that it stands in')]),
    fact('kind', pte.pointer ? 'pointer' : pte.leaf ? 'leaf' : 'not valid', 'V, and R, W, X together'),
    ...(level === undefined || !pte.valid ? [] : [target]),
    fact('flags', flagsText(pte), 'D A G U X W R V'),
    fact('permissions', permissionsText(pte), 'R W X'),
    fact('user', pte.u ? 'yes' : 'no', 'U'),
    fact('global', pte.g ? 'yes' : 'no', 'G'),
    fact('RSW', String(pte.rsw), 'left to software'),
    ...(pte.pbmt === 'PMA' ? [] : [fact('memory type', pte.pbmt, 'Svpbmt')]),
    ...(pte.napot ? [fact('NAPOT', 'yes', 'Svnapot: one of several like it')] : []),
  ];
}
