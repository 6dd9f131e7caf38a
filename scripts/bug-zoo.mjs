// Writes docs/bug-zoo.md: for each fixture what QEMU with gdb says, and what Pagewalk says, both as they print it now.
// Needs qemu-system-riscv64, gdb-multiarch and a build. usage: node scripts/bug-zoo.mjs
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { freePort } from './workbench.mjs';

const root = path.dirname(import.meta.dirname);
const zoo = path.join(root, 'samples', 'bug-zoo');
const tool = path.join(root, 'dist', 'pagewalk.mjs');
const number = (name) => Number(/^Z(\d+)/.exec(name)[1]);
const folders = readdirSync(zoo)
  .filter((name) => /^Z\d+-/.test(name))
  .sort((a, b) => number(a) - number(b));
const configurations = JSON.parse(readFileSync(path.join(zoo, '.vscode', 'launch.json'), 'utf8')).configurations;
/** Seconds until the user presses Ctrl-C. */
const patience = 3;

/** Ours for QEMU: what is there, and for the fixture that needs it hardware that leaves A and D to software. */
const cpuOf = (folder) => (folder.startsWith('Z2-') ? 'rv64,svadu=off,svade=on' : 'max');

/** What a user types before `continue`. */
const beforeRunning = (folder) => (folder.startsWith('Z13-') ? ['break start_kernel'] : []);

async function qemuSays(folder) {
  const port = await freePort();
  const machine = ['-M', 'virt', '-cpu', cpuOf(folder), '-bios', 'none', '-display', 'none', '-monitor', 'none'];
  const place = { cwd: path.join(zoo, folder) };
  const args = [...machine, '-serial', 'null', '-S', '-gdb', `tcp:127.0.0.1:${port}`, '-kernel', 'bug.elf'];
  const qemu = spawn('qemu-system-riscv64', args, { ...place, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise((resolve) => qemu.once('exit', resolve));
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const typed = [...beforeRunning(folder), 'continue', 'backtrace 4', 'x/i $pc'];
  const options = ['-q', '-nx', '-batch', '-ex', 'set pagination off', '-ex', `target remote 127.0.0.1:${port}`];
  const commands = typed.flatMap((command) => ['-ex', `echo (gdb) ${command}\\n`, '-ex', command]);
  const gdb = spawn('gdb-multiarch', [...options, ...commands, 'bug.elf'], {
    ...place,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  let interrupt;
  const heard = (text) => {
    said += text;
    // Again and again: gdb does not always listen.
    if (said.includes('(gdb) continue')) interrupt ??= setInterval(() => gdb.kill('SIGINT'), patience * 1000);
  };
  for (const stream of [gdb.stdout, gdb.stderr]) stream.setEncoding('utf8').on('data', heard);
  await new Promise((resolve) => gdb.once('close', resolve));
  clearInterval(interrupt);
  qemu.kill();
  await ended;
  const lines = said.split('\n').filter((line) => !/^0x0+1000 in \?\?|^Continuing/.test(line));
  return lines
    .join('\n')
    .replace(/\n{2,}/g, '\n')
    .trim();
}

/** What the command-line tool says of a kernel: of the satp write if that is fatal, else of the trap. */
function weSay(folder) {
  const { isa } = configurations.find(({ program }) => program.includes(`/${folder}/bug.elf`));
  const run = (verb) => {
    const args = [tool, verb, 'bug.elf', ...(isa ? ['--isa', isa] : [])];
    const { stdout, status } = spawnSync(process.execPath, args, { cwd: path.join(zoo, folder), encoding: 'utf8' });
    return { text: `$ ${['pagewalk', ...args.slice(1)].join(' ')}\n${stdout.trim()}`, status };
  };
  const preflight = run('preflight');
  return preflight.status === 1 && preflight.text.includes('BAD') ? preflight.text : run('explain').text;
}

const block = (text) => `\`\`\`text\n${text}\n\`\`\``;
const version = (command) =>
  / (\d[\d.]*)$/m.exec(
    spawnSync(command, ['--version'], { encoding: 'utf8' })
      .stdout.split('\n')[0]
      .replace(/ \(.*\)/g, ''),
  )?.[1];
const parts = [
  `<!-- Written by scripts/bug-zoo.mjs. -->
# The bug zoo: what the tools say

Each kernel of [samples/bug-zoo](../samples/bug-zoo/README.md) has one bug from a real report. Below is what a user sees of
it today with QEMU ${version('qemu-system-riscv64')} and gdb ${version('gdb-multiarch')}: the kernel runs, and ${patience} seconds later he presses Ctrl-C. And what
Pagewalk says at its first stop, as its command-line tool prints it; in the editor it stands under the line of code.`,
];
for (const folder of folders) {
  const readme = readFileSync(path.join(zoo, folder, 'README.md'), 'utf8');
  const [, title, story] = /^# (.*)\n\n([\s\S]*?)\n\nTaken from/.exec(readme);
  const promised = readme.match(/^> .*$/gm).join('\n>\n');
  console.log(folder);
  parts.push(
    `## ${title}`,
    story,
    'QEMU and gdb:',
    block(await qemuSays(folder)),
    'Pagewalk:',
    promised,
    block(weSay(folder)),
  );
}
writeFileSync(path.join(root, 'docs', 'bug-zoo.md'), `${parts.join('\n\n')}\n`);
