import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { phys, virt } from '../../emulator/address.ts';
import { pagingModes, Sv39 } from '../../emulator/mmu/modes.ts';
import { UserError } from '../../emulator/user-error.ts';
import { formatPlace, looksLikePlace, type Place, parsePlace } from '../../kernel/index.ts';

describe('the address grammar', () => {
  const places: [string, Place][] = [
    ['0x80200000', { space: 'virtual', address: virt(0x80200000n) }],
    ['  0xFFFF_FFFF_8000_0000 ', { space: 'virtual', address: virt(0xffffffff80000000n) }],
    ['4096', { space: 'virtual', address: virt(4096n) }],
    ['1_000', { space: 'virtual', address: virt(1000n) }],
    ['va:0x10', { space: 'virtual', address: virt(16n) }],
    ['VA:16', { space: 'virtual', address: virt(16n) }],
    ['pa:0x8021_0000', { space: 'physical', address: phys(0x80210000n) }],
    ['PA:0X80210000', { space: 'physical', address: phys(0x80210000n) }],
    ['va:0x1000@0x81fca000', { space: 'virtual', address: virt(0x1000n), root: phys(0x81fca000n) }],
    ['va:0x1000@0x81fca000:Sv39', { space: 'virtual', address: virt(0x1000n), root: phys(0x81fca000n), mode: Sv39 }],
  ];
  for (const [text, place] of places) {
    test(`"${text}" is read, and its shortest form reads back the same`, () => {
      assert.deepEqual(parsePlace(text), place);
      assert.deepEqual(parsePlace(formatPlace(place)), place);
      assert.ok(looksLikePlace(text));
    });
  }

  test('every paging mode may be named', () => {
    for (const mode of pagingModes) {
      const place = parsePlace(`va:0x0@0x1000:${mode.name.toLowerCase()}`);
      assert.equal(place.space === 'virtual' && place.mode, mode);
    }
  });

  const mistakes: [string, RegExp][] = [
    ['', /a number is missing/],
    ['pa:', /a number is missing/],
    ['0x', /"0x" is no number/],
    ['0x_1', /is no number/],
    ['1__0', /is no number/],
    ['-1', /"-1" is no number/],
    ['start_kernel', /"start_kernel" is no number/],
    ['0x1_0000_0000_0000_0000', /more than 64 bits, which no virtual address/],
    ['pa:0x100000000000000', /more than 56 bits, which no physical address/],
    ['0x1000@0x2000', /begins with "va:"/],
    ['va:0x1000@0x2008', /begins at a multiple of 0x1000, and 0x2008 does not/],
    ['va:0x1000@0x2000:sv40', /"sv40" is no paging mode \(sv32, sv39, sv48, sv57\)/],
    ['va:0x1000@0x2000:sv39:x', /nothing may follow/],
    ['va:0x1000@0x2000@0x3000', /more than one "@"/],
    ['va:0x1000@', /a number is missing/],
    ['pa:0x1000@0x2000', /"0x1000@0x2000" is no number/],
  ];
  for (const [text, message] of mistakes) {
    test(`"${text}" is refused with what is wrong and what would be right`, () => {
      assert.throws(
        () => parsePlace(text),
        (error) =>
          error instanceof UserError && message.test(error.message) && error.message.includes('Write 0x80200000'),
      );
    });
  }

  test('names and sums are no places', () => {
    for (const text of ['start_kernel', 'sp', 'a0 + 8', '0x10 + 8', 'pair:1']) assert.ok(!looksLikePlace(text), text);
  });
});
