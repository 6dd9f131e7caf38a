// What clients are shown where a source file is not here: the function's instructions, with symbols and with the lines
// that they were compiled from, and a hint how to bring the file.

import { hex64, type VirtAddr, virt } from '../../emulator/address.ts';
import type { HartView } from '../../emulator/inspection.ts';
import { disassembleWord } from '../../emulator/isa/disassemble.ts';
import { UserError } from '../../emulator/user-error.ts';
import { codeIn, type Line as Instruction, linesFrom } from '../memory/instructions.ts';
import { fetched, physical, physicalOf, type Space } from '../memory/space.ts';
import type { Module } from '../modules/module.ts';
import type { SessionContext } from '../session-context.ts';
import type { Located } from '../symbols.ts';

/** Longer functions are cut. */
const MOST = 10_000;

interface Listing {
  readonly module: Module;
  readonly function: string;
  /** As the compiler wrote it. */
  readonly file: string;
  /** Link addresses, ascending. */
  readonly start: VirtAddr;
  readonly end: bigint;
}

/** Lines before the first instruction. */
const HEAD = 6;

/** The listings that a session has named; each keeps its number. */
export class Listings {
  readonly #session: SessionContext;
  readonly #listings: Listing[] = [];

  constructor(session: SessionContext) {
    this.#session = session;
  }

  /** The listing of the function at a place whose source `file` is not here, and the line of that place in it. */
  at({ module, link }: Located, file: string): { readonly reference: number; readonly line: number } | undefined {
    const symbol = module.file.symbolAt(link);
    if (!symbol) return undefined;
    const start = virt(symbol.value);
    let index = this.#listings.findIndex((each) => each.module === module && each.start === start);
    if (index < 0) {
      const end = symbol.value + BigInt(symbol.size > 0 ? Math.floor(symbol.size) : symbol.offset + 64);
      index = this.#listings.push({ module, function: symbol.name, file, start, end }) - 1;
    }
    const before = this.#instructions(this.#listings[index] as Listing).filter(({ address }) => address <= link);
    return { reference: index + 1, line: HEAD + Math.max(1, before.length) };
  }

  /** The text of a listing. @throws UserError for a reference that was not given out. */
  text(reference: number): string {
    const listing = this.#numbered(reference);
    const { module, file, function: name } = listing;
    const { symbols } = this.#session;
    const folder = file.slice(0, Math.max(0, file.lastIndexOf('/'))) || '.';
    const head = [
      `// ${file} is not here.`,
      '// Say in launch.json where sources are, such as:',
      `//   "sourceMap": { ${JSON.stringify(folder)}: "\${workspaceFolder}" }`,
      '// The instructions of the function instead:',
      '',
      `${name}:`,
    ];
    let last = '';
    const rows = this.#instructions(listing).map(({ address, length, word }) => {
      const run = module.runAddress(address);
      const text =
        word === undefined
          ? '??'
          : disassembleWord(word, {
              address: run,
              xlen: module.file.xlen,
              symbol: (to) => symbols.nameOf(to) || undefined,
            });
      const bits = word === undefined ? '' : word.toString(16).padStart(length * 2, '0');
      const line = module.file.lineAt(address);
      const place = line ? `${line.file.slice(line.file.lastIndexOf('/') + 1)}:${line.line}` : '';
      const comment = place && place !== last ? `  // ${place}` : '';
      last = place;
      return `  ${hex64(run).slice(2)}  ${bits.padEnd(8)}  ${text.padEnd(comment ? 40 : 0)}${comment}`;
    });
    return `${[...head, ...rows].join('\n')}\n`;
  }

  /** The run address of the instruction that a line of a listing shows, or the next one that does. */
  address(reference: number, line: number): VirtAddr | undefined {
    const listing = this.#numbered(reference);
    const found = this.#instructions(listing)[Math.max(0, line - HEAD - 1)];
    return found && listing.module.runAddress(found.address);
  }

  #numbered(reference: number): Listing {
    const listing = this.#listings[reference - 1];
    if (!listing) throw new UserError(`There is no source numbered ${reference}: ask for the stack again.`);
    return listing;
  }

  /** By link address. Read where the code is loaded, so that it does not matter what is mapped now. */
  #instructions({ module, start, end }: Listing): Instruction[] {
    const { machine } = this.#session;
    const hart = machine.harts[0] as HartView;
    const load = module.loadAddress(start);
    const run = module.runAddress(start);
    const space: Space = load === undefined || physicalOf(machine, hart, fetched, run) === load ? fetched : physical;
    const from = space === physical && load !== undefined ? virt(load) : run;
    const code = codeIn(machine, hart, space, () => undefined);
    const count = Math.min(MOST, Number(end - start) / 2);
    const last = from + (end - start);
    return linesFrom(code, from, count)
      .filter(({ address }) => address < last)
      .map((line) => ({ ...line, address: virt(line.address - from + start) }));
  }
}
