// Data breakpoints on CSRs and on ranges of virtual or physical memory, any number and any length.

import type { DebugProtocol } from '@vscode/debugprotocol';
import { type VirtAddr, virt } from '../../emulator/address.ts';
import { UserError } from '../../emulator/user-error.ts';
import { parsePlace } from '../../kernel/index.ts';
import { memoryDataId, parseDataId } from '../breakpoints/data-id.ts';
import { evaluateText } from '../expressions/index.ts';
import type { SessionContext } from '../session-context.ts';
import { dataIdOf, dataIdOfVariable } from '../variables/index.ts';
import { conditionsOf, replace } from './breakpoints.ts';

type Info = DebugProtocol.DataBreakpointInfoResponse['body'];

export function dataBreakpointInfo(session: SessionContext, args: DebugProtocol.DataBreakpointInfoArguments): Info {
  const id = idOf(session, args);
  if (id === undefined) {
    const description = `${args.name} cannot be watched: only CSRs and memory can. Watch *${args.name} for what it points to.`;
    return { dataId: null, description };
  }
  const data = parseDataId(id);
  if (data.kind === 'csr') {
    return { dataId: id, description: `writes to ${data.name}`, accessTypes: ['write'], canPersist: true };
  }
  const size = args.bytes === undefined ? data.size : BigInt(Math.trunc(args.bytes));
  if (size === 0n) throw new UserError(`"bytes" is 0: there is nothing to watch at ${args.name}.`);
  const dataId = memoryDataId(data.space, data.address, size, args.mode === 'change');
  const watched = parseDataId(dataId);
  const bytes = watched.kind === 'memory' ? watched.size : 0n;
  return {
    dataId,
    description: `${dataId.split('/')[0]} (${bytes} ${bytes === 1n ? 'byte' : 'bytes'})`,
    accessTypes: args.mode === 'change' ? ['write'] : ['read', 'write', 'readWrite'],
    canPersist: true,
  };
}

function idOf(session: SessionContext, args: DebugProtocol.DataBreakpointInfoArguments): string | undefined {
  const { variablesReference, name, asAddress, frameId } = args;
  if (variablesReference) return dataIdOfVariable(session, variablesReference, name);
  if (asAddress) {
    const place = parsePlace(name);
    return memoryDataId(place.space, place.address, 1n, false);
  }
  const { machine, symbols } = session;
  const scope = { machine, hart: session.hart(frameId), symbols };
  const { value } = evaluateText(name, scope);
  if (value.location) return dataIdOf({ scope }, value.location);
  const word = BigInt(machine.xlen / 8);
  if (value.space?.kind === 'physical') return memoryDataId('physical', value.bits, word, false);
  return objectId(session, virt(value.bits)) ?? memoryDataId('virtual', value.bits, word, false);
}

/** An object of the kernel is watched where it is loaded: then it is seen before paging and through every mapping. */
function objectId({ symbols }: SessionContext, address: VirtAddr): string | undefined {
  const symbol = symbols.symbolAt(address);
  const load = symbols.loadAddress(address);
  if (symbol?.offset !== 0n || symbol.size === 0n || load === undefined) return undefined;
  return memoryDataId('physical', load, symbol.size, false);
}

export function setDataBreakpoints(
  session: SessionContext,
  { breakpoints }: DebugProtocol.SetDataBreakpointsArguments,
): DebugProtocol.SetDataBreakpointsResponse['body'] {
  const wanted = breakpoints.map(
    ({ dataId, accessType: access = 'write', ...rest }) =>
      ({ kind: 'data', dataId, access, ...conditionsOf(rest) }) as const,
  );
  return replace(session, 'data', wanted);
}
