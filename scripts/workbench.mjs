// Starts the web workbench on 127.0.0.1 with given extensions, settings and folder: for `npm start` without a desktop
// editor, the tests in a real VS Code and the screenshots.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { cleanEnvironment, ensureWorkbench, workbench } from './workbench/install.mjs';

/** A port that is free now. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

async function ready(url, server) {
  for (let tries = 0; tries < 300; tries++) {
    if (server.exitCode !== null) throw new Error(`the workbench's server ended with code ${server.exitCode}`);
    const answer = await fetch(`${url}/healthz`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`the workbench's server did not answer at ${url} within 30 seconds`);
}

/** A workbench that shows the debugger and nothing that asks for attention. */
const quiet = {
  'chat.disableAIFeatures': true,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.ignoreRecommendations': true,
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
};

/**
 * Starts it. `vsix` is installed first; `driver` turns on what the tests inside the editor need (it also hides
 * notifications); `home` keeps the editor's state between runs, without it the state is thrown away at the end.
 * `environment` is added to what its processes, and so the extensions, see.
 */
export async function startWorkbench({ vsix, settings = {}, port, driver = false, home, environment = {} } = {}) {
  ensureWorkbench();
  const state = home ?? mkdtempSync(path.join(os.tmpdir(), 'pagewalk-workbench-'));
  const user = path.join(state, 'user');
  const extensions = path.join(state, 'extensions');
  mkdirSync(path.join(user, 'User'), { recursive: true });
  mkdirSync(extensions, { recursive: true });
  writeFileSync(path.join(user, 'User', 'settings.json'), JSON.stringify({ ...quiet, ...settings }, null, 2));
  const config = path.join(state, 'config.yaml');
  writeFileSync(config, '{}\n');
  const common = ['--config', config, '--user-data-dir', user, '--extensions-dir', extensions];
  const env = { ...cleanEnvironment(), ...environment };
  if (vsix) {
    const args = [workbench.entry, ...common, '--install-extension', path.resolve(vsix), '--force'];
    const install = spawnSync(workbench.node, args, { env, encoding: 'utf8' });
    if (install.status !== 0) throw new Error(`the editor refused ${vsix}:\n${install.stdout}${install.stderr}`);
  }
  const chosen = port ?? (await freePort());
  const args = [workbench.entry, '--auth', 'none', '--bind-addr', `127.0.0.1:${chosen}`, ...common];
  args.push('--disable-telemetry', '--disable-update-check', '--disable-workspace-trust');
  args.push('--disable-getting-started-override');
  if (driver) args.push('--vscode-option', 'enable-smoke-test-driver');
  const log = [];
  const server = spawn(workbench.node, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (data) => log.push(data));
  const url = `http://127.0.0.1:${chosen}`;
  const ended = new Promise((resolve) => server.once('exit', resolve));
  const stop = async () => {
    server.kill('SIGTERM');
    await ended;
    if (!home) rmSync(state, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  try {
    await ready(url, server);
  } catch (error) {
    await stop();
    throw new Error(`${error.message}\n${Buffer.concat(log)}`);
  }
  return { url, port: chosen, state, ended, stop, log: () => Buffer.concat(log).toString() };
}

/** The page that opens `folder` in it. */
export function folderUrl(bench, folder) {
  return `${bench.url}/?folder=${encodeURIComponent(path.resolve(folder))}`;
}
