// What a file is, told by its first bytes: good enough to offer it as a kernel. The loader decides in the end.

/** Bytes that `kernelKind` looks at. */
export const headerSize = 64;

const EM_RISCV = 243;
const ET_EXEC = 2;
const ET_DYN = 3;

/** `elf` = a RISC-V executable, `image` = a raw Linux Image for RISC-V; undefined = neither. */
export function kernelKind(header: Uint8Array): 'elf' | 'image' | undefined {
  if (header.length < headerSize) return undefined;
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  if (view.getUint32(0) === 0x7f454c46) {
    const type = view.getUint16(16, true);
    return view.getUint16(18, true) === EM_RISCV && (type === ET_EXEC || type === ET_DYN) ? 'elf' : undefined;
  }
  // "RISCV\0\0\0" at 0x30 and "RSC\x05" at 0x38 (Linux, arch/riscv/include/asm/image.h).
  return view.getUint32(0x30) === 0x52495343 && view.getUint32(0x38) === 0x52534305 ? 'image' : undefined;
}

/** Nearest to a kernel first: by name, then by how deep the file lies. */
export function byLikelihood(a: string, b: string): number {
  const rank = (path: string) => (/(^|\/)(Image|vmlinux|[^/]*kernel[^/]*)$/i.test(path) ? 0 : 1);
  return rank(a) - rank(b) || a.split('/').length - b.split('/').length || a.localeCompare(b);
}
