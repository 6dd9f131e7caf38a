// Runs the command-line tool that comes with the extension.

import { spawn } from 'node:child_process';
import * as vscode from 'vscode';

export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  /** null = it was ended. */
  readonly code: number | null;
}

/** Never rejects: what goes wrong is in `stderr`. */
export function runTool(
  extensionUri: vscode.Uri,
  args: readonly string[],
  folder: string | undefined,
  token: vscode.CancellationToken,
): Promise<Ran> {
  const tool = vscode.Uri.joinPath(extensionUri, 'dist', 'pagewalk.mjs').fsPath;
  // On the desktop the runtime is Electron, which this variable turns into plain Node; Node ignores it.
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [tool, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const heard = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        heard[name] += text;
      });
    }
    const ended = token.onCancellationRequested(() => child.kill());
    const end = (code: number | null, problem = '') => {
      ended.dispose();
      resolve({ stdout: heard.stdout, stderr: heard.stderr + problem, code });
    };
    child.on('error', (error) => end(null, error.message));
    child.on('close', (code) => end(code));
  });
}
