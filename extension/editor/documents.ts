// Read-only documents of memory and disassembly at an address: the places that clicks in the views lead to.
// They are asked for by DAP's own readMemory and disassemble, and follow every stop.

import type { DebugProtocol } from '@vscode/debugprotocol';
import * as vscode from 'vscode';
import type { SessionTracker } from '../debug/session.ts';
import { Commands, Schemes } from '../manifest.ts';
import type { Row } from '../views/row.ts';
import { hexLines } from './hex-lines.ts';
import { listingLines } from './listing-lines.ts';

const memoryBytes = 4096;
const instructionsBefore = 16;
const instructionCount = 272;

class StopDocuments implements vscode.TextDocumentContentProvider {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly tracker: SessionTracker;
  private readonly scheme: string;
  private readonly render: (session: vscode.DebugSession, reference: string) => Promise<string>;
  readonly onDidChange = this.changed.event;
  /** Texts while the guest runs are those of the last stop. */
  private readonly last = new Map<string, string>();

  constructor(scheme: string, tracker: SessionTracker, render: StopDocuments['render']) {
    this.scheme = scheme;
    this.tracker = tracker;
    this.render = render;
    tracker.onDidChange(() => {
      if (!tracker.stopped) return;
      for (const { uri } of vscode.workspace.textDocuments) if (uri.scheme === scheme) this.changed.fire(uri);
    });
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const key = uri.toString();
    const { session } = this.tracker;
    if (session && this.tracker.stopped) {
      try {
        this.last.set(key, await this.render(session, uri.query));
      } catch (error) {
        return `${uri.query}: ${error instanceof Error ? error.message : error}\n`;
      }
    }
    return this.last.get(key) ?? `${uri.query}: shown while a kernel is stopped.\n`;
  }

  /** Shows the document of `reference`, its line that starts with `address` in view and selected. */
  async show(reference: string, suffix: string, address: bigint): Promise<void> {
    const uri = vscode.Uri.from({
      scheme: this.scheme,
      path: `/${reference.replaceAll('/', '')}${suffix}`,
      query: reference,
    });
    const document = await vscode.workspace.openTextDocument(uri);
    const editor = await vscode.window.showTextDocument(document, { preview: true });
    const text = `0x${address.toString(16).padStart(16, '0')}`;
    const line = Math.max(
      0,
      document
        .getText()
        .split('\n')
        .findIndex((line) => line.startsWith(text)),
    );
    editor.selection = new vscode.Selection(line, 0, line, 0);
    editor.revealRange(editor.selection, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }
}

async function memoryText(session: vscode.DebugSession, reference: string): Promise<string> {
  const args: DebugProtocol.ReadMemoryArguments = { memoryReference: reference, count: memoryBytes };
  const body: DebugProtocol.ReadMemoryResponse['body'] = await session.customRequest('readMemory', args);
  const bytes = Buffer.from(body?.data ?? '', 'base64');
  return hexLines(BigInt(body?.address ?? addressOf(reference)), bytes, body?.unreadableBytes ?? 0);
}

async function disassemblyText(session: vscode.DebugSession, reference: string): Promise<string> {
  const args: DebugProtocol.DisassembleArguments = {
    memoryReference: reference,
    instructionOffset: -instructionsBefore,
    instructionCount,
    resolveSymbols: true,
  };
  const body: DebugProtocol.DisassembleResponse['body'] = await session.customRequest('disassemble', args);
  return listingLines(body?.instructions ?? []);
}

/** The number in a memory reference: of `va:0x10@0x80000000:sv39` that is 0x10. */
function addressOf(reference: string): bigint {
  return BigInt(/0x[0-9a-f]+/i.exec(reference)?.[0] ?? 0);
}

export function registerDocuments(context: vscode.ExtensionContext, tracker: SessionTracker): void {
  const memory = new StopDocuments(Schemes.memory, tracker, memoryText);
  const listing = new StopDocuments(Schemes.disassembly, tracker, disassemblyText);

  const showMemory = async (reference: string | undefined) => {
    const chosen = reference ?? (await askAddress('Show memory'));
    if (chosen) await memory.show(chosen, ' memory', addressOf(chosen) & ~0xfn);
  };
  const showDisassembly = async (reference: string | undefined) => {
    const chosen = reference ?? (await askAddress('Show disassembly'));
    if (chosen) await listing.show(chosen, ' disassembly.s', addressOf(chosen));
  };
  const { registerCommand } = vscode.commands;
  context.subscriptions.push(
    vscode.workspace.registerTextDocumentContentProvider(Schemes.memory, memory),
    vscode.workspace.registerTextDocumentContentProvider(Schemes.disassembly, listing),
    registerCommand(Commands.openMemory, (row?: Row) => showMemory(row?.memory)),
    registerCommand(Commands.openDisassembly, (row?: Row) => showDisassembly(row?.code)),
    registerCommand(Commands.openEntry, (row?: Row) => showMemory(row?.entry)),
  );
}

function askAddress(title: string): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title,
    prompt: 'An address: 0x… is virtual here and now, pa:0x… physical, va:0x…@0xROOT:sv39 in another address space',
    value: '0x',
    validateInput: (text) =>
      /0x[0-9a-f]+/i.test(text) ? undefined : 'Write an address with 0x, such as pa:0x80200000.',
  });
}
