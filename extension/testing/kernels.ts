// The kernel that a check file is about: that of a launch configuration in its folder.

import * as vscode from 'vscode';
import { configurationFor } from '../debug/configurations.ts';
import { chooseKernel } from '../debug/find-kernels.ts';
import { debugType } from '../manifest.ts';

const key = 'pagewalk.kernelOfChecks';

/** The only configuration there is, or the one that was chosen before for this folder; else the user is asked. */
export async function configurationOf(
  file: vscode.Uri,
  memento: vscode.Memento,
  ask = false,
): Promise<vscode.DebugConfiguration | undefined> {
  const folder = vscode.workspace.getWorkspaceFolder(file);
  const launch = vscode.workspace.getConfiguration('launch', file);
  const all = launch
    .get<vscode.DebugConfiguration[]>('configurations', [])
    .filter(({ type, request }) => type === debugType && request === 'launch');
  const chosen = memento.get<Record<string, string>>(key, {});
  const place = file.toString();
  const known = all.find(({ name }) => name === chosen[place]) ?? (all.length === 1 ? all[0] : undefined);
  if (known && !ask) return known;
  if (all.length === 0) {
    const kernel = await chooseKernel(folder);
    return kernel && configurationFor(kernel);
  }
  const placeHolder = `Which configuration's kernel is ${vscode.workspace.asRelativePath(file)} about?`;
  const picked = await vscode.window.showQuickPick(
    all.map((configuration) => ({ label: configuration.name, description: configuration.program, configuration })),
    { placeHolder },
  );
  if (picked) await memento.update(key, { ...chosen, [place]: picked.label });
  return picked?.configuration;
}

/** What `${…}` stands for in a configuration of that folder. */
export function variablesFor(folder: vscode.WorkspaceFolder | undefined): Record<string, string> {
  if (!folder) return {};
  return { workspaceFolder: folder.uri.fsPath, workspaceRoot: folder.uri.fsPath, workspaceFolderBasename: folder.name };
}
