// The functions, blocks and variables around an address, in words that gdb's Python can say, too.

import { virt } from '../../emulator/address.ts';
import { type SymbolFile, typeText } from '../../symbols/index.ts';
import { askGdb } from '../support/gdb.ts';

/**
 * A block: the function that it is of (of inner blocks none), its variables as `argument type name @line`, and those of
 * them apart that gdb may have only because they are somewhere in the function's text.
 */
export type DescribedBlock = readonly [string | null, readonly string[], readonly string[]];

const python = `
constants = (gdb.SYMBOL_LOC_CONST, gdb.SYMBOL_LOC_CONST_BYTES)
mayBeLost = constants + (gdb.SYMBOL_LOC_OPTIMIZED_OUT, gdb.SYMBOL_LOC_STATIC, gdb.SYMBOL_LOC_UNRESOLVED)
def blocks(pc):
    found = []
    block = gdb.block_for_pc(pc)
    while block is not None and not block.is_static and not block.is_global:
        symbols, lost = set(), set()
        for s in block:
            if s.addr_class != gdb.SYMBOL_LOC_LABEL and (s.is_variable or s.is_argument or s.addr_class in constants or s.addr_class == gdb.SYMBOL_LOC_UNRESOLVED):
                text = '%s %s %s @%d' % ('argument' if s.is_argument else 'variable', s.type, s.name, s.line)
                (lost if s.addr_class in mayBeLost else symbols).add(text)
        if block.function or symbols or lost:
            found.append([block.function.name if block.function else None, sorted(symbols), sorted(lost)])
        block = block.superblock
    return found

answer = [blocks(int(pc, 16)) for pc in request]
`;

export function gdbScopes(elf: string, addresses: readonly bigint[]): DescribedBlock[][] {
  return askGdb(
    elf,
    python,
    addresses.map((address) => `0x${address.toString(16)}`),
  );
}

/** What differs between ours and gdb's; undefined where nothing does. */
export function difference(file: SymbolFile, address: bigint, theirs: readonly DescribedBlock[]): string | undefined {
  const ours = file.debug.scopesAt(virt(address)).flatMap((scope) =>
    scope.blocks.map(({ variables }, index) => {
      const texts = variables.map((variable) => {
        const kind = variable.kind === 'parameter' ? 'argument' : 'variable';
        return `${kind} ${typeText(variable.type)} ${variable.name} @${variable.declared?.line ?? 0}`;
      });
      return [index === scope.blocks.length - 1 ? scope.function.name : null, [...new Set(texts)].sort()] as const;
    }),
  );
  const kept = ours.filter(([name, texts]) => name !== null || texts.length > 0);
  // gdb counts what is in blocks that this copy of a function lost as the function's own; we leave it out.
  const gdbs: (readonly [string | null, readonly string[]])[] = [];
  for (const [name, texts, lost] of theirs) {
    const [counterpart, known = []] = kept[gdbs.length] ?? [];
    const too = counterpart === name ? lost.filter((text) => known.includes(text)) : [];
    const all = [...new Set([...texts, ...too])].sort();
    if (name !== null || all.length > 0) gdbs.push([name, all]);
  }
  const [a, b] = [JSON.stringify(kept), JSON.stringify(gdbs)];
  return a === b ? undefined : `ours ${a}\ngdb's ${b}`;
}
