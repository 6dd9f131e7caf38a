// The debug adapter runs as a process of its own, on the editor's own runtime: no other Node is needed.

import * as vscode from 'vscode';

export class AdapterFactory implements vscode.DebugAdapterDescriptorFactory {
  private readonly program: string;

  constructor(extensionUri: vscode.Uri) {
    this.program = vscode.Uri.joinPath(extensionUri, 'dist', 'debug-adapter.cjs').fsPath;
  }

  createDebugAdapterDescriptor(): vscode.DebugAdapterDescriptor {
    // On the desktop the runtime is Electron, which this variable turns into plain Node; Node ignores it.
    return new vscode.DebugAdapterExecutable(process.execPath, [this.program], { env: { ELECTRON_RUN_AS_NODE: '1' } });
  }
}
