// Explains the trap that the kernel stopped at: a hover on the line that trapped, and a document by command.

import type { DebugProtocol } from '@vscode/debugprotocol';
import * as vscode from 'vscode';
import type { ExplainBody } from '../../debug-adapter/protocol/requests.ts';
import type { SessionTracker } from '../debug/session.ts';
import { Commands, ContextKeys, hoverLanguages, Schemes } from '../manifest.ts';
import { trapMarkdown, trapText } from './trap.ts';

/** The trap of a state, and the line that took it. */
interface TrappedLine {
  readonly stop: number;
  readonly trap: ExplainBody;
  readonly path?: string;
  readonly line?: number;
}

export function registerTrapExplanation(context: vscode.ExtensionContext, tracker: SessionTracker): void {
  let last: Promise<TrappedLine | undefined> | undefined;
  let stop = -1;
  /** Asked for once at each stop. */
  const trapped = () => {
    if (!tracker.stopped) return undefined;
    if (stop !== tracker.stop) last = askTrappedLine(tracker).catch(() => undefined);
    stop = tracker.stop;
    return last;
  };

  const changed = new vscode.EventEmitter<vscode.Uri>();
  const uri = vscode.Uri.from({ scheme: Schemes.trap, path: '/Trap' });
  context.subscriptions.push(
    changed,
    tracker.onDidChange(async () => {
      if (!tracker.stopped) return;
      changed.fire(uri);
      await vscode.commands.executeCommand('setContext', ContextKeys.inTrap, (await trapped()) !== undefined);
    }),
    vscode.workspace.registerTextDocumentContentProvider(Schemes.trap, {
      onDidChange: changed.event,
      provideTextDocumentContent: async () => {
        const found = await trapped();
        return found ? trapText(found.trap) : 'The hart is in no trap.\n';
      },
    }),
    vscode.commands.registerCommand(Commands.explainTrap, async () => {
      const document = await vscode.workspace.openTextDocument(uri);
      await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true });
    }),
    vscode.languages.registerHoverProvider([...hoverLanguages], {
      provideHover: async (document, position) => {
        const found = await trapped();
        if (!found || found.path !== document.uri.fsPath || found.line !== position.line + 1) return undefined;
        const link = `[Explain this trap](command:${Commands.explainTrap})`;
        const text = new vscode.MarkdownString(`${trapMarkdown(found.trap)}\n\n${link}`, true);
        text.isTrusted = { enabledCommands: [Commands.explainTrap] };
        return new vscode.Hover(text);
      },
    }),
  );
}

async function askTrappedLine(tracker: SessionTracker): Promise<TrappedLine | undefined> {
  const { session, hart, stop } = tracker;
  if (!session) return undefined;
  const trap = await tracker.ask('pagewalk/explain', { hart });
  const args: DebugProtocol.StackTraceArguments = { threadId: hart + 1, levels: 20 };
  const { stackFrames }: DebugProtocol.StackTraceResponse['body'] = await session.customRequest('stackTrace', args);
  const frame = stackFrames.find(
    ({ instructionPointerReference }) =>
      instructionPointerReference !== undefined && BigInt(instructionPointerReference) === BigInt(trap.pc),
  );
  const path = frame?.source?.path;
  return { stop, trap, ...(frame && path && { path, line: frame.line }) };
}
