// The web workbench: VS Code itself as npm packages it (code-server), and the Node it needs for its server.
// Installed once into .cache/workbench, outside the project's own dependencies. Only Node built-ins are used here.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '..', '..');
const home = path.join(root, '.cache', 'workbench');
const CODE_SERVER = '4.139.1';
const NODE = '24.21.0';
const stamp = `code-server ${CODE_SERVER}, node ${NODE}\n`;

/** The platform packages of Node's own npm package carry the binary and need no install script. */
const nodePackage = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
const nodeFolder = path.join(home, 'node_modules', nodePackage, 'bin');

/** The server's Node, and the script to run with it. */
export const workbench = {
  node: path.join(nodeFolder, process.platform === 'win32' ? 'node.exe' : 'node'),
  entry: path.join(home, 'node_modules', 'code-server', 'out', 'node', 'entry.js'),
};

/** Runs npm; what it says is shown only when it fails. */
export function npm(args, { cwd = root, env = process.env, stdio = 'pipe' } = {}) {
  const run = spawnSync('npm', [...args, '--no-audit', '--no-fund'], {
    cwd,
    env,
    stdio,
    shell: process.platform === 'win32',
    encoding: 'utf8',
  });
  if (run.status !== 0) {
    throw new Error(`npm ${args.join(' ')} failed in ${cwd}\n${run.error?.message ?? ''}${run.stderr ?? ''}`);
  }
}

/** Environment for the workbench's processes: free of what an outer editor or npm has put there. */
export function cleanEnvironment() {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(VSCODE_|npm_|NODE_OPTIONS$|PORT$|ELECTRON_|CODE_SERVER)/i.test(name),
  );
  return { ...Object.fromEntries(kept), EXTENSIONS_GALLERY: '{"serviceUrl":""}' };
}

/** Installs the workbench unless this very version is there. */
export function ensureWorkbench() {
  const mark = path.join(home, 'installed.txt');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === stamp) return;
  console.log(`Installing the web workbench (${stamp.trim()}; 600 MB, once) into .cache/workbench …`);
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  writeFileSync(path.join(home, 'package.json'), '{ "private": true }\n');
  npm(['install', '--ignore-scripts', '--save-exact', `${nodePackage}@${NODE}`], { cwd: home });
  // npm refuses engines it is not run by, so let it see the server's Node first.
  const env = { ...process.env, PATH: `${nodeFolder}${path.delimiter}${process.env.PATH ?? ''}` };
  npm(['install', '--ignore-scripts', '--save-exact', `code-server@${CODE_SERVER}`], { cwd: home, env });
  const vscode = path.join(home, 'node_modules', 'code-server', 'lib', 'vscode');
  for (const cwd of [vscode, path.join(vscode, 'extensions')]) {
    npm(['install', '--omit=dev', '--ignore-scripts'], { cwd, env });
  }
  writeFileSync(mark, stamp);
}
