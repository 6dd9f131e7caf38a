// disassemble: exactly as many rows as were asked for, before and behind an address.

import type { DebugProtocol } from '@vscode/debugprotocol';
import { hex64, type VirtAddr, virt } from '../../emulator/address.ts';
import type { HartView } from '../../emulator/inspection.ts';
import { disassembleWord } from '../../emulator/isa/disassemble.ts';
import { UserError } from '../../emulator/user-error.ts';
import type { SessionContext } from '../session-context.ts';
import { type Code, codeIn, type Line, linesBefore, linesFrom } from './instructions.ts';
import { locate } from './reference.ts';
import { fetched, type Space } from './space.ts';

type Row = DebugProtocol.DisassembledInstruction;

/** More rows than any editor shows. */
const MOST = 10_000;

export function disassemble(
  session: SessionContext,
  args: DebugProtocol.DisassembleArguments,
): NonNullable<DebugProtocol.DisassembleResponse['body']> {
  const hart = session.hart();
  const { space, address } = locate(session.machine, hart, args.memoryReference, args.offset);
  const { instructionOffset = 0, instructionCount } = args;
  const place = space.kind === 'here' ? fetched : space;
  return { instructions: disassembleAt(session, hart, place, address, instructionOffset, instructionCount) };
}

/** `count` instructions, the first of them `offset` instructions from `address`. */
export function disassembleAt(
  session: SessionContext,
  hart: HartView,
  space: Space,
  address: VirtAddr,
  offset: number,
  count: number,
): Row[] {
  if (Math.abs(offset) > MOST || count > MOST) {
    throw new UserError(`At most ${MOST} instructions are disassembled at a time, and as far from the reference.`);
  }
  const code = codeIn(session.machine, hart, space, (at) => {
    const symbol = session.symbols.symbolAt(at);
    return symbol && at - BigInt(symbol.offset);
  });
  return describe(session, linesAround(code, virt(address & ~1n), offset, Math.max(count, 0)));
}

/** `count` lines, the first of them `offset` lines from `address`. */
function linesAround(code: Code, address: VirtAddr, offset: number, count: number): Line[] {
  if (offset >= 0) return linesFrom(code, address, offset + count).slice(offset);
  const before = linesBefore(code, address, -offset);
  return [...before, ...linesFrom(code, address, Math.max(count + offset, 0))].slice(0, count);
}

/** Symbols and source lines are told where they change. */
function describe(session: SessionContext, lines: readonly Line[]): Row[] {
  let symbol = '';
  let place = '';
  return lines.map((line): Row => {
    const row = rowOf(session, line);
    if (line.word === undefined) return row;
    const name = session.symbols.symbolAt(line.address)?.name ?? '';
    const found = session.symbols.lineAt(line.address);
    const where = found?.source ? `${found.file}:${found.line}` : '';
    const more = {
      ...(name && name !== symbol && { symbol: session.symbols.nameOf(line.address) }),
      ...(found?.source && where !== place && { location: found.source, line: found.line, ...columnOf(found.column) }),
    };
    symbol = name;
    place = where;
    return { ...row, ...more };
  });
}

function columnOf(column: number): { column?: number } {
  return column > 0 ? { column } : {};
}

function rowOf({ machine, symbols }: SessionContext, { address, length, word }: Line): Row {
  const base = { address: hex64(address) };
  if (word === undefined) return { ...base, instruction: '??', presentationHint: 'invalid' };
  return {
    ...base,
    instructionBytes: word.toString(16).padStart(length * 2, '0'),
    instruction: disassembleWord(word, {
      address,
      xlen: machine.xlen,
      symbol: (target) => symbols.nameOf(target) || undefined,
    }),
  };
}
