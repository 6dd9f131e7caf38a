// Modules and their sources.

import type { DebugProtocol } from '@vscode/debugprotocol';
import { paText } from '../../emulator/address.ts';
import { UserError } from '../../emulator/user-error.ts';
import { deviceTreeOf } from '../../kernel/reservations.ts';
import { moduleRow } from '../modules/announce.ts';
import type { SessionContext } from '../session-context.ts';

export function modules(
  { symbols }: SessionContext,
  { startModule = 0, moduleCount = 0 }: DebugProtocol.ModulesArguments,
): DebugProtocol.ModulesResponse['body'] {
  const end = moduleCount > 0 ? startModule + moduleCount : undefined;
  return { modules: symbols.modules.slice(startModule, end).map(moduleRow), totalModules: symbols.modules.length };
}

/** Listings are numbered from 1; there are never so many. */
const DEVICE_TREE = 1_000_000_000;

/** The source files that are here, of all modules; and the device tree that the kernel was given, as text. */
export function loadedSources({ symbols, machine }: SessionContext): DebugProtocol.LoadedSourcesResponse['body'] {
  const tree: DebugProtocol.Source = {
    name: 'device tree.dts',
    sourceReference: DEVICE_TREE,
    origin: 'the device tree that the kernel was given',
  };
  return { sources: [...symbols.sources(), ...(deviceTreeOf(machine) ? [tree] : [])] };
}

/** What is shown in place of a source that is not here. */
export function source(
  { listings, machine }: SessionContext,
  args: DebugProtocol.SourceArguments,
): DebugProtocol.SourceResponse['body'] {
  const reference = args.source?.sourceReference || args.sourceReference;
  if (!reference) throw new UserError('Only sources that are not here have a content to ask for; others are files.');
  if (reference === DEVICE_TREE) {
    const tree = deviceTreeOf(machine);
    if (!tree) throw new UserError('There is no device tree in memory any more: the kernel has used its place.');
    return { content: `// At ${paText(tree.address)}, ${tree.size} bytes.\n\n${tree.text}`, mimeType: 'text/x-dts' };
  }
  return { content: listings.text(reference), mimeType: 'text/x-riscv-asm' };
}
