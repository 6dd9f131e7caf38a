// gotoTargets and goto: pc is set, nothing else; what lies between is not executed.

import type { DebugProtocol } from '@vscode/debugprotocol';
import { hex, type VirtAddr, virt } from '../../emulator/address.ts';
import { UserError } from '../../emulator/user-error.ts';
import { isExecutable, warnOfPc } from '../memory/executable.ts';
import type { SessionContext } from '../session-context.ts';
import { hartOf } from './run.ts';

/** The addresses that a session has offered, by id − 1. */
const offered = new WeakMap<SessionContext, VirtAddr[]>();

/** Every place at which a line can be executed; each says when a jump there would fault. */
export function gotoTargets(
  session: SessionContext,
  { source, line, column }: DebugProtocol.GotoTargetsArguments,
): DebugProtocol.GotoTargetsResponse['body'] {
  const targets = offered.get(session) ?? [];
  offered.set(session, targets);
  const hart = session.hart();
  const { symbols } = session;
  return {
    targets: addressesOf(session, source, line, column).map(({ va, line: at }) => {
      // Before paging the kernel runs at its load addresses; so does the target then.
      const load = symbols.loadAddress(va);
      const address = !isExecutable(session, hart, va) && load !== undefined ? virt(load) : va;
      const warning = isExecutable(session, hart, address) ? '' : ', where nothing executable is mapped now';
      const id = targets.push(address);
      return {
        id,
        label: `${symbols.nameOf(address) || hex(address)} at ${hex(address)}${warning}`,
        line: at,
        instructionPointerReference: hex(address),
      };
    }),
  };
}

export function goto(session: SessionContext, { threadId, targetId }: DebugProtocol.GotoArguments): void {
  if (session.running) throw new UserError('The machine is running: pause it first.');
  const hart = hartOf(session, threadId);
  const address = offered.get(session)?.[targetId - 1];
  if (address === undefined) throw new UserError(`There is no target ${targetId}: ask for gotoTargets first.`);
  session.machine.setPc(hart, address);
  const view = session.machine.harts.find(({ id }) => id === hart);
  if (view) warnOfPc(session, view, address);
  const name = session.symbols.nameOf(address);
  const description = `pc set to ${hex(address)}${name && ` <${name}>`}`;
  // Behind the answer.
  void session.host
    .breathe()
    .then(() => session.runControl.stop({ reason: 'goto', description, hart, breakpointIds: [] }));
}

function addressesOf(session: SessionContext, source: DebugProtocol.Source, line: number, column: number | undefined) {
  if (source.sourceReference) {
    const va = session.listings.address(source.sourceReference, line);
    return va === undefined ? [] : [{ va, line }];
  }
  const { symbols } = session;
  const path = source.path ?? '';
  const inColumn = column === undefined ? [] : symbols.addressesOf(path, line, column);
  return inColumn.length > 0 ? inColumn : symbols.addressesOf(path, line);
}
