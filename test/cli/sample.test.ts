// The command-line tool on the sample kernel.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { jsonLines, pagewalk, sample } from './binary.ts';

describe('pagewalk run', () => {
  test("shows the console and exits with the guest's code", () => {
    const { status, stdout, stderr } = pagewalk(['run', sample]);
    assert.match(stdout, /^S-mode, paging is off\./);
    assert.match(stdout, /fibonacci\(12\) is 144\.\n/);
    assert.match(stdout, /Lights out\.\n$/);
    assert.deepEqual([status, stderr], [0, '']);
  });

  test('stops at --until with code 0, before the guest ends', () => {
    const { status, stdout } = pagewalk(['run', sample, '--until', 'tick 2']);
    assert.equal(status, 0);
    assert.match(stdout, /tick 2/);
    assert.doesNotMatch(stdout, /Lights out/);
  });

  test('stops at --limit with code 3', () => {
    const { status, stdout } = pagewalk(['run', sample, '--limit', '10_096']);
    assert.equal(status, 3);
    assert.equal(stdout, 'S-mode, paging is off. Building an identity map.\n');
  });

  test('parks the other harts and still powers off', () => {
    assert.equal(pagewalk(['run', sample, '--harts', '3']).status, 0);
  });
});

describe('pagewalk satp', () => {
  const rows = () => jsonLines(['satp', sample]);

  test('gives one row for each satp-writing instruction, in order', () => {
    const facts = rows().map(({ index, hart, symbol, mode, asid }) => [
      index,
      hart,
      String(symbol).replace(/\+.*/, ''),
      mode,
      asid,
    ]);
    assert.deepEqual(facts, [
      [1, 0, 'supervisor', 'Sv39', 0],
      [2, 0, 'supervisor', 'Sv39', 0],
      [3, 0, 'high', 'Sv39', 0],
      [4, 0, 'run_process', 'Sv39', 1],
      [5, 0, 'run_process', 'Sv39', 0],
    ]);
  });

  test('chains: what a write leaves is what the next one finds', () => {
    const all = rows();
    assert.equal(all[0]?.before, '0x0000000000000000');
    for (const [index, row] of all.entries()) {
      assert.equal(row.written, row.after);
      if (index > 0) assert.equal(row.before, all[index - 1]?.after);
      assert.match(String(row.root), /^0x[0-9a-f]{16}$/);
      const satp = (8n << 60n) | (BigInt(row.asid as number) << 44n) | (BigInt(row.root as string) >> 12n);
      assert.equal(BigInt(row.after as string), satp);
    }
  });

  test('shows an ignored write as a row with after = before', () => {
    const { status, stdout, stderr } = pagewalk(['satp', sample, '--mmu', 'bare', '--format', 'json']);
    assert.equal(status, 1, 'the sample does not survive without paging');
    assert.match(stderr, /the guest is stuck/);
    const all: Record<string, string>[] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.notEqual(all.length, 0);
    for (const { written, before, after, mode } of all) {
      assert.equal(after, before);
      assert.notEqual(written, after);
      assert.equal(mode, 'Bare');
    }
  });

  test('repeats exactly', () => assert.deepEqual(rows(), rows()));

  test('prints a table with the same facts', () => {
    const { stdout } = pagewalk(['satp', sample]);
    const lines = stdout.trimEnd().split('\n');
    assert.match(lines[0] as string, /#\s+instret\s+hart\s+pc\s+mode\s+asid\s+root\s+symbol/);
    for (const [index, { pc, symbol }] of rows().entries()) {
      assert.ok(lines[index + 1]?.includes(String(pc)) && lines[index + 1]?.endsWith(String(symbol)), lines[index + 1]);
    }
  });
});

describe('pagewalk map', () => {
  const regions = (at: string) =>
    jsonLines(['map', sample, '--at', at]).map(
      ({ va, size, permissions, region }) => `${va} ${size} ${permissions} ${region}`,
    );

  test('shows the identity map of two gigapages at satp:1', () => {
    const rows = jsonLines(['map', sample, '--at', 'satp:1']);
    assert.deepEqual(
      rows.map(({ va, pa, pageSize, permissions }) => [va, pa, pageSize, permissions]),
      [
        ['0x0000000000000000', '0x0000000000000000', 1 << 30, 'RW-'],
        ['0x0000000080000000', '0x0000000080000000', 1 << 30, 'RWX'],
      ],
    );
  });

  test('shows one writable and executable megapage at satp:2, the trampoline', () => {
    const rows = jsonLines(['map', sample, '--at', 'satp:2']);
    assert.deepEqual(
      rows.map(({ va, pageSize, permissions }) => [va, pageSize, permissions]),
      [['0xffffffff80000000', 2 << 20, 'RWX']],
    );
  });

  test('shows the final map without a page that is writable and executable, and with a hole below the stack', () => {
    const rows = jsonLines(['map', sample, '--at', 'satp:3']);
    assert.deepEqual(
      rows.filter(({ permissions }) => permissions === 'RWX'),
      [],
    );
    const image = rows.filter(({ va }) => BigInt(va as string) >= 0xffffffff80000000n);
    assert.deepEqual(
      image.map(({ permissions }) => permissions),
      ['R-X', 'R--', 'RW-', 'RW-'],
    );
    const [data, stack] = image.slice(2);
    assert.equal(BigInt(stack?.va as string) - BigInt(data?.vaEnd as string) - 1n, 0x1000n);
  });

  test('gives the program pages of its own at satp:4, and its stack only after the page fault', () => {
    const users = (at: string) => jsonLines(['map', sample, '--at', at]).filter(({ user }) => user === true);
    assert.deepEqual(
      users('satp:4').map(({ va, permissions }) => [va, permissions]),
      [
        ['0x0000000000010000', 'R-X'],
        ['0x0000000000011000', 'RW-'],
      ],
    );
    assert.equal(users('console:Hello from U-mode').length, 3);
  });

  test('names sections and devices', () => {
    const text = regions('symbol:kernel_main').join('\n');
    for (const name of ['R-X .text', 'RW- ns16550a', 'RW- test finisher']) assert.ok(text.includes(name), text);
  });

  test("prints Linux's kernel_page_tables columns with --format ptdump", () => {
    const { stdout } = pagewalk(['map', sample, '--at', 'satp:2', '--format', 'ptdump']);
    assert.equal(
      stdout,
      '0xffffffff80000000-0xffffffff80200000    0x0000000080000000         2M PMD .   ..     ..   D A . . X W R V\n',
    );
  });

  test('says that there is no map where satp is Bare', () => {
    const { status, stderr } = pagewalk(['map', sample, '--at', 'insn:100']);
    assert.deepEqual(
      [status, stderr],
      [2, "pagewalk: hart 0's satp is Bare at this point: every address is physical\n"],
    );
  });

  test('says how far the guest came when a point is never reached', () => {
    const { status, stderr } = pagewalk(['map', sample, '--at', 'satp:9']);
    assert.deepEqual([status, stderr], [2, 'pagewalk: --at satp:9: the guest ended before; it wrote satp 5 times\n']);
  });
});

describe('pagewalk walk', () => {
  const walk = (address: string, ...more: string[]) => {
    const { status, stdout, stderr } = pagewalk(['walk', sample, address, '--format', 'json', ...more]);
    assert.ok(stdout, stderr);
    return { status, ...JSON.parse(stdout) };
  };

  test('explains a translation level by level', () => {
    const { status, ok, pa, steps, pageSize, symbol } = walk('kernel_main', '--at', 'satp:3');
    assert.deepEqual([status, ok, pageSize, symbol], [0, true, 4096, 'kernel_main']);
    assert.deepEqual(
      steps.map(({ level, index }: { level: number; index: number }) => [level, index]),
      [
        [2, 510],
        [1, 0],
        [0, 0],
      ],
    );
    assert.equal(BigInt(pa) & 0xfffn, BigInt(walk('kernel_main', '--at', 'satp:3').va) & 0xfffn);
  });

  test('gives the reason of a fault, and exit code 1', () => {
    const { status, ok, reason, cause } = walk('kernel_main', '--at', 'satp:3', '--access', 'store');
    assert.deepEqual([status, ok, reason, cause], [1, false, 'not-writable', 15]);
  });

  test('tells S-mode and U-mode apart', () => {
    assert.equal(walk('0x10000', '--at', 'satp:4').reason, 'user-page');
    assert.equal(walk('0x10000', '--at', 'satp:4', '--privilege', 'u').ok, true);
    assert.equal(walk('kernel_main', '--at', 'satp:4', '--privilege', 'u').reason, 'not-user-page');
  });

  test('reads another address space by its root', () => {
    const root = jsonLines(['satp', sample])[1]?.root;
    assert.equal(walk(`va:0xffffffff80000000@${root}:sv39`, '--at', 'end').pageSize, 2 << 20);
  });

  test('says what is at a physical address', () => {
    assert.equal(pagewalk(['walk', sample, 'pa:0x10000000']).stdout, 'pa:0x10000000 is ns16550a\n');
  });

  test('refuses what is no address, and says what is one', () => {
    const { status, stderr } = pagewalk(['walk', sample, '0x12345z']);
    assert.equal(status, 2);
    assert.match(stderr, /^pagewalk: "0x12345z" is no address/);
  });
});

describe('--help', () => {
  test('lists the verbs', () => {
    const { status, stdout } = pagewalk(['--help']);
    assert.equal(status, 0);
    for (const verb of ['run', 'satp', 'map', 'walk', 'dap']) assert.match(stdout, new RegExp(`^  ${verb} `, 'm'));
  });

  for (const verb of ['run', 'satp', 'map', 'walk']) {
    test(`of ${verb} names every option of the machine`, () => {
      const { status, stdout } = pagewalk([verb, '--help']);
      assert.equal(status, 0);
      for (const option of [
        'initrd',
        'append',
        'memory',
        'harts',
        'isa',
        'mmu',
        'firmware',
        'dtb',
        'symbols',
        'limit',
      ]) {
        assert.match(stdout, new RegExp(`^  --${option} `, 'm'));
      }
    });
  }
});
