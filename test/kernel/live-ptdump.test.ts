// A kernel in the emulator prints its page tables; the map of the same moment must be the same text.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pagewalk } from '../cli/binary.ts';
import { guestFile } from '../support/guests.ts';

for (const name of ['linux-5.10-rv64']) {
  const [image, vmlinux, initrd] = ['Image', 'vmlinux', 'initramfs-ptdump.cpio'].map((file) =>
    guestFile(`${name}/${file}`),
  );
  const skip = image && vmlinux && initrd ? false : `needs the guest ${name} (PAGEWALK_GUESTS)`;

  test(`${name}: pagewalk map --format ptdump is what the running kernel says of itself`, { skip }, () => {
    const guest = [image ?? '', '--symbols', vmlinux ?? '', '--initrd', initrd ?? '', '--memory', '64M'];
    const append = ['--append', 'console=ttyS0 earlycon=sbi'];
    const run = pagewalk(['run', ...guest, ...append, '--until', 'PTDUMP-DONE']);
    assert.equal(run.status, 0, run.stderr);
    const said = /BEGIN \/dbg\/kernel_page_tables\r?\n([\s\S]*?)END /.exec(run.stdout)?.[1]?.replaceAll('\r', '');
    const map = pagewalk(['map', ...guest, ...append, '--at', 'console:PTDUMP-DONE', '--format', 'ptdump']);
    assert.equal(map.status, 0, map.stderr);
    assert.equal(map.stdout, said);
  });
}
