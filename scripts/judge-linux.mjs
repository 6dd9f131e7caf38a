// Judges every Linux guest in every mode it has: unexpected traps, satp writes, findings after each satp write and at the
// end. Needs a build (dist/pagewalk.mjs) and the guests (PAGEWALK_GUESTS). Ends with 1 when something is found.
// usage: node scripts/judge-linux.mjs
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bundleTests } from './unit.mjs';
import { tellUsage } from './usage.mjs';

tellUsage(import.meta.url);
process.chdir(path.dirname(import.meta.dirname));
const out = path.join('dist', 'judge', String(process.pid));
const [support] = await bundleTests([path.join('test', 'support', 'guests.ts')], out);
const { guestFile } = await import(path.resolve(support));

const small = 'initramfs.cpio';
const debian = (mmu) => ({ name: 'linux-6.12-debian', initrd: 'initramfs.cpio.gz', options: ['--mmu', mmu] });
const guests = [
  { name: 'linux-5.10-rv64', initrd: small, options: [], writes: [1, 2, 3] },
  { name: 'linux-6.1-rv32', initrd: small, options: ['--isa', 'rv32max'], writes: [1, 2, 3, 5] },
  { name: 'linux-6.12-rv64-kaslr', initrd: small, options: ['--memory', '128M'], tree: true, writes: [3, 4, 5] },
  { ...debian('sv39'), writes: [5, 6, 7, 9] },
  { ...debian('sv48'), writes: [3, 5, 6, 7, 9] },
  { ...debian('sv57'), writes: [1, 3, 4, 5, 7] },
];
const folder = mkdtempSync(path.join(tmpdir(), 'pagewalk-judge-'));
let failed = 0;
for (const { name, initrd, options, tree, writes } of guests) {
  const file = (part) => guestFile(`${name}/${part}`);
  const linux = [file('Image'), '--symbols', file('vmlinux'), '--initrd', file(initrd), ...options];
  linux.push('--append', 'console=ttyS0 earlycon=sbi', ...(tree ? ['--dtb', file('virt-kaslr-seed.dtb')] : []));
  const check = path.join(folder, 'findings.check');
  writeFileSync(check, [...writes.map((write) => `no findings at satp:${write}`), 'no findings at end', ''].join('\n'));
  for (const verb of [['explain'], ['preflight', '--until', 'Run /init'], ['check', check]]) {
    const [word, ...rest] = verb;
    const operands = word === 'check' ? [rest[0], ...linux] : [...linux, ...rest];
    const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/pagewalk.mjs', word, ...operands], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    const yellow = /^(yellow|red)/m.test(stdout);
    if (status !== 0 || yellow) failed += 1;
    const last = stdout.trim().split('\n').at(-1);
    const counts = word === 'preflight' ? `${stdout.match(/^green/gm)?.length ?? 0} green` : last;
    console.log(`${name} ${options.join(' ')} ${word}: exit ${status}, ${counts}`);
    if (status !== 0 || yellow) console.log(stdout + stderr);
  }
}
rmSync(folder, { recursive: true, force: true });
rmSync(out, { recursive: true, force: true });
console.log(`${failed} with something found`);
process.exit(failed ? 1 : 0);
