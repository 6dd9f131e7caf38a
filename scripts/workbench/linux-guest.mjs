// Debian's kernel for the tests and the pictures: where test/support/guests.ts finds it.
import path from 'node:path';
import { build } from 'esbuild';
import { root } from './install.mjs';

/** Fields of a launch configuration; undefined where the guest is not there. */
export async function linuxGuest() {
  const outfile = path.join(root, 'dist/test-host/guests.mjs');
  const entryPoints = [path.join(root, 'test/support/guests.ts')];
  await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'warning' });
  const { guestFile } = await import(outfile);
  const [program, initrd, symbols] = ['Image', 'initramfs.cpio.gz', 'vmlinux'].map((name) =>
    guestFile(`linux-6.12-debian/${name}`),
  );
  return program && initrd ? { program, initrd, ...(symbols && { symbols }) } : undefined;
}
