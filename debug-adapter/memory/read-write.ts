// readMemory and writeMemory: bytes through the page tables, page by page, with their holes.

import type { DebugProtocol } from '@vscode/debugprotocol';
import { hex64, plus } from '../../emulator/address.ts';
import type { HartView, Inspection } from '../../emulator/inspection.ts';
import { UserError } from '../../emulator/user-error.ts';
import type { SessionContext } from '../session-context.ts';
import { fromBase64, toBase64 } from './base64.ts';
import { type Located, locate } from './reference.ts';
import { announceMemory, remember } from './shown.ts';
import { addressText, pieces, readSpace, writeSpace } from './space.ts';

/** More is given in several answers. */
const MOST = 16 * 1024 * 1024;

export function readMemory(
  session: SessionContext,
  args: DebugProtocol.ReadMemoryArguments,
): NonNullable<DebugProtocol.ReadMemoryResponse['body']> {
  const { machine } = session;
  const hart = session.hart();
  const { offset = 0 } = args;
  const count = Math.min(Math.max(args.count, 0), MOST);
  const at = locate(machine, hart, args.memoryReference, offset);
  remember(session, args.memoryReference, offset, count);

  const bytes = readSpace(machine, hart, at.space, at.address, count);
  const hole = holeAfter(machine, hart, at, bytes.length, count);
  return {
    address: hex64(at.address),
    data: toBase64(bytes),
    ...(hole > 0 && { unreadableBytes: hole }),
  };
}

/** Bytes from offset `start` to the next readable one, or to `end`. */
function holeAfter(machine: Inspection, hart: HartView, at: Located, start: number, end: number): number {
  for (const piece of pieces(machine, hart, at.space, plus(at.address, start), end - start)) {
    if (piece.pa !== undefined && machine.readPhysical(piece.pa, 1).length === 1) return piece.offset;
  }
  return end - start;
}

export function writeMemory(
  session: SessionContext,
  args: DebugProtocol.WriteMemoryArguments,
): NonNullable<DebugProtocol.WriteMemoryResponse['body']> {
  const { machine } = session;
  const hart = session.hart();
  const at = locate(machine, hart, args.memoryReference, args.offset);
  const bytes = fromBase64(args.data);
  const mapped = readSpace(machine, hart, at.space, at.address, bytes.length).length;
  if (mapped < bytes.length && !args.allowPartial) {
    throw new UserError(
      `${addressText(at.space, plus(at.address, mapped))} is not mapped to memory: nothing was written. Map it first, or write to its physical address.`,
    );
  }
  const written = writeSpace(machine, hart, at.space, at.address, bytes);
  if (written > 0) {
    session.edited();
    announceMemory(session);
  }
  return { bytesWritten: written };
}
