// A module of our own in Debian's unmodified kernel: a fault that its __ex_table plans is expected, the same fault without
// the entry is not.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { type Guest, loadGuest } from '../../cli/guest.ts';
import { launchOf } from '../../cli/options.ts';
import { kernelProgramOf } from '../../debug-adapter/program/kernel-program.ts';
import type { HartView } from '../../emulator/inspection.ts';
import { ExpectedTraps } from '../../kernel/index.ts';
import { memberNamed } from '../../kernel/objects/members.ts';
import { strip } from '../../symbols/index.ts';
import { guestFile } from '../support/guests.ts';
import { gnu, hasGcc, needsGcc } from '../support/riscv-gcc.ts';

const file = (name: string) => guestFile(`linux-6.12-debian/${name}`);
const [image, vmlinux, initrd] = [file('Image'), file('vmlinux'), file('initramfs.cpio.gz')];
const skip = !hasGcc ? needsGcc : image && vmlinux && initrd ? false : 'needs linux-6.12-debian: set PAGEWALK_GUESTS';

const folder = mkdtempSync(path.join(tmpdir(), 'pagewalk-module-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Where the module's code looks: nothing is mapped there. */
const NOWHERE = 0x10;

describe("a module's fault", { skip }, () => {
  test('is expected where the __ex_table of the module has it', () => {
    const { text, judged } = insert('.pushsection __ex_table, "a"; .balign 4; .long 1b - ., 2f - ., 1; .popsection');
    assert.match(text, /\nMODULE-MARKER: inserted/, text);
    assert.equal(judged.length, 1);
    assert.match(judged[0] ?? '', /^the kernel reckons with it: the __ex_table of module planned leads to 0xf/);
  });

  test('is unexpected where it has not', () => {
    const { text, judged } = insert('');
    assert.match(text, /Unable to handle kernel NULL pointer dereference|access to user memory/, text);
    assert.deepEqual(judged, [undefined]);
  });
});

/** Boots with the module, and says why each fault at NOWHERE was expected. */
function insert(table: string): { text: string; judged: (string | undefined)[] } {
  const ram = path.join(folder, 'initrd');
  const options = { initrd: ram, append: 'console=ttyS0 rdinit=/start', symbols: vmlinux as string };
  // The kernel's own types say how a module is laid out.
  writeFileSync(ram, '');
  const guest = loadGuest(launchOf(image as string, options));
  writeFileSync(
    ram,
    Buffer.concat([cpioOf({ 'planned.ko': moduleFor(guest, table) }), readFileSync(initrd as string)]),
  );
  return run(loadGuest(launchOf(image as string, options)));
}

function run({ machine, ...guest }: Guest): { text: string; judged: (string | undefined)[] } {
  let text = '';
  machine.onConsole((bytes) => {
    text += Buffer.from(bytes).toString('latin1');
    return undefined;
  });
  const judged: (string | undefined)[] = [];
  const program = (hart: HartView) => kernelProgramOf({ machine, symbols: guest.symbols }, hart);
  const expected = new ExpectedTraps(machine, () => guest.symbols, program);
  machine.listen(
    (event) => {
      expected.note(event);
      if (event.kind === 'trap' && !event.interrupt && event.from === 1 && event.tval === BigInt(NOWHERE))
        judged.push(expected.why(event));
      return false;
    },
    { kinds: ['csr-write', 'trap'], csrs: ExpectedTraps.csrs },
  );
  for (let slices = 0; slices < 400; slices++) {
    const { reason } = machine.run(10_000_000);
    if (reason === 'ended') return { text, judged };
  }
  throw new Error(`the guest does not end:\n${text}`);
}

/** A module whose init function loads from NOWHERE. */
function moduleFor({ machine, symbols }: Guest, table: string): Buffer {
  const type = kernelProgramOf({ machine, symbols }, machine.harts[0] as HartView).type('struct module');
  assert.ok(type);
  const offset = (member: string) => memberNamed(type, member)?.offset ?? assert.fail(`struct module has no ${member}`);
  const [name, init] = [offset('name'), offset('init')];
  const magic = readFileSync(image as string)
    .toString('latin1')
    .match(/\d[^\0]* SMP [^\0]*mod_unload [^\0]*/)?.[0];
  const source = path.join(folder, 'module.s');
  const object = path.join(folder, 'module.ko');
  writeFileSync(
    source,
    `
    .section .modinfo, "a"
    .asciz "license=GPL", "name=planned", "depends=", "vermagic=${magic}"
    .section .gnu.linkonce.this_module, "aw"
    .balign 64
    .zero ${name}
    .asciz "planned"
    .zero ${init - name - 'planned'.length - 1}
    .dword init_module
    .zero ${(strip(type).size ?? 0) - init - 8}
    .section .plt, "ax"
    .byte 0
    .section .got, "aw"
    .byte 0
    .section .got.plt, "aw"
    .byte 0
    .text
    .globl init_module
    init_module:
    li a0, ${NOWHERE}
    1: ld a0, 0(a0)
    ${table}
    2: li a0, 0
    ret
`,
  );
  gnu('as', ['-march=rv64gc', '-mno-relax', '-o', object, source]);
  return readFileSync(object);
}

/** An archive as initramfs takes it (cpio's newc): the files, and a program that inserts the module. */
function cpioOf(files: Readonly<Record<string, Buffer>>): Buffer {
  const start =
    '#!/bin/busybox sh\n/bin/busybox insmod /planned.ko && echo MODULE-MARKER: inserted\n/bin/busybox poweroff -f\n';
  const all = { ...files, start: Buffer.from(start), 'TRAILER!!!': Buffer.alloc(0) };
  const padded = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
  const parts = Object.entries(all).map(([name, content], index) => {
    // Number, mode, owner and group, links, time, size, device and place of the file, of what it stands for, name, checksum.
    const fields = [index + 1, 0o100755, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length + 1, 0];
    const head = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}${name}\0`;
    return Buffer.concat([padded(Buffer.from(head)), padded(content)]);
  });
  return Buffer.concat(parts);
}
