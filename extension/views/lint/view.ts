// The Map Lint view, its badge, and its findings among the editor's Problems.

import * as vscode from 'vscode';
import type { SessionTracker } from '../../debug/session.ts';
import { Commands, Views } from '../../manifest.ts';
import { LazyTree } from '../tree.ts';
import { lintRows, type Problem, problemsOf, seriousFindings } from './rows.ts';

export function lintView(context: vscode.ExtensionContext, tracker: SessionTracker): LazyTree<never> {
  const problems = vscode.languages.createDiagnosticCollection('pagewalk');
  const tree = new LazyTree<never>(Views.lint, tracker, async () => {
    const body = await tracker.ask('pagewalk/lint', {});
    const count = seriousFindings(body);
    tree.view.badge = count ? { value: count, tooltip: `${count} findings in the map` } : undefined;
    tree.view.description = body.profile;
    publish(problems, problemsOf(body));
    return lintRows(body);
  });
  context.subscriptions.push(
    problems,
    vscode.commands.registerCommand(Commands.lint, async () => {
      await vscode.commands.executeCommand(`${Views.lint}.focus`);
      tree.refresh();
    }),
    // What was found in the run before says nothing of this one.
    tracker.onDidBegin(() => {
      problems.clear();
      tree.view.badge = undefined;
      tree.view.description = '';
    }),
  );
  return tree;
}

const severities = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  note: vscode.DiagnosticSeverity.Information,
} as const;

function publish(collection: vscode.DiagnosticCollection, problems: readonly Problem[]): void {
  const files = new Map<string, vscode.Diagnostic[]>();
  for (const { path, line, severity, message, rule } of problems) {
    const range = new vscode.Range(line - 1, 0, line - 1, Number.MAX_SAFE_INTEGER);
    const diagnostic = new vscode.Diagnostic(range, message, severities[severity]);
    diagnostic.source = 'pagewalk';
    diagnostic.code = rule;
    files.set(path, [...(files.get(path) ?? []), diagnostic]);
  }
  collection.clear();
  for (const [path, diagnostics] of files) collection.set(vscode.Uri.file(path), diagnostics);
}
