// The page tables under satp, table by table: present entries, equal neighbours merged.

import { hex, paText } from '../../emulator/address.ts';
import { sizeText } from '../../emulator/mmu/modes.ts';
import {
  type AddressSpace,
  currentSpace,
  listTable,
  malformationText,
  rootTable,
  type TableEntry,
  type TablePlace,
} from '../../kernel/index.ts';
import { u32, u64 } from '../../kernel/objects/c-types.ts';
import { physical, referenceTo } from '../memory/space.ts';
import { type Children, numberText, type Row, type View } from './row.ts';

export function rootRows({ session, scope: { machine, hart } }: View): Row[] {
  const space = currentSpace(machine, hart);
  if (!space) return [{ name: 'satp', value: 'Bare: no page tables are in use' }];
  const name = session.symbols.nameOfPhysical(space.root);
  return [
    {
      name: `${space.mode.name} root`,
      value: `${paText(space.root)}${name ? ` <${name}>` : ''}`,
      evaluateName: paText(space.root),
      memoryReference: referenceTo(physical, space.root),
      children: tableChildren(space, rootTable(space), listTable(machine, space).length),
    },
  ];
}

function tableChildren(space: AddressSpace, place: TablePlace, indexed?: number): Children {
  return {
    ...(indexed !== undefined && { indexed }),
    rows: (view) => listTable(view.scope.machine, space, place).map((entry) => entryRow(view, space, entry)),
  };
}

function entryRow(view: View, space: AddressSpace, entry: TableEntry): Row {
  const { firstIndex, lastIndex, pteAddress, pte } = entry;
  const type = space.mode.pteSize === 4 ? u32 : u64;
  return {
    name: firstIndex === lastIndex ? `[${firstIndex}]` : `[${firstIndex}–${lastIndex}]`,
    value: entryText(view, space, entry),
    type: `level ${entry.level} at ${paText(pteAddress)}: ${numberText(view, pte.raw)}`,
    evaluateName: `${type.name}[${paText(pteAddress)}]`,
    location: { kind: 'memory', space: physical, address: pteAddress, type },
    memoryReference: referenceTo(physical, pteAddress),
    ...(entry.kind === 'pointer' && { children: tableChildren(space, entry.children) }),
  };
}

function entryText({ session }: View, space: AddressSpace, entry: TableEntry): string {
  const from = hex(entry.va);
  if (entry.kind === 'pointer') return `${from} table ${paText(entry.target)}`;
  if (entry.kind === 'malformed') {
    return `${from} malformed: ${malformationText(entry.reason, entry.pte, entry.level, space.mode)}`;
  }
  const symbol = session.symbols.nameOf(entry.va);
  const range = entry.firstIndex === entry.lastIndex ? from : `${from}–${hex(entry.vaEnd)}`;
  return `${range} → ${paText(entry.target)} ${sizeText(entry.pageSize)} ${entry.flags}${symbol && ` <${symbol}>`}`;
}
