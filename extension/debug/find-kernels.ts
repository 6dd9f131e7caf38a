// Looks for kernels in the open folders.

import { open } from 'node:fs/promises';
import * as vscode from 'vscode';
import { byLikelihood, headerSize, kernelKind } from './kernel-file.ts';

/** Names that kernels have; only files with such a name are opened. */
const names = '**/{Image,vmlinux*,kernel*,*.elf,*.out,*.img,*.bin}';
const elsewhere = '**/{node_modules,.git,.cache}/**';
const mostFiles = 200;

/** What `uri` is, or undefined when it is no kernel for RISC-V or cannot be read. */
export async function kindOf(uri: vscode.Uri): Promise<'elf' | 'image' | undefined> {
  if (uri.scheme !== 'file') return undefined;
  const file = await open(uri.fsPath).catch(() => undefined);
  const read = await file?.read(new Uint8Array(headerSize), 0, headerSize, 0).catch(() => undefined);
  await file?.close();
  return read && kernelKind(read.buffer.subarray(0, read.bytesRead));
}

/** Kernels below `folder` (default: all open folders), the likeliest first. */
export async function findKernels(folder?: vscode.WorkspaceFolder): Promise<vscode.Uri[]> {
  const pattern = folder ? new vscode.RelativePattern(folder, names) : names;
  const files = await vscode.workspace.findFiles(pattern, elsewhere, mostFiles);
  const kinds = await Promise.all(files.map(kindOf));
  return files.filter((_, index) => kinds[index]).sort((a, b) => byLikelihood(a.path, b.path));
}

/** The file in the active editor, when it is a kernel. */
export async function kernelInEditor(): Promise<vscode.Uri | undefined> {
  const input: unknown = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const uri = input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom ? input.uri : undefined;
  return uri && (await kindOf(uri)) ? uri : undefined;
}

/** The kernel to debug when nobody named one: the one in the editor, the only one there is, or the one picked. */
export async function chooseKernel(folder?: vscode.WorkspaceFolder): Promise<vscode.Uri | undefined> {
  const shown = await kernelInEditor();
  if (shown) return shown;
  const found = await findKernels(folder);
  if (found.length === 1) return found[0];
  if (found.length > 1) {
    const items = found.map((uri) => ({ label: vscode.workspace.asRelativePath(uri), uri }));
    const picked = await vscode.window.showQuickPick(items, { placeHolder: 'Which kernel do you want to debug?' });
    return picked?.uri;
  }
  const chosen = await vscode.window.showOpenDialog({
    title: 'Choose a RISC-V kernel: an ELF or a raw Linux Image',
    openLabel: 'Debug',
    ...(folder && { defaultUri: folder.uri }),
  });
  return chosen?.[0];
}
