// Inline values: behind the lines of the stopped function what its variables hold; behind an instruction its registers.

import type { DebugProtocol } from '@vscode/debugprotocol';
import * as vscode from 'vscode';
import { debugType, inlineLanguages } from '../manifest.ts';
import { functionStart, type InlineName, namesOfCode, namesOfInstruction } from './inline-names.ts';

/** Only while a kernel is the session looked at: other debuggers have inline values of their own. */
export function registerInlineValues(context: vscode.ExtensionContext): void {
  let registered: vscode.Disposable | undefined;
  const follow = (session: vscode.DebugSession | undefined) => {
    const wanted = session?.type === debugType;
    if (wanted) {
      registered ??= vscode.languages.registerInlineValuesProvider(
        inlineLanguages.map((language) => ({ language })),
        { provideInlineValues },
      );
    } else {
      registered?.dispose();
      registered = undefined;
    }
  };
  follow(vscode.debug.activeDebugSession);
  context.subscriptions.push(vscode.debug.onDidChangeActiveDebugSession(follow), { dispose: () => follow(undefined) });
}

async function provideInlineValues(
  document: vscode.TextDocument,
  visible: vscode.Range,
  { frameId, stoppedLocation }: vscode.InlineValueContext,
): Promise<vscode.InlineValue[]> {
  const stop = stoppedLocation.end.line;
  if (stop >= document.lineCount) return [];
  // An earlier instruction had other values: a register is used for many things.
  if (document.languageId === 'riscv-asm') return namesOfInstruction(document.lineAt(stop).text, stop).map(inlineValue);
  const locals = await localNames(frameId);
  if (locals.size === 0) return [];
  const lines = Array.from({ length: stop + 1 }, (_, line) => document.lineAt(line).text);
  const first = Math.max(visible.start.line, functionStart(lines, stop, document.languageId));
  return namesOfCode(lines, first, Math.min(stop, visible.end.line), locals).map(inlineValue);
}

function inlineValue({ line, start, end, expression, isVariable }: InlineName): vscode.InlineValue {
  const range = new vscode.Range(line, start, line, end);
  return isVariable
    ? new vscode.InlineValueVariableLookup(range, expression, true)
    : new vscode.InlineValueEvaluatableExpression(range, expression);
}

/** Names in the scope Locals of a frame. */
async function localNames(frameId: number): Promise<ReadonlySet<string>> {
  const session = vscode.debug.activeDebugSession;
  if (!session) return new Set();
  try {
    const { scopes }: DebugProtocol.ScopesResponse['body'] = await session.customRequest('scopes', { frameId });
    const variablesReference = scopes.find(({ presentationHint }) => presentationHint === 'locals')?.variablesReference;
    if (!variablesReference) return new Set();
    const { variables }: DebugProtocol.VariablesResponse['body'] = await session.customRequest('variables', {
      variablesReference,
    });
    return new Set(variables.map(({ name }) => name));
  } catch {
    // The guest runs again: the frame is no more.
    return new Set();
  }
}
