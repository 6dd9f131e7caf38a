// Variables of a function's inner blocks. gdb lists them in the whole function too where a copy of the function lost their
// block, or tells it inside of another one: it takes what the copy's own entries do not name from the source's function.

import { virt } from '../../emulator/address.ts';
import { openElf } from '../../emulator/loader/index.ts';
import { At, Tag } from '../../symbols/dwarf/constants.ts';
import type { Entry } from '../../symbols/dwarf/entry.ts';
import { covers, spansOf } from '../../symbols/dwarf/ranges.ts';
import { DebugSections } from '../../symbols/dwarf/sections.ts';
import { Units } from '../../symbols/dwarf/units.ts';
import { SymbolFile } from '../../symbols/index.ts';
import { fileSource } from '../support/file-source.ts';

export interface Place {
  /** In the code of the function, or of what it is inlined into. */
  readonly pc: bigint;
  readonly function: string;
}

export class InnerVariables {
  readonly #units: Units;
  readonly #file: SymbolFile;

  constructor(elf: string) {
    this.#units = new Units(new DebugSections(openElf(fileSource(elf))), (_, work) => work());
    this.#file = new SymbolFile(fileSource(elf));
  }

  /** Whether the function declares the variable in inner blocks alone, as .debug_info has it. */
  declares({ pc, function: name }: Place, variable: string, line: number): boolean {
    const unit = this.#units.all.find(({ compiles, root }) => compiles && covers(spansOf(root), pc));
    const found = { own: 0, inner: 0 };
    const isIt = (entry: Entry) =>
      entry.tag === Tag.variable && entry.text(At.name) === variable && entry.number(At.declLine) === line;
    const visit = (parent: Entry, place: 'own' | 'inner') => {
      for (const child of parent.children()) {
        if (isIt(child)) found[place] += 1;
        if (child.tag === Tag.lexicalBlock) visit(child, 'inner');
      }
    };
    for (const entry of unit?.root.children() ?? [])
      if (entry.tag === Tag.subprogram && entry.text(At.name) === name) visit(entry, 'own');
    return found.own === 0 && found.inner > 0;
  }

  /** Whether our reading has the variable in a block of the function that lies somewhere else. */
  standsElsewhere({ pc, function: name }: Place, variable: string, line: number): boolean {
    const here = this.#file.debug.scopesAt(virt(pc)).find((scope) => scope.function.name === name);
    for (const { start, end } of here?.ranges ?? []) {
      for (let at = start; at < end; at = virt(at + 2n)) {
        for (const scope of this.#file.debug.scopesAt(at))
          for (const { variables } of scope.function === here?.function ? scope.blocks : [])
            if (variables.some((each) => each.name === variable && each.declared?.line === line)) return true;
      }
    }
    return false;
  }
}
