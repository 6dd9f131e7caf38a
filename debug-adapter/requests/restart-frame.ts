// restartFrame: back to the entry of the innermost function, where that is exact.

import type { DebugProtocol } from '@vscode/debugprotocol';
import { hex } from '../../emulator/address.ts';
import { UserError } from '../../emulator/user-error.ts';
import { restartOf } from '../run-control/restart-frame.ts';
import type { SessionContext } from '../session-context.ts';

export function restartFrame(session: SessionContext, { frameId }: DebugProtocol.RestartFrameArguments): void {
  if (session.running) throw new UserError('The machine is running: pause it first.');
  const hart = session.hart(frameId);
  const { pc, registers } = restartOf(session, session.frame(frameId), hart);
  const { machine, symbols, host } = session;
  for (const [number, value] of registers)
    machine.setX(hart.id, number, BigInt.asUintN(64, BigInt.asIntN(machine.xlen, value)));
  machine.setPc(hart.id, pc);
  const description = `Back at the entry of ${symbols.nameOf(pc) || hex(pc)}`;
  // Behind the answer.
  void host
    .breathe()
    .then(() => session.runControl.stop({ reason: 'restart', description, hart: hart.id, breakpointIds: [] }));
}
