// The kernel that is debugged, as the kernel room reads it: its variables and types, its memory as a hart sees it.

import { virt } from '../../emulator/address.ts';
import type { HartView } from '../../emulator/inspection.ts';
import { currentSpace, virtualReader } from '../../kernel/index.ts';
import type { KernelProgram } from '../../kernel/objects/object.ts';
import type { SessionContext } from '../session-context.ts';
import { addressOf, Lookup } from './lookup.ts';

/** What a session, or a run of the command-line tool, debugs. */
type Debugged = Pick<SessionContext, 'machine' | 'symbols'>;

/** Sessions in which Linux's tasks have been asked for. */
const asked = new WeakSet<Debugged>();

/** Whether tasks can be named without looking through a large file first: somebody has asked for them before. */
export function knowsTasks(session: Debugged): boolean {
  return asked.has(session);
}

/** What judging a map of the kernel takes, besides the map. */
export function judgedOf({ machine, symbols }: Debugged, hart: HartView) {
  const { images } = symbols;
  return { machine, hart, symbols, images, program: kernelProgramOf({ machine, symbols }, hart) };
}

export function kernelProgramOf(session: Debugged, hart: HartView): KernelProgram {
  const { machine, symbols } = session;
  const lookup = new Lookup(symbols.modules.filter(({ space }) => space === 'kernel'));
  const read = virtualReader(machine, currentSpace(machine, hart), symbols.images);
  return {
    xlen: machine.xlen,
    type(name) {
      const type = lookup.type(name);
      if (type && name === 'struct task_struct') asked.add(session);
      return type;
    },
    symbol: (name) => symbols.valueOf(name),
    variable(name) {
      const found = lookup.variable(name);
      const address = found && addressOf(found);
      return found && address !== undefined ? { type: found.variable.type, address } : undefined;
    },
    read(address, size) {
      const bytes = read(virt(address), size);
      return bytes.length < size ? undefined : bytes;
    },
  };
}
