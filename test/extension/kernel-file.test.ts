import assert from 'node:assert/strict';
import { open } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { byLikelihood, headerSize, kernelKind } from '../../extension/debug/kernel-file.ts';

async function header(file: string): Promise<Uint8Array> {
  const handle = await open(file);
  const { buffer } = await handle.read(new Uint8Array(headerSize), 0, headerSize, 0);
  await handle.close();
  return buffer;
}

describe('What could be a kernel', () => {
  test('a RISC-V executable is, whatever its name', async () => {
    assert.equal(kernelKind(await header('samples/first-light/first-light.elf')), 'elf');
  });

  test('an executable of this computer is not', async () => {
    const native = await header(process.execPath);
    assert.notEqual(native[18], 243, 'this test expects a computer that is not RISC-V');
    assert.equal(kernelKind(native), undefined);
  });

  test('a raw Linux Image is known by its magic numbers', () => {
    const image = new Uint8Array(headerSize);
    image.set(new TextEncoder().encode('MZ'), 0);
    image.set(new TextEncoder().encode('RISCV\0\0\0'), 0x30);
    image.set(new TextEncoder().encode('RSC\x05'), 0x38);
    assert.equal(kernelKind(image), 'image');
    image[0x38] = 0;
    assert.equal(kernelKind(image), undefined);
  });

  test('an object file and a short file are not', async () => {
    const object = await header('samples/first-light/first-light.elf');
    object[16] = 1; // ET_REL
    assert.equal(kernelKind(object), undefined);
    assert.equal(kernelKind(object.subarray(0, 20)), undefined);
  });

  test('names of kernels come before other files, near before far', () => {
    const files = ['/w/build/user/init.elf', '/w/app.elf', '/w/build/vmlinux', '/w/my-kernel.elf'];
    assert.deepEqual(files.sort(byLikelihood), [
      '/w/my-kernel.elf',
      '/w/build/vmlinux',
      '/w/app.elf',
      '/w/build/user/init.elf',
    ]);
  });
});
