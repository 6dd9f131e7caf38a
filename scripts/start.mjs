// `npm start`: from a clean clone to the sample kernel in an editor, ready for F5. Uses Node's own modules alone until
// the dependencies are there.
// usage: node scripts/start.mjs [--no-open] [--port N] [--web]
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { npm, root } from './workbench/install.mjs';

const usage = `usage: npm start -- [options]
  --no-open   start everything, but open no window or browser
  --port N    port of the web workbench (default: a free one)
  --web       use the web workbench even where the desktop editor is installed`;
const sample = path.join(root, 'samples', 'first-light');

const { values: options } = readOptions();
const [major = 0] = process.versions.node.split('.').map(Number);
if (major < 20) fail(`Node ${process.versions.node} is too old: install Node 20 or newer.`);
if (!existsSync(path.join(root, 'node_modules', 'esbuild'))) {
  console.log('Installing the dependencies …');
  npm(['ci', '--ignore-scripts']);
}

const desktop = options.web || options.port ? undefined : desktopEditor();
if (desktop) {
  console.log('Building …');
  const { buildAll } = await import('./build.mjs');
  await buildAll();
  openDesktop(desktop);
} else {
  console.log('Building and packing …');
  const { makePackage } = await import('./package.mjs');
  const vsix = await makePackage();
  await openWeb(vsix);
}

function readOptions() {
  const boolean = { type: 'boolean' };
  try {
    const read = parseArgs({ options: { 'no-open': boolean, web: boolean, help: boolean, port: { type: 'string' } } });
    if (read.values.help) {
      console.log(usage);
      process.exit(0);
    }
    const { port } = read.values;
    if (port !== undefined && !(Number(port) > 0 && Number(port) < 65536)) throw new Error(`--port ${port} is no port`);
    return read;
  } catch (error) {
    return fail(`${error.message}\n${usage}`);
  }
}

function fail(text) {
  console.error(text);
  process.exit(2);
}

/** The desktop editor's command, where it is on PATH. */
function desktopEditor() {
  const probe = spawnSync('code', ['--version'], { shell: process.platform === 'win32', encoding: 'utf8' });
  return probe.status === 0 ? 'code' : undefined;
}

function openDesktop(command) {
  const args = ['--new-window', `--extensionDevelopmentPath=${root}`, sample];
  if (options['no-open']) {
    console.log(`Ready. Open it with: ${command} ${args.join(' ')}`);
    return;
  }
  const windows = process.platform === 'win32';
  spawnSync(command, windows ? args.map((arg) => `"${arg}"`) : args, { shell: windows, stdio: 'inherit' });
  console.log('The sample kernel is open in the editor: press F5 there.');
}

async function openWeb(vsix) {
  const { folderUrl, startWorkbench } = await import('./workbench.mjs');
  const bench = await startWorkbench({
    vsix,
    ...(options.port && { port: Number(options.port) }),
    home: path.join(root, '.cache', 'editor'),
  });
  const url = folderUrl(bench, sample);
  console.log(`\nThe sample kernel is open at\n  ${url}\nPress F5 there. Ctrl-C here ends the editor.`);
  if (!options['no-open']) openBrowser(url);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void bench.stop().then(() => process.exit(0)));
  process.exitCode = await bench.ended;
}

/** Opens the system's browser; where there is none, the printed address serves. */
function openBrowser(url) {
  const [command, ...args] =
    process.platform === 'darwin'
      ? ['open', url]
      : process.platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler', url]
        : ['xdg-open', url];
  spawn(command, args, { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref();
}
