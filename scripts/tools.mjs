// The programs that the tests compare with: found, or installed where that is allowed (Debian, as root), or asked for in
// one line. usage: node scripts/tools.mjs [--install]
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { binutils, fetchBinutils, version } from './binutils.mjs';

const OPENSBI = '/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin';

/** Major version that `command --version` tells; undefined when the command is missing. */
function major(command) {
  const run = spawnSync(command, ['--version'], { encoding: 'utf8' });
  if (run.error) return undefined;
  return Number(/(\d+)\.\d+/.exec(run.stdout)?.[1] ?? 0);
}

const onPath = (command) =>
  process.env.PATH.split(path.delimiter).some((folder) => existsSync(path.join(folder, command)));
const command = (name, debian) => ({ name, debian, found: () => onPath(name) });

/** What the tests need: Debian's package, and how to see that it is there. `backports`: Debian 12's own is too old; `fetch`:
 * brings it without installing. */
export const tools = [
  command('riscv64-unknown-elf-gcc', 'gcc-riscv64-unknown-elf'),
  command('riscv64-unknown-elf-objdump', 'binutils-riscv64-unknown-elf'),
  command('dwp', 'binutils'),
  command('make', 'make'),
  command('gcc', 'gcc'),
  { name: 'C library headers', debian: 'libc6-dev', found: () => existsSync('/usr/include/fenv.h') },
  command('dtc', 'device-tree-compiler'),
  command('xz', 'xz-utils'),
  command('gdb-multiarch', 'gdb-multiarch'),
  command('chromium', 'chromium'),
  {
    name: 'qemu-system-riscv64 10',
    debian: 'qemu-system-riscv',
    backports: true,
    found: () => (major('qemu-system-riscv64') ?? 0) >= 10,
  },
  { ...command('qemu-riscv64', 'qemu-user'), backports: true },
  { name: 'OpenSBI', debian: 'opensbi', backports: true, found: () => existsSync(OPENSBI) },
  {
    name: `GNU binutils ${version}`,
    debian: 'binutils-riscv64-linux-gnu',
    found: () => binutils('objdump') !== undefined,
    // Into a cache folder: no other version need go.
    fetch: (codename) => fetchBinutils(systemSource(codename)),
  },
];

export const missingTools = () => tools.filter((tool) => !tool.found());

const release = () => {
  const text = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  const field = (name) => new RegExp(`^${name}="?([^"\\n]*)`, 'm').exec(text)?.[1] ?? '';
  return { debian: field('ID') === 'debian', codename: field('VERSION_CODENAME') };
};

/** The first of the system's own package sources for `suite`: its address and keyring. */
function systemSource(suite, folder = '/etc/apt') {
  const parts = path.join(folder, 'sources.list.d');
  const files = [path.join(folder, 'sources.list')];
  if (existsSync(parts)) files.push(...readdirSync(parts).map((name) => path.join(parts, name)));
  for (const file of files.filter((name) => existsSync(name))) {
    const text = readFileSync(file, 'utf8');
    for (const stanza of file.endsWith('.sources') ? text.split(/\n\s*\n/) : []) {
      const field = (key) => new RegExp(`^${key}:\\s*(.+)$`, 'mi').exec(stanza)?.[1].trim();
      if (field('Suites')?.split(/\s+/).includes(suite)) {
        return { uri: field('URIs').split(/\s+/)[0], key: field('Signed-By') };
      }
    }
    for (const line of file.endsWith('.list') ? text.split('\n') : []) {
      const found = /^deb\s+(?:\[(.*?)\]\s+)?(\S+)\s+(\S+)/.exec(line);
      if (found?.[3] === suite) return { uri: found[2], key: /signed-by=(\S+)/.exec(found[1] ?? '')?.[1] };
    }
  }
  return undefined;
}

/** The system's own source, for the backports suite. */
export function backportsSource(codename, folder) {
  const own = systemSource(codename, folder);
  if (!own) throw new Error(`apt has no source for ${codename}: add ${codename}-backports to it by hand`);
  const lines = ['Types: deb', `URIs: ${own.uri}`, `Suites: ${codename}-backports`, 'Components: main'];
  if (own.key) lines.push(`Signed-By: ${own.key}`);
  return `${lines.join('\n')}\n`;
}

function apt(...args) {
  const options = ['-qq', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3'];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const run = spawnSync('apt-get', [...options, ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  if (run.status !== 0) throw new Error(`apt-get ${args.join(' ')} failed`);
}

function install(missing, codename) {
  const old = codename === 'bookworm'; // newer Debians have the newer QEMU themselves
  const backports = old ? missing.filter((tool) => tool.backports) : [];
  if (backports.length > 0) {
    const file = '/etc/apt/sources.list.d/pagewalk-backports.sources';
    writeFileSync(file, backportsSource(codename));
  }
  apt('update');
  const plain = missing.filter((tool) => !tool.fetch && !backports.includes(tool)).map((tool) => tool.debian);
  const add = ['install', '--yes', '--no-install-recommends'];
  if (plain.length > 0) apt(...add, ...plain);
  if (backports.length > 0) apt(...add, '-t', `${codename}-backports`, ...backports.map((tool) => tool.debian));
}

function attempt(work) {
  try {
    work();
  } catch (error) {
    console.error(error.message);
  }
}

/** Makes the tools be there if it can; tells what is still missing and what would bring it. */
export function ensureTools() {
  const { debian, codename } = release();
  for (const tool of debian ? missingTools().filter((each) => each.fetch) : []) {
    console.log(`fetching ${tool.name}`);
    attempt(() => tool.fetch(codename));
  }
  const missing = missingTools();
  if (missing.length === 0) return [];
  const list = missing.map((tool) => tool.debian).join(' ');
  if (debian && process.getuid?.() === 0) {
    console.log(`installing ${list}`);
    attempt(() => install(missing, codename));
  } else {
    const suite = codename === 'bookworm' ? ' (QEMU 10 and OpenSBI from bookworm-backports)' : '';
    console.log(`Some tests will be skipped. To run all: sudo apt-get install ${list}${suite}`);
  }
  return missingTools();
}

if (import.meta.url === `file://${process.argv[1]}`) {
  const missing = process.argv.includes('--install') ? ensureTools() : missingTools();
  for (const tool of tools) console.log(`${missing.includes(tool) ? 'missing' : 'found  '} ${tool.name}`);
  process.exitCode = missing.length > 0 ? 1 : 0;
}
