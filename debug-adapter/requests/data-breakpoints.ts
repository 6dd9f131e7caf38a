// Data breakpoints on CSRs and on ranges of virtual or physical memory, any number and any length.

import type { DebugProtocol } from '@vscode/debugprotocol';
import { hex, type VirtAddr, virt } from '../../emulator/address.ts';
import { UserError } from '../../emulator/user-error.ts';
import { looksLikePlace, parsePlace } from '../../kernel/index.ts';
import { strip } from '../../symbols/index.ts';
import { isEvent, memoryDataId, parseDataId } from '../breakpoints/data-id.ts';
import { parseEvent } from '../events/expression.ts';
import { evaluateAddress, evaluateText, type Location, locateText } from '../expressions/index.ts';
import { scopeOf } from '../program/scope.ts';
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
  if (data.kind === 'event') return eventInfo(session, data.event, args.mode);
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

/** An event as data: `csr:satp`, `map:0x1000+4K`, `map-wx`. With mode `change` a CSR counts only when it changes. */
function eventInfo({ symbols }: SessionContext, event: string, mode: string | undefined): Info {
  const names = { xlen: symbols.xlen, valueOf: (name: string) => symbols.named(name)[0] };
  const dataId = mode === 'change' && /^csr:[^/]*$/i.test(event) ? `${event}/change` : event;
  const { label } = parseEvent(dataId, names);
  return { dataId, description: label, accessTypes: ['write'], canPersist: true };
}

/** What `name` stands for in the mode `translation`: the mapping of an address, or of what an expression is about. */
function translationId(session: SessionContext, args: DebugProtocol.DataBreakpointInfoArguments): string {
  const { name, bytes, frameId } = args;
  const size = bytes === undefined ? '' : `+${Math.trunc(bytes)}`;
  if (looksLikePlace(name)) return `${/^\s*pa:/i.test(name) ? 'maps' : 'map'}:${name.trim()}${size}`;
  const { bits } = evaluateAddress(name, scopeOf(session, session.hart(frameId), session.frame(frameId)));
  return `map:${hex(virt(bits))}${size}`;
}

function idOf(session: SessionContext, args: DebugProtocol.DataBreakpointInfoArguments): string | undefined {
  const { variablesReference, name, asAddress, frameId } = args;
  if (isEvent(name)) return name.trim();
  if (args.mode === 'translation') return translationId(session, args);
  if (variablesReference) return dataIdOfVariable(session, variablesReference, name);
  if (asAddress) {
    const place = parsePlace(name);
    return memoryDataId(place.space, place.address, 1n, false);
  }
  const { machine } = session;
  const scope = scopeOf(session, session.hart(frameId), session.frame(frameId));
  const { location } = locateText(name, scope);
  if (location) return wholeObjectId(session, location) ?? dataIdOf({ scope }, location);
  const { value } = evaluateText(name, scope);
  const word = BigInt(machine.xlen / 8);
  if (value.space?.kind === 'physical') return memoryDataId('physical', value.bits, word, false);
  return objectId(session, virt(value.bits)) ?? memoryDataId('virtual', value.bits, word, false);
}

/** Of a variable that fills a symbol. */
function wholeObjectId(session: SessionContext, location: Location): string | undefined {
  if (location.kind !== 'memory' || location.space.kind !== 'here' || location.bits) return undefined;
  const address = virt(location.address);
  const { size } = strip(location.type);
  return session.symbols.symbolAt(address)?.size === BigInt(size ?? 0) ? objectId(session, address) : undefined;
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
