// Modules and their sources.

import type { DebugProtocol } from '@vscode/debugprotocol';
import { moduleRow } from '../modules/announce.ts';
import type { SessionContext } from '../session-context.ts';

export function modules(
  { symbols }: SessionContext,
  { startModule = 0, moduleCount = 0 }: DebugProtocol.ModulesArguments,
): DebugProtocol.ModulesResponse['body'] {
  const end = moduleCount > 0 ? startModule + moduleCount : undefined;
  return { modules: symbols.modules.slice(startModule, end).map(moduleRow), totalModules: symbols.modules.length };
}
