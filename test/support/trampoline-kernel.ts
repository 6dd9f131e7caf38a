// test/programs/trampoline-kernel: a kernel and its program, which the kernel has in it.

import { cpSync } from 'node:fs';
import path from 'node:path';
import { gnu, newFolder } from './riscv-gcc.ts';

/** The paths of both ELFs. */
export function buildTrampolineKernel() {
  const folder = newFolder();
  cpSync(path.join('test', 'programs', 'trampoline-kernel'), folder, { recursive: true });
  const at = (name: string) => path.join(folder, name);
  const plain = ['-march=rv64imac_zicsr', '-mabi=lp64', '-O1', '-g', '-ffreestanding', '-nostdlib', '-mcmodel=medany'];
  const options = [...plain, '-fno-pic', '-Wl,--no-relax', '-e', '_start', `-I${folder}`, `-Wa,-I${folder}`];
  gnu('gcc', [...options, '-Wl,-Ttext=0', '-o', at('user.elf'), at('user.c')]);
  gnu('objcopy', ['-O', 'binary', '-j', '.text', at('user.elf'), at('user.bin')]);
  gnu('gcc', [...options, '-Wl,-Ttext=0x80000000', '-o', at('kernel.elf'), at('entry.S'), at('kernel.c')]);
  return { program: at('kernel.elf'), user: at('user.elf') };
}
