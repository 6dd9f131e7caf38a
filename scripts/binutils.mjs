// GNU binutils of the version whose text and encodings the instruction table is held against. Older ones lack the newer
// extensions, so where the system's own is another, Debian's is unpacked into a cache folder and run by its own loader.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export const version = '2.44';
const suite = 'trixie'; // the Debian release that has it
const prefix = 'riscv64-linux-gnu-';
const folder = path.join(path.dirname(import.meta.dirname), '.cache', `binutils-${version}`);
const libraries = ['binutils-common', 'libc6', 'libjansson4', 'libsframe1', 'libzstd1', 'zlib1g'];

/** The program and first arguments that run `tool` (`as`, `objdump`…) of this version; undefined where it is missing. */
export function binutils(tool) {
  return [[`${prefix}${tool}`], unpacked(tool)].find(
    (command) => command && spawnSync(command[0], [...command.slice(1), '--version']).stdout?.includes(version),
  );
}

function unpacked(tool) {
  const usr = path.join(folder, 'usr');
  const program = path.join(usr, 'bin', `${prefix}${tool}`);
  const libraryFolders = existsSync(program) ? readdirSync(path.join(usr, 'lib'), { withFileTypes: true }) : [];
  for (const found of libraryFolders) {
    const library = path.join(usr, 'lib', found.name);
    const loader = found.isDirectory() && readdirSync(library).find((name) => /^ld-linux.*\.so/.test(name));
    if (loader) return [path.join(library, loader), '--library-path', library, program];
  }
  return undefined;
}

function run(command, args, cwd) {
  const done = spawnSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${done.error ?? done.stderr}`);
}

/** Unpacks it from the mirror of a Debian source (`{ uri, key }`, the system's own), leaving the system's own packages as they are. */
export function fetchBinutils(source) {
  if (!source) throw new Error(`apt has no source for this release: binutils ${version} cannot be fetched`);
  const { uri, key } = source;
  const state = `${folder}.apt`;
  mkdirSync(path.join(state, 'lists', 'partial'), { recursive: true });
  mkdirSync(path.join(state, 'archives', 'partial'), { recursive: true });
  const sources = path.join(state, 'sources.list');
  writeFileSync(sources, `deb ${key ? `[signed-by=${key}] ` : ''}${uri} ${suite} main\n`);
  const options = {
    'Dir::State::Lists': path.join(state, 'lists'),
    'Dir::Etc::SourceList': sources,
    'Dir::Etc::SourceParts': '/dev/null',
    'Dir::Cache': state,
    'APT::Sandbox::User': '',
    'Acquire::Retries': '3',
  };
  const apt = ['-qq', ...Object.entries(options).map(([name, value]) => `-o${name}=${value}`)];
  run('apt-get', [...apt, 'update']);
  run('apt-get', [...apt, 'download', `binutils-${prefix.slice(0, -1)}`, ...libraries], state);
  for (const name of readdirSync(state).filter((each) => each.endsWith('.deb'))) {
    run('dpkg-deb', ['-x', path.join(state, name), folder]);
  }
  rmSync(state, { recursive: true });
}
