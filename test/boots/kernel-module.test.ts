// A module of our own in Debian's unmodified kernel: a fault that its __ex_table plans is expected, the same fault without
// the entry is not.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { type Guest, loadGuest } from '../../cli/guest.ts';
import { launchOf } from '../../cli/options.ts';
import { kernelProgramOf } from '../../debug-adapter/program/kernel-program.ts';
import type { HartView } from '../../emulator/inspection.ts';
import { ExpectedTraps } from '../../kernel/index.ts';
import { SymbolFile } from '../../symbols/index.ts';
import { archive, joined, padded } from '../support/cpio.ts';
import { fileSource } from '../support/file-source.ts';
import { guestFile } from '../support/guests.ts';
import { linuxModule } from '../support/linux-module.ts';
import { hasGcc, needsGcc } from '../support/riscv-gcc.ts';

const file = (name: string) => guestFile(`linux-6.12-debian/${name}`);
const [image, vmlinux, initrd] = [file('Image'), file('vmlinux'), file('initramfs.cpio.gz')];
const skip = !hasGcc ? needsGcc : image && vmlinux && initrd ? false : 'needs linux-6.12-debian: set PAGEWALK_GUESTS';

/** Where the module's code looks: nothing is mapped there. */
const NOWHERE = 0x10;

const start = `#!/bin/busybox sh
/bin/busybox insmod /planned.ko && echo MODULE-MARKER: inserted
/bin/busybox poweroff -f
`;

describe("a module's fault", { skip }, () => {
  test('is expected where the __ex_table of the module has it', () => {
    const { text, judged } = insert(
      '.pushsection __ex_table, \\"a\\"; .balign 4; .long 1b - ., 2f - ., 1; .popsection;',
    );
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

/** Boots with a module whose init function loads from NOWHERE, and says why each such fault was expected. */
function insert(table: string): { text: string; judged: (string | undefined)[] } {
  const source = `
int init_module(void) {
  long value = ${NOWHERE};
  __asm__ volatile("1: ld %0, 0(%0)\\n${table} 2:" : "+r"(value));
  return 0;
}
void cleanup_module(void) {}
`;
  const object = linuxModule(new SymbolFile(fileSource(vmlinux as string)), 'planned', source, []);
  const files = [
    { name: 'planned.ko', bytes: readFileSync(object) },
    { name: 'start', bytes: start },
  ];
  const ram = path.join(path.dirname(object), 'root.cpio');
  writeFileSync(ram, joined([padded(readFileSync(initrd as string)), archive(files)]));
  const options = { initrd: ram, append: 'console=ttyS0 rdinit=/start', symbols: vmlinux as string };
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
