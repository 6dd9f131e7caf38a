// What clients are shown where there is no source to show: a function's instructions, or those around an address, with
// symbols and with the lines that they were compiled from, and why it is so.

import { hex, hex64, type VirtAddr, virt } from '../../emulator/address.ts';
import type { HartView } from '../../emulator/inspection.ts';
import { disassembleWord } from '../../emulator/isa/disassemble.ts';
import { UserError } from '../../emulator/user-error.ts';
import { codeIn, codeOf, type Line as Instruction, linesBefore, linesFrom } from '../memory/instructions.ts';
import { fetched, physical, physicalOf, type Space } from '../memory/space.ts';
import type { Module } from '../modules/module.ts';
import type { SessionContext } from '../session-context.ts';
import { type MachineFrame, siteOf } from '../stack/frame.ts';
import type { Located } from '../symbols.ts';

/** Longer functions are cut. */
const MOST = 10_000;
/** Instructions around an address that belongs to no function: before it, and from it on. */
const AROUND = [8, 24] as const;

interface Listing {
  /** The same for the same instructions under the same head. */
  readonly key: string;
  /** The lines before the first instruction. */
  readonly head: readonly string[];
  /** By run address, ascending. Read anew each time: code may change. */
  readonly instructions: () => readonly Instruction[];
  /** The line that the instruction at a run address was compiled from. */
  readonly lineAt: (address: VirtAddr) => { readonly file: string; readonly line: number } | undefined;
}

/** Where an instruction is shown. */
export interface Listed {
  readonly reference: number;
  readonly line: number;
}

/** The listings that a session has named; each keeps its number. */
export class Listings {
  readonly #session: SessionContext;
  readonly #listings: Listing[] = [];

  constructor(session: SessionContext) {
    this.#session = session;
  }

  /** The function at a place, under a head that says why its source is not shown. */
  at(located: Located, why: readonly string[]): Listed | undefined {
    const { module, link } = located;
    const symbol = module.file.symbolAt(link);
    if (!symbol) return undefined;
    const start = virt(symbol.value);
    const end = symbol.value + BigInt(symbol.size > 0 ? Math.floor(symbol.size) : symbol.offset + 64);
    return this.#listed(module.runAddress(link), {
      key: `${module.id} ${start} ${why}`,
      head: [...why, '', `${symbol.name}:`],
      instructions: () => this.#function(module, start, end),
      lineAt: (address) => module.file.lineAt(module.linkAddress(address)),
    });
  }

  /** The instructions around the place of a frame, as its code reached them, wherever that is. */
  around(frame: MachineFrame, why: readonly string[]): Listed {
    const site = siteOf(frame);
    const code = codeOf(this.#session.machine.xlen, (address, length) => frame.read(address, length));
    const lines = [...linesBefore(code, site, AROUND[0]), ...linesFrom(code, site, AROUND[1])];
    // Kept, since the address may mean something else by the time that the text is asked for.
    const mapped = lines.filter(({ address, word }) => word !== undefined || address === site);
    return this.#listed(site, {
      key: `${hex(site)} ${why}`,
      head: [...why, ''],
      instructions: () => mapped,
      lineAt: (address) => frame.symbols.lineAt(address),
    });
  }

  /** The text of a listing. @throws UserError for a reference that was not given out. */
  text(reference: number): string {
    const { head, instructions, lineAt } = this.#numbered(reference);
    const { symbols, machine } = this.#session;
    let last = '';
    const rows = instructions().map(({ address, length, word }) => {
      const symbol = (to: VirtAddr) => symbols.nameOf(to) || undefined;
      const text =
        word === undefined
          ? '??  nothing is mapped here'
          : disassembleWord(word, { address, xlen: machine.xlen, symbol });
      const bits = word === undefined ? '' : word.toString(16).padStart(length * 2, '0');
      const line = lineAt(address);
      const place = line ? `${line.file.slice(line.file.lastIndexOf('/') + 1)}:${line.line}` : '';
      const comment = place && place !== last ? `  // ${place}` : '';
      last = place;
      return `  ${hex64(address).slice(2)}  ${bits.padEnd(8)}  ${text.padEnd(comment ? 40 : 0)}${comment}`;
    });
    return `${[...head, ...rows].join('\n')}\n`;
  }

  /** The run address of the instruction that a line of a listing shows, or the next one that does. */
  address(reference: number, line: number): VirtAddr | undefined {
    const { head, instructions } = this.#numbered(reference);
    return instructions()[Math.max(0, line - head.length - 1)]?.address;
  }

  #listed(address: VirtAddr, listing: Listing): Listed {
    let index = this.#listings.findIndex(({ key }) => key === listing.key);
    if (index < 0) index = this.#listings.push(listing) - 1;
    const before = listing.instructions().filter((instruction) => instruction.address <= address);
    return { reference: index + 1, line: listing.head.length + Math.max(1, before.length) };
  }

  #numbered(reference: number): Listing {
    const listing = this.#listings[reference - 1];
    if (!listing) throw new UserError(`There is no source numbered ${reference}: ask for the stack again.`);
    return listing;
  }

  /** Link addresses from `start` to `end`. Read where the code is loaded, so that it does not matter what is mapped now. */
  #function(module: Module, start: VirtAddr, end: bigint): Instruction[] {
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
      .map((line) => ({ ...line, address: virt(line.address - from + run) }));
  }
}
