import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { virt } from '../../emulator/address.ts';
import { bytesSource } from '../../emulator/loader/index.ts';
import { UserError } from '../../emulator/user-error.ts';
import { SymbolFile, typeDefinition, typeText } from '../../symbols/index.ts';
import { fileSource } from '../support/file-source.ts';
import { guestFile } from '../support/guests.ts';
import { build, gnu, hasGcc, needsGcc } from '../support/riscv-gcc.ts';

const source = `
struct state { int count; struct state *next; };
struct state state;
static int helper(struct state *of, int by) { of->count += by; return of->count; }
__attribute__((noinline)) int enter(int a) { return helper(&state, a); }
__attribute__((section(".init.text"))) int start(void) { return enter(3); }
`;

/** Link addresses that a kernel might give a module's sections. */
const bases: Readonly<Record<string, bigint>> = {
  '.text': 0xffffffff01000000n,
  '.init.text': 0xffffffff01008000n,
  '.bss': 0xffffffff01010000n,
  '.sbss': 0xffffffff01010000n,
};

describe('an object file, as kernel modules are', () => {
  for (const flags of [
    ['-gdwarf-5', '-O0'],
    ['-gdwarf-4', '-O2'],
    ['-gdwarf-5', '-O0', '-march=rv32imac', '-mabi=ilp32'],
  ]) {
    test(`of ${flags.join(' ')} has its symbols, lines, scopes, variables and frames where its sections were loaded`, (t) => {
      if (!hasGcc) return t.skip(needsGcc);
      const path = build({ 'module.c': source }, ['-c', ...flags]);
      const wide = !flags.includes('-mabi=ilp32');
      const base = (name: string) => (bases[name] === undefined || wide ? bases[name] : bases[name] & 0xffffffffn);
      const file = new SymbolFile(fileSource(path), { sectionAddress: base });
      const [enter] = file.symbolsNamed('enter');
      const [start] = file.symbolsNamed('start');
      assert.ok(enter && start);
      const [text = 0n, init = 0n, data = 0n] = ['.text', '.init.text', '.bss'].map((name) => base(name) ?? 0n);
      assert.ok(enter.value >= text && enter.value < text + 0x1000n);
      assert.equal(start.value, init);
      assert.equal(file.symbolAt(virt(start.value + 2n))?.name, 'start');
      assert.equal(file.lineAt(start.value)?.line, 6);
      assert.deepEqual(
        file.addressesOf('module.c', 6).map(({ va }) => va >= init),
        [true],
      );
      const scope = file.debug.scopesAt(enter.value).at(-1);
      assert.ok(scope);
      assert.equal(typeText(scope.function.type, scope.function.name), 'int enter(int)');
      assert.deepEqual(
        scope.blocks.at(-1)?.variables.map(({ name }) => name),
        ['a'],
      );
      const [state] = file.debug.variablesNamed('state');
      assert.equal(state?.address, data);
      assert.equal(state && typeDefinition(state.type), 'struct state {\n    int count;\n    struct state *next;\n}');
      const frame = {
        pc: enter.value,
        called: false,
        register: () => 0x1000n,
        memory: () => undefined,
        addressOf: (link: bigint) => link,
        caller: () => undefined,
      };
      assert.equal(file.debug.cfaOf(frame), 0x1000n);
      assert.deepEqual(file.problems, []);
    });
  }

  test('is a UserError where nobody knows where it was loaded', (t) => {
    if (!hasGcc) return t.skip(needsGcc);
    const path = build({ 'module.c': source }, ['-c']);
    assert.throws(() => new SymbolFile(fileSource(path)), UserError);
  });
});

describe('symbols as text', () => {
  test('System.map answers as the vmlinux that it was made of', (t) => {
    const vmlinux = guestFile('linux-5.10-rv64/vmlinux');
    if (!vmlinux) return t.skip('needs the guest linux-5.10-rv64: set PAGEWALK_GUESTS');
    if (!hasGcc) return t.skip(needsGcc);
    const rows = gnu('nm', ['-n', vmlinux])
      .split('\n')
      .filter((row) => !/ (\.L|\$|__efistub_\.L)| [aNUw] /.test(row));
    const map = new SymbolFile(bytesSource('System.map', new TextEncoder().encode(rows.join('\n'))));
    const elf = new SymbolFile(fileSource(vmlinux));
    assert.ok(map.symbolCount > 10_000);
    for (const name of ['start_kernel', 'setup_vm', 'init_task', 'swapper_pg_dir', 'schedule']) {
      const [ours] = map.symbolsNamed(name);
      const [theirs] = elf.symbolsNamed(name);
      assert.ok(ours && theirs, name);
      assert.equal(ours.value, theirs.value);
      assert.equal(map.symbolAt(virt(ours.value + 2n))?.name, elf.symbolAt(virt(ours.value + 2n))?.name);
    }
    assert.equal(map.functionAt(map.symbolsNamed('schedule')[0]?.value ?? virt(0n))?.name, 'schedule');
    assert.deepEqual([map.debug.present, map.debug.scopesAt(map.entry), map.problems], [false, [], []]);
  });

  test('kallsyms with modules, of 32 bits too, has their symbols', () => {
    const text = 'c0000000 T _start\nc0000100 t helper\nc0002000 D table\nd0000000 t probe\t[virtio_blk]\n';
    const file = new SymbolFile(bytesSource('kallsyms', new TextEncoder().encode(text)));
    assert.equal(file.xlen, 32);
    assert.equal(file.symbolAt(virt(0xc0000104n))?.name, 'helper');
    assert.deepEqual(
      file.symbolsNamed('probe').map(({ value, global }) => [value, global]),
      [[0xd0000000n, false]],
    );
  });

  test('kallsyms whose addresses the kernel hides is a UserError that says what to do', () => {
    const text = '0000000000000000 T _start\n0000000000000000 t helper\n'.repeat(5);
    assert.throws(
      () => new SymbolFile(bytesSource('kallsyms', new TextEncoder().encode(text))),
      (error) => error instanceof UserError && /^kallsyms has no addresses.*root/.test(error.message),
    );
  });
});
