// Launch configurations: offered for the kernels in the folder, completed when F5 is pressed without a launch.json.
// The words are those of debug-adapter/protocol/launch.ts.

import * as vscode from 'vscode';
import type { LaunchConfiguration } from '../../debug-adapter/protocol/launch.ts';
import { debugType } from '../manifest.ts';
import { armed } from '../views/mmu-breakpoints/rows.ts';
import type { MmuBreakpoints } from '../views/mmu-breakpoints/store.ts';
import { chooseKernel, findKernels } from './find-kernels.ts';

type Configuration = vscode.DebugConfiguration & Partial<LaunchConfiguration>;

/** The configuration for one kernel, with paths as launch.json writes them. */
export function configurationFor(program: vscode.Uri): Configuration {
  const folder = vscode.workspace.getWorkspaceFolder(program);
  const relative = vscode.workspace.asRelativePath(program, false);
  return {
    type: debugType,
    request: 'launch',
    name: `Debug ${relative.split('/').at(-1)}`,
    program: folder ? `\${workspaceFolder}/${relative}` : program.fsPath,
  };
}

/** For a new launch.json in a folder whose kernel is not built yet. */
export const toBeBuilt: Configuration = {
  type: debugType,
  request: 'launch',
  name: 'Debug kernel',
  program: `\${workspaceFolder}/kernel.elf`,
};

/** Offers a configuration for each kernel in the folder: for a new launch.json, and for the list of the Run view. */
export class OfferedConfigurations implements vscode.DebugConfigurationProvider {
  private readonly fallback: Configuration[];

  /** `fallback` is offered where there is no kernel yet. */
  constructor(fallback: Configuration[]) {
    this.fallback = fallback;
  }

  async provideDebugConfigurations(folder?: vscode.WorkspaceFolder): Promise<Configuration[]> {
    const kernels = await findKernels(folder);
    return kernels.length ? kernels.slice(0, 10).map(configurationFor) : this.fallback;
  }
}

/** Completes a configuration that is about to start. What its values mean, the debug adapter says. */
export class ResolvedConfigurations implements vscode.DebugConfigurationProvider {
  private readonly breakpoints: MmuBreakpoints;

  constructor(breakpoints: MmuBreakpoints) {
    this.breakpoints = breakpoints;
  }

  async resolveDebugConfiguration(
    folder: vscode.WorkspaceFolder | undefined,
    configuration: vscode.DebugConfiguration,
  ): Promise<vscode.DebugConfiguration | undefined> {
    // What is on in MMU Breakpoints goes along: the kernel may run before anyone could send it.
    const ours = { __terminal: true, __mmuBreakpoints: armed(this.breakpoints.all) };
    // Without a launch.json VS Code passes an empty object.
    if (configuration.type) return { ...configuration, ...ours };
    const kernel = await chooseKernel(folder);
    return kernel && { ...configurationFor(kernel), ...ours };
  }
}
