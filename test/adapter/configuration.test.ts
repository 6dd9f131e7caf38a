import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkLaunch, parseSize } from '../../debug-adapter/launch/configuration.ts';

const silent = () => {};

describe('launch.json', () => {
  test('a program alone is enough; the other fields have defaults', () => {
    const { memory, harts, firmware, stopOnEntry, stopOnSatp } = checkLaunch({ program: 'k.elf' }, silent);
    assert.deepEqual(
      { memory, harts, firmware, stopOnEntry, stopOnSatp },
      {
        memory: 256n << 20n,
        harts: 1,
        firmware: 'auto',
        stopOnEntry: true,
        stopOnSatp: true,
      },
    );
  });

  test('sizes are written with a unit or as bytes', () => {
    assert.equal(parseSize('256M'), 256n << 20n);
    assert.equal(parseSize('4G'), 4n << 30n);
    assert.equal(parseSize('65536k'), 64n << 20n);
    assert.equal(parseSize('1 GiB'), 1n << 30n);
    assert.equal(parseSize(4096), 4096n);
    for (const wrong of ['', 'M', '-1M', '0', '1.5G', 0, -1, 1.5, Number.NaN, null, true]) {
      assert.equal(parseSize(wrong), undefined, String(wrong));
    }
  });

  test('disks are files with what happens to their changes', () => {
    const disks = (given: unknown) => checkLaunch({ program: 'k.elf', disks: given }, silent).disks;
    assert.deepEqual(checkLaunch({ program: 'k.elf' }, silent).disks, []);
    assert.deepEqual(disks('a.img'), [{ file: 'a.img', mode: 'cow' }]);
    assert.deepEqual(disks(['a,b.img,ro', 'c.img,rw']), [
      { file: 'a,b.img', mode: 'ro' },
      { file: 'c.img', mode: 'rw' },
    ]);
  });

  test('the clock begins at a date in UTC', () => {
    const rtc = (given: string) => checkLaunch({ program: 'k.elf', rtc: given }, silent).rtc;
    assert.equal(rtc('1970-01-02'), 86_400_000);
    assert.equal(rtc('1970-01-01T00:01:00.5Z'), 60_500);
  });

  const wrong: [string, unknown, RegExp][] = [
    ['program', undefined, /"program" is missing/],
    ['program', 7, /"program" is 7; it must be a text/],
    ['memory', 'lots', /"memory" is "lots"; it must be a size such as "256M"/],
    ['harts', 0, /"harts" is 0; it must be a whole number from 1 to 8/],
    ['harts', '2', /"harts" is "2"/],
    ['mmu', 'sv64', /"mmu" is "sv64"; it must be one of "bare", "sv32", "sv39", "sv48", "sv57"/],
    ['disks', ['a.img', 7], /"disks" is \["a.img",7\]; it must be a file name, with ",cow"/],
    ['disks', 'a.img,wr', /"disks" is "a.img,wr"/],
    ['net', 'tap', /"net" is "tap"; it must be one of "none", "loopback"/],
    ['seed', -1, /"seed" is -1; it must be a whole number from 0/],
    ['pace', 'slow', /"pace" is "slow"; it must be one of "fast", "real-time"/],
    ['quantum', 0, /"quantum" is 0; it must be a whole number from 1/],
    ['misaligned', 'maybe', /"misaligned" is "maybe"; it must be one of "supported", "trap"/],
    ['pmp', 8, /"pmp" is 8; it must be 0, 16 or 64/],
    ['rtc', 'tomorrow', /"rtc" is "tomorrow"; it must be a date in UTC such as 2026-01-01T00:00:00Z/],
    ['rtc', '2026-02-31T25:00:00Z', /"rtc" is/],
    ['symbols', [1], /"symbols" is 1; it must be a file name, an object with "path"/],
    ['symbols', { file: 'a' }, /"symbols" is \{"file":"a"\}; it must be a file name, an object with "path"/],
    ['symbols', [{ path: 'a', space: 'kernal' }], /"space" \("kernel", "user" or "physical"\)/],
    ['symbols', [{ path: 'a', base: '0xg' }], /one of "base", "offset"/],
    ['symbols', [{ path: 'a', base: 0, offset: 0 }], /one of "base", "offset"/],
    ['sourceMap', ['a'], /"sourceMap" is \["a"\]; it must be an object/],
    ['stopOnEntry', 'yes', /"stopOnEntry" is "yes"; it must be true or false/],
    ['append', { a: 1 }, /"append" is \{"a":1\}; it must be a text/],
  ];
  for (const [field, value, message] of wrong) {
    test(`${field}: ${JSON.stringify(value)} is one error that names the field`, () => {
      assert.throws(() => checkLaunch({ program: 'k.elf', [field]: value }, silent), message);
    });
  }

  test('an unknown field is a warning with the nearest known name; what editors add is none', () => {
    const lines: string[] = [];
    checkLaunch(
      { program: 'k.elf', type: 'pagewalk', name: 'x', request: 'launch', __sessionId: '1', initrdd: 'a', colour: 1 },
      (line) => lines.push(line),
    );
    assert.deepEqual(lines, [
      'launch.json: "initrdd" is not a field of pagewalk; did you mean "initrd"?',
      'launch.json: "colour" is not a field of pagewalk and is ignored.',
    ]);
  });
});
