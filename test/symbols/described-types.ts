// Types in words that gdb's Python can say, too: size, members with their bits, enumerators, text.

import { openElf } from '../../emulator/loader/index.ts';
import { At, Tag } from '../../symbols/dwarf/constants.ts';
import { DebugSections } from '../../symbols/dwarf/sections.ts';
import { Units } from '../../symbols/dwarf/units.ts';
import { type Member, type SymbolFile, strip, type Type, typeText } from '../../symbols/index.ts';
import { plainName } from '../../symbols/reader/c-names.ts';
import { fileSource } from '../support/file-source.ts';
import { askGdb } from '../support/gdb.ts';

/** A type by name, as code at an address sees it. */
export interface Request {
  readonly pc: string;
  readonly name: string;
}

/** name, type, first bit, bits (0: no bit-field), members of an anonymous one. */
type Field = readonly [string, string, number, number, readonly Field[]];

export interface Described {
  readonly text: string;
  readonly size: number;
  readonly fields: readonly Field[];
  readonly values: readonly (readonly [string, string])[];
}

const keywords: Readonly<Record<number, string>> = {
  [Tag.structureType]: 'struct ',
  [Tag.unionType]: 'union ',
  [Tag.enumerationType]: 'enum ',
  [Tag.typedef]: '',
  [Tag.baseType]: '',
};

/** Every type with a name that units have at their top, of each `every`-th unit that has code. */
export function namedTypes(elf: string, every: number): Request[] {
  const units = new Units(new DebugSections(openElf(fileSource(elf))), (_, work) => work());
  const found: Request[] = [];
  for (const [index, unit] of units.all.filter(({ root }) => root.has(At.lowPc)).entries()) {
    if (index % every !== 0) continue;
    const code = [...unit.root.children()].find(({ tag, abbreviation }) => {
      return tag === Tag.subprogram && abbreviation.attributes.includes(At.lowPc);
    });
    const pc = code?.address(At.lowPc);
    if (pc === undefined) continue;
    const seen = new Set<string>();
    for (const entry of unit.root.children()) {
      const name = entry.text(At.name);
      const keyword = keywords[entry.tag];
      if (keyword === undefined || name === undefined || entry.flag(At.declaration)) continue;
      seen.add(`${keyword}${entry.tag === Tag.baseType ? plainName(name) : name}`);
    }
    for (const name of seen) found.push({ pc: `0x${pc.toString(16)}`, name });
  }
  return found;
}

export function describe(type: Type): Described {
  const bare = strip(type);
  const isStruct = bare.kind === 'struct' || bare.kind === 'union' || bare.kind === 'class';
  return {
    text: typeText(type),
    size: type.size ?? 0,
    fields: isStruct ? bare.members.map(field) : [],
    values: bare.kind === 'enum' ? bare.enumerators.map(({ name, value }) => [name, `${value}`]) : [],
  };
}

function field({ name, type, offset, bits }: Member): Field {
  const inner = strip(type);
  const anonymous = name === undefined && (inner.kind === 'struct' || inner.kind === 'union') ? inner.members : [];
  return [name ?? '', typeText(type), 8 * offset + (bits?.shift ?? 0), bits?.size ?? 0, anonymous.map(field)];
}

const python = `
def field(f):
    inner = f.type.strip_typedefs()
    anonymous = not f.name and inner.code in (gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION)
    return [f.name or '', str(f.type), f.bitpos, f.bitsize, [field(g) for g in inner.fields()] if anonymous else []]

def describe(t):
    bare = t.strip_typedefs()
    struct = bare.code in (gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION)
    return dict(text=str(t), size=0 if bare.code == gdb.TYPE_CODE_FUNC else t.sizeof,
        fields=[field(f) for f in bare.fields()] if struct else [],
        values=[[f.name, str(f.enumval)] for f in bare.fields()] if bare.code == gdb.TYPE_CODE_ENUM else [])

answer = []
for each in request:
    try:
        block = gdb.block_for_pc(int(each['pc'], 16))
        answer.append(describe(gdb.lookup_type(each['name'], block)))
    except gdb.error as error:
        answer.append(str(error))
`;

export function gdbTypes(elf: string, requests: readonly Request[]): (Described | string)[] {
  return askGdb(elf, python, requests);
}

export function ourTypes(file: SymbolFile, requests: readonly Request[]): (Described | string)[] {
  return requests.map(({ pc, name }) => {
    const [type] = file.debug.typesNamed(name, BigInt(pc) as never);
    return type ? describe(type) : `No ${name}.`;
  });
}
