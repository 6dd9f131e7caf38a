// Modules and their sources.

import type { DebugProtocol } from '@vscode/debugprotocol';
import { UserError } from '../../emulator/user-error.ts';
import { moduleRow } from '../modules/announce.ts';
import type { SessionContext } from '../session-context.ts';

export function modules(
  { symbols }: SessionContext,
  { startModule = 0, moduleCount = 0 }: DebugProtocol.ModulesArguments,
): DebugProtocol.ModulesResponse['body'] {
  const end = moduleCount > 0 ? startModule + moduleCount : undefined;
  return { modules: symbols.modules.slice(startModule, end).map(moduleRow), totalModules: symbols.modules.length };
}

/** The source files that are here, of all modules. */
export function loadedSources({ symbols }: SessionContext): DebugProtocol.LoadedSourcesResponse['body'] {
  return { sources: symbols.sources() };
}

/** What is shown in place of a source that is not here. */
export function source(
  { listings }: SessionContext,
  args: DebugProtocol.SourceArguments,
): DebugProtocol.SourceResponse['body'] {
  const reference = args.source?.sourceReference || args.sourceReference;
  if (!reference) throw new UserError('Only sources that are not here have a content to ask for; others are files.');
  return { content: listings.text(reference), mimeType: 'text/x-riscv-asm' };
}
