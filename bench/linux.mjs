// Debian's Linux 6.12 as a guest of the benchmark: from the first instruction to the init's own power-off.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

/** QEMU as deterministic as we are. */
export const EXACT = ['-icount', 'shift=0,sleep=off'];

/** The tests' own finder of guests, which is TypeScript. */
export async function guestFinder(root) {
  const entry = path.join(root, 'test', 'support', 'guests.ts');
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
  });
  const { guestFile } = await import(
    `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`
  );
  return guestFile;
}

/** Debian's, as scripts/tools.mjs installs it: an M-mode of its own for both emulators. */
const OPENSBI = '/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin';

/** One hart against QEMU as deterministic as we are, with our SBI and with OpenSBI, four against QEMU with one thread; none
 * where the guest is not at hand. QEMU's own firmware is OpenSBI, too. */
export async function linuxGuests(root, pagewalk, qemu) {
  const guestFile = await guestFinder(root);
  const image = guestFile('linux-6.12-debian/Image');
  const initrd = guestFile('linux-6.12-debian/initramfs.cpio.gz');
  if (!image || !initrd) return [];
  const append = 'console=ttyS0 earlycon=sbi';
  const guest = (name, ours, theirs) => ({
    name,
    boots: true,
    pagewalk: [...pagewalk, image, '--initrd', initrd, '--append', append, ...ours],
    qemu: [...qemu, ...theirs, '-m', '256M', '-kernel', image, '-initrd', initrd, '-append', append],
    result: (text) => /GUEST-MARKER: userspace up/.exec(text)?.[0],
  });
  return [
    guest('linux-boot', [], EXACT),
    ...(existsSync(OPENSBI) ? [guest('linux-opensbi', ['--firmware', OPENSBI], [...EXACT, '-bios', OPENSBI])] : []),
    guest('linux-4-harts', ['--harts', '4'], ['-smp', '4', '-accel', 'tcg,thread=single']),
  ];
}
