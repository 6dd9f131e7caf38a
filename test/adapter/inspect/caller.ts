// What a session tells of the function that called the one in which its guest stands.

import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Client } from './client.ts';

export interface Caller {
  /** Without an offset. */
  readonly name: string;
  readonly frameId: number | undefined;
  readonly rows: readonly DebugProtocol.Variable[];
}

/** The caller of the innermost function, which is called `leaf`. */
export async function callerOfLeaf(client: Client): Promise<Caller> {
  const { stackFrames } = await client.request<DebugProtocol.StackTraceResponse['body']>('stackTrace', { threadId: 1 });
  const frame = stackFrames[1];
  const { scopes } = await client.request<DebugProtocol.ScopesResponse['body']>('scopes', { frameId: frame?.id });
  const rows = await childrenOf(
    client,
    scopes.find(({ name }) => name === 'Locals'),
  );
  return { name: frame?.name.replace(/[+.].*/, '') ?? '', frameId: frame?.id, rows };
}

/** The rows below one. */
export async function childrenOf(
  client: Client,
  { variablesReference = 0 }: { readonly variablesReference?: number } = {},
): Promise<readonly DebugProtocol.Variable[]> {
  const body = await client.request<DebugProtocol.VariablesResponse['body']>('variables', { variablesReference });
  return body.variables;
}
