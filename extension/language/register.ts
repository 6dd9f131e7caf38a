// Hovers in sources: VS Code's own debug hover gets the right words, and a hover of ours says how they translate.

import type { DebugProtocol } from '@vscode/debugprotocol';
import * as vscode from 'vscode';
import type { SessionTracker } from '../debug/session.ts';
import { Commands, hoverLanguages, memberLanguages, Schemes } from '../manifest.ts';
import { chainAt } from './c-words.ts';
import { csrMarkdown, translationMarkdown, valueMarkdown } from './translation.ts';
import { type Word, wordAt } from './words.ts';

/** CSRs whose value is an address. */
const addressCsrs = new Set(['stvec', 'sepc', 'stval', 'sscratch', 'mtvec', 'mepc', 'mtval', 'mscratch']);

export function registerHovers(context: vscode.ExtensionContext, tracker: SessionTracker): void {
  const documents: vscode.DocumentFilter[] = [
    ...hoverLanguages.map((language) => ({ language })),
    { scheme: Schemes.memory },
    { scheme: Schemes.disassembly },
  ];
  context.subscriptions.push(
    vscode.languages.registerEvaluatableExpressionProvider(documents, {
      provideEvaluatableExpression: (document, position) => {
        const word = wordOf(document, position);
        return word && new vscode.EvaluatableExpression(rangeOf(word, position), word.expression);
      },
    }),
    vscode.languages.registerHoverProvider(documents, {
      provideHover: async (document, position) => {
        const word = wordOf(document, position);
        if (!word || !tracker.stopped) return undefined;
        const text = await hoverText(tracker, word.expression);
        return text && new vscode.Hover(text, rangeOf(word, position));
      },
    }),
  );
}

/** What is under the mouse: both hovers are about the same. */
function wordOf(document: vscode.TextDocument, { line, character }: vscode.Position): Word | undefined {
  const { text } = document.lineAt(line);
  return memberLanguages.includes(document.languageId) ? chainAt(text, character) : wordAt(text, character);
}

function rangeOf(word: Word, { line }: vscode.Position): vscode.Range {
  return new vscode.Range(line, word.start, line, word.end);
}

/** What `expression` holds and how it translates; undefined when it means nothing to the adapter. */
async function hoverText(tracker: SessionTracker, expression: string): Promise<vscode.MarkdownString | undefined> {
  const { hart, session } = tracker;
  const { csrs } = await tracker.ask('pagewalk/csrs', { hart });
  const csr = csrs.find(({ name }) => name === expression);
  const parts: string[] = [];
  let translates = csr !== undefined && addressCsrs.has(csr.name);
  if (csr) {
    parts.push(csrMarkdown(csr));
  } else {
    const args: DebugProtocol.EvaluateArguments = { expression, context: 'watch', ...frameOf(tracker) };
    const asked: Thenable<DebugProtocol.EvaluateResponse['body']> | undefined = session?.customRequest(
      'evaluate',
      args,
    );
    const value = await asked?.then(undefined, () => undefined);
    if (!value) return undefined;
    parts.push(valueMarkdown(expression, value.result));
    translates = value.variablesReference !== 0;
  }
  if (translates) {
    const walk = await tracker.ask('pagewalk/walk', { address: expression, hart }).catch(() => undefined);
    if (walk) parts.push(translationMarkdown(walk), links(walk.va));
  }
  const text = new vscode.MarkdownString(parts.join('\n\n'), true);
  text.isTrusted = { enabledCommands: [Commands.openMemory, Commands.openDisassembly] };
  return text;
}

function frameOf({ frameId }: SessionTracker): { frameId?: number } {
  return frameId === undefined ? {} : { frameId };
}

function links(va: string): string {
  const link = (title: string, command: string, row: object) =>
    `[${title}](command:${command}?${encodeURIComponent(JSON.stringify([row]))})`;
  return [
    link('Memory', Commands.openMemory, { memory: va }),
    link('Disassembly', Commands.openDisassembly, { code: va }),
  ].join(' · ');
}
