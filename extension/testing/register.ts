// Check files in the Testing view: each expectation is a test, run by the command-line tool on a configuration's kernel.

import * as vscode from 'vscode';
import { Commands } from '../manifest.ts';
import { checkArguments } from './arguments.ts';
import { configurationOf, variablesFor } from './kernels.ts';
import { type CheckLine, checkLines, keyOf, messageOf, outcomeOf } from './results.ts';
import { runTool } from './tool.ts';

const files = '**/*.pagewalk-map';

export function registerChecks(context: vscode.ExtensionContext): vscode.TestController {
  const controller = vscode.tests.createTestController('pagewalk.maps', 'Memory Maps');
  const read = async (uri: vscode.Uri) => {
    const name = vscode.workspace.asRelativePath(uri);
    const item = controller.items.get(uri.toString()) ?? controller.createTestItem(uri.toString(), name, uri);
    controller.items.add(item);
    await list(context, controller, item);
  };
  const discover = async () => {
    const found = await vscode.workspace.findFiles(files, '**/{node_modules,.git}/**');
    const known = new Set(found.map(String));
    for (const [id] of controller.items) if (!known.has(id)) controller.items.delete(id);
    await Promise.all(found.map(read));
  };
  controller.resolveHandler = (item) => (item?.uri && item.uri.toString() === item.id ? read(item.uri) : discover());
  controller.refreshHandler = discover;
  const profile = controller.createRunProfile(
    'Check',
    vscode.TestRunProfileKind.Run,
    (request, token) => run(context, controller, request, token),
    true,
  );
  profile.configureHandler = () => void vscode.commands.executeCommand(Commands.chooseKernelOfChecks);
  const watcher = vscode.workspace.createFileSystemWatcher(files);
  context.subscriptions.push(
    controller,
    watcher,
    watcher.onDidCreate(read),
    watcher.onDidChange(read),
    watcher.onDidDelete((uri) => controller.items.delete(uri.toString())),
    vscode.commands.registerCommand(Commands.chooseKernelOfChecks, async () => {
      for (const [, item] of controller.items)
        if (item.uri) await configurationOf(item.uri, context.workspaceState, true);
    }),
  );
  void discover();
  return controller;
}

/** Makes the children of a file's item: what the tool reads in it, or why it cannot. */
async function list(context: vscode.ExtensionContext, controller: vscode.TestController, item: vscode.TestItem) {
  const uri = item.uri as vscode.Uri;
  const token = new vscode.CancellationTokenSource().token;
  const { stdout, stderr } = await runTool(
    context.extensionUri,
    ['check', uri.fsPath, '--list', '--format', 'json'],
    undefined,
    token,
  );
  item.error = stderr.trim() || undefined;
  item.children.replace(
    checkLines(stdout).map((line) => {
      const child = controller.createTestItem(`${uri}#${keyOf(line)}`, line.text, uri);
      child.description = `at ${line.point}`;
      child.range = new vscode.Range(line.line - 1, line.column - 1, line.line - 1, line.column - 1 + line.text.length);
      child.sortText = String(line.line).padStart(6, '0');
      return child;
    }),
  );
}

/** Runs the files of what was asked for; one run of a kernel judges all expectations of a file. */
async function run(
  context: vscode.ExtensionContext,
  controller: vscode.TestController,
  request: vscode.TestRunRequest,
  token: vscode.CancellationToken,
): Promise<void> {
  const all = [...controller.items].map(([, item]) => item);
  const asked = request.include ?? all;
  const wanted = new Set(asked.map((item) => item.parent ?? item));
  const test = controller.createTestRun(request);
  for (const file of wanted) {
    if (token.isCancellationRequested) break;
    const children = [...file.children].map(([, item]) => item);
    const judged = asked.includes(file) ? children : children.filter((item) => asked.includes(item));
    const tests = judged.filter((item) => !request.exclude?.includes(item));
    for (const item of tests) test.started(item);
    await check(context, file, tests, test, token);
  }
  test.end();
}

async function check(
  context: vscode.ExtensionContext,
  file: vscode.TestItem,
  tests: readonly vscode.TestItem[],
  test: vscode.TestRun,
  token: vscode.CancellationToken,
): Promise<void> {
  const uri = file.uri as vscode.Uri;
  const configuration = await configurationOf(uri, context.workspaceState);
  if (!configuration) {
    for (const item of tests) test.skipped(item);
    return;
  }
  const folder = vscode.workspace.getWorkspaceFolder(uri);
  const text = (await vscode.workspace.openTextDocument(uri)).getText();
  const args = checkArguments(uri.fsPath, text, configuration, variablesFor(folder));
  test.appendOutput(`pagewalk ${args.join(' ')}\r\n`);
  const { stdout, stderr } = await runTool(context.extensionUri, args, folder?.uri.fsPath, token);
  const lines = checkLines(stdout);
  const said = stderr.trim();
  if (said) test.appendOutput(`${said.replaceAll('\n', '\r\n')}\r\n`);
  for (const item of tests)
    tell(
      test,
      item,
      lines.filter((line) => item.id.endsWith(`#${keyOf(line)}`)),
      said,
    );
}

function tell(test: vscode.TestRun, item: vscode.TestItem, lines: readonly CheckLine[], said: string): void {
  const line = outcomeOf(lines);
  const at = item.uri && item.range ? new vscode.Location(item.uri, item.range) : undefined;
  if (line) test.appendOutput(`${line.state}: ${line.text} at ${line.point}\r\n`, at, item);
  if (line?.state === 'passed') test.passed(item);
  else if (line?.state === 'skipped') test.skipped(item);
  if (line && line.state !== 'failed') return;
  const message = new vscode.TestMessage(line ? messageOf(line) : said || 'The kernel could not be checked.');
  if (at) message.location = at;
  if (line?.expected !== undefined) message.expectedOutput = line.expected;
  if (line?.actual !== undefined) message.actualOutput = line.actual;
  if (line) test.failed(item, message);
  else test.errored(item, message);
}
