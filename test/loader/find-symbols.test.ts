// The vmlinux beside an Image is found by its build id, not by its name.

import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { checkLaunch } from '../../debug-adapter/launch/configuration.ts';
import { findSymbols } from '../../debug-adapter/launch/find-symbols.ts';
import { nodeHost } from '../../debug-adapter/node-host.ts';
import { loadInProcess } from '../../debug-adapter/targets/in-process.ts';
import { guestFile } from '../support/guests.ts';

const wanted = ['linux-5.10-rv64/Image', 'linux-5.10-rv64/vmlinux', 'linux-6.12-rv64-kaslr/vmlinux'].map(guestFile);
const [image = '', vmlinux = '', other = ''] = wanted;

describe('symbols of an Image', {
  skip: wanted.every(Boolean) ? false : 'needs the guests: set PAGEWALK_GUESTS',
}, () => {
  const folders: string[] = [];
  after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  /** What is found in a folder with the Image and these files beside it, names without the folder. */
  function find(beside: Readonly<Record<string, string>>, symbols?: string) {
    const folder = mkdtempSync(path.join(tmpdir(), 'pagewalk-symbols-'));
    folders.push(folder);
    copyFileSync(image, path.join(folder, 'Image'));
    for (const [name, target] of Object.entries(beside)) symlinkSync(target, path.join(folder, name));
    const program = path.join(folder, 'Image');
    const launch = checkLaunch({ program, ...(symbols && { symbols: path.join(folder, symbols) }) }, assert.fail);
    const { files, warning } = findSymbols(nodeHost, launch, loadInProcess(nodeHost, launch, assert.fail));
    return [files.map((file) => path.relative(folder, file.path)), warning?.replaceAll(`${folder}/`, '')] as const;
  }

  test('are those of the file with the same build id, whatever it is called', () => {
    assert.deepEqual(find({ vmlinux }), [['vmlinux'], undefined]);
    assert.deepEqual(find({ 'vmlinux-5.10': vmlinux, vmlinux: other }), [['vmlinux-5.10'], undefined]);
    assert.deepEqual(find({ 'kernel.elf': vmlinux, 'other.elf': other }), [['kernel.elf'], undefined]);
  });

  test('are none where the vmlinux is of another build, and a warning says so', () => {
    const [files, warning] = find({ vmlinux: other });
    assert.deepEqual(files, []);
    assert.match(warning ?? '', /^vmlinux is not of the same build as Image: .*name the right one in symbols\.$/);
  });

  test('are none, without a word, where nothing lies beside it', () => assert.deepEqual(find({}), [[], undefined]));

  test('are those that are named, with a warning where they are of another build', () => {
    assert.deepEqual(find({ a: vmlinux }, 'a'), [['a'], undefined]);
    const [files, warning] = find({ b: other }, 'b');
    assert.deepEqual(files, ['b']);
    assert.match(warning ?? '', /^b is not of the same build as Image/);
  });

  test('are not taken from a damaged file', () => {
    const cut = path.join(mkdtempSync(path.join(tmpdir(), 'pagewalk-symbols-')), 'cut');
    folders.push(path.dirname(cut));
    writeFileSync(cut, new Uint8Array([0x7f, 0x45, 0x4c, 0x46]));
    assert.deepEqual(find({ vmlinux: cut }), [[], undefined]);
  });
});
