// A loadable module for a Linux guest, made without the kernel's headers: what its loader checks is taken from the vmlinux.

import { memberNamed } from '../../kernel/objects/members.ts';
import type { SymbolFile } from '../../symbols/index.ts';
import { utf8 } from '../../symbols/utf8.ts';
import { build } from './riscv-gcc.ts';

/**
 * Builds `source`, which defines init_module and cleanup_module and may call what it declares of `imports`; the path of
 * the object file.
 */
export function linuxModule(kernel: SymbolFile, name: string, source: string, imports: readonly string[]): string {
  const [type] = kernel.debug.typesNamed('struct module');
  if (!type?.size) throw new Error('the kernel has no struct module');
  const offset = (member: string) => memberNamed(type, member)?.offset ?? 0;
  const read = (symbol: string, size: number) =>
    kernel.bytesAt(kernel.symbolsNamed(symbol)[0]?.value ?? kernel.entry, size);
  const vermagic = new TextDecoder().decode(read('vermagic', 128)).replace(/\0.*/s, '');
  const versions = ['module_layout', ...imports].map((symbol) => {
    const crc = [...read(`__crc_${symbol}`, 4)]
      .reverse()
      .map((byte) => byte.toString(16).padStart(2, '0'))
      .join('');
    return `.quad 0x${crc}; .ascii "${symbol}"; .zero ${56 - utf8(symbol).length};`;
  });
  const start = `
  .section .modinfo, "a"
  .asciz "license=GPL"
  .asciz "name=${name}"
  .asciz "vermagic=${vermagic}"
  .section __versions, "a"
  ${versions.join('\n  ')}
  .section .gnu.linkonce.this_module, "aw"
  .globl __this_module
__this_module:
  .zero ${offset('name')}
  .ascii "${name}"
  .zero ${offset('init') - offset('name') - name.length}
  .quad init_module
  .zero ${offset('exit') - offset('init') - 8}
  .quad cleanup_module
  .zero ${type.size - offset('exit') - 8}
`;
  const flags = ['-march=rv64imac', '-mabi=lp64', '-mcmodel=medany', '-mno-relax', '-fno-pic', '-ffreestanding'];
  return build({ 'start.S': start, 'module.c': source }, ['-r', '-g', '-O1', ...flags]);
}
