// Ties the debug type to its adapter and its configurations.

import * as vscode from 'vscode';
import { Commands, debugType } from '../manifest.ts';
import type { MmuBreakpoints } from '../views/mmu-breakpoints/store.ts';
import { AdapterFactory } from './adapter.ts';
import { configurationFor, OfferedConfigurations, ResolvedConfigurations, toBeBuilt } from './configurations.ts';
import { chooseKernel } from './find-kernels.ts';

export function registerDebugging(context: vscode.ExtensionContext, breakpoints: MmuBreakpoints): void {
  const { Initial, Dynamic } = vscode.DebugConfigurationProviderTriggerKind;
  context.subscriptions.push(
    vscode.debug.registerDebugAdapterDescriptorFactory(debugType, new AdapterFactory(context.extensionUri)),
    vscode.debug.registerDebugConfigurationProvider(debugType, new OfferedConfigurations([toBeBuilt]), Initial),
    vscode.debug.registerDebugConfigurationProvider(debugType, new OfferedConfigurations([]), Dynamic),
    vscode.debug.registerDebugConfigurationProvider(debugType, new ResolvedConfigurations(breakpoints)),
    vscode.commands.registerCommand(Commands.debugKernel, async () => debugFile(await chooseKernel())),
    vscode.commands.registerCommand(Commands.debugFile, debugFile),
  );
}

async function debugFile(kernel: vscode.Uri | undefined): Promise<void> {
  if (!kernel) return;
  await vscode.debug.startDebugging(vscode.workspace.getWorkspaceFolder(kernel), configurationFor(kernel));
}
