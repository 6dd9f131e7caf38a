import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hex, virt } from '../../emulator/address.ts';
import { SymbolFile, typeText } from '../../symbols/index.ts';
import { fileSource } from '../support/file-source.ts';
import { hasGdb, needsGdb } from '../support/gdb.ts';
import { guestFile } from '../support/guests.ts';
import { randomFrom } from '../support/page-tables.ts';
import { difference, gdbScopes } from './described-scopes.ts';

const addressesOf = (file: SymbolFile, count: number, random: (below: number) => number): bigint[] => {
  const sections = file.sections.filter(({ execute }) => execute);
  return Array.from({ length: count }, () => {
    let offset = random(sections.reduce((sum, { size }) => sum + size, 0) >>> 1) * 2;
    for (const { va, size } of sections) {
      if (offset < size) return va + BigInt(offset);
      offset -= size;
    }
    return 0n;
  });
};

describe('scopes of a kernel', () => {
  const vmlinux = guestFile('linux-6.12-rv64-kaslr/vmlinux');
  const missing = 'needs the guest linux-6.12-rv64-kaslr: set PAGEWALK_GUESTS';

  test('at random addresses have the functions, inlined ones too, blocks and variables that gdb has', (t) => {
    if (!vmlinux) return t.skip(missing);
    if (!hasGdb) return t.skip(needsGdb);
    const seed = Number(process.env.SEED ?? Date.now() & 0x7fffffff);
    t.diagnostic(`seed ${seed}`);
    const file = new SymbolFile(fileSource(vmlinux));
    const addresses = addressesOf(file, 200, randomFrom(seed));
    const theirs = gdbScopes(vmlinux, addresses);
    let compared = 0;
    for (const [i, address] of addresses.entries()) {
      const scopes = theirs[i] ?? [];
      // gdb knows nothing of padding; ours counts it to the function behind it.
      if (scopes.length === 0) continue;
      compared++;
      assert.equal(difference(file, address, scopes), undefined, `seed ${seed}, ${hex(address)}`);
    }
    assert.ok(compared > 150);
    assert.deepEqual(file.problems, []);
  });

  test('tell names, declarations and calls', (t) => {
    if (!vmlinux) return t.skip(missing);
    const file = new SymbolFile(fileSource(vmlinux));
    const [symbol] = file.symbolsNamed('start_kernel');
    assert.ok(symbol);
    const [scope] = file.debug.scopesAt(symbol.value);
    assert.ok(scope);
    assert.deepEqual(scope, file.debug.scopesAt(file.functionEntry(symbol))[0], 'padding counts as the function');
    assert.equal(typeText(scope.function.type, scope.function.name), 'void start_kernel(void)');
    assert.match(scope.function.declared?.file ?? '', /\/init\/main\.c$/);
    assert.deepEqual(
      [scope.inlined, scope.function.external, scope.function.unit.language, scope.function.unit.dwarfVersion],
      [false, true, 'c', 5],
    );
    assert.deepEqual(
      scope.blocks.map(({ variables }) => variables.map(({ name, kind, type }) => `${kind} ${typeText(type, name)}`)),
      [['local char *command_line', 'local char *after_dashes']],
    );
  });

  test('and copies agree: each inlined copy of a function is a scope where it is entered', (t) => {
    if (!vmlinux) return t.skip(missing);
    const file = new SymbolFile(fileSource(vmlinux));
    const copies = file.debug.copiesOf('list_add_tail');
    assert.ok(copies.filter(({ inlined }) => inlined).length > 100);
    for (const { entry, inlined, call } of copies) {
      const scope = file.debug.scopesAt(entry).find((each) => each.function.name === 'list_add_tail');
      assert.ok(scope, hex(entry));
      assert.deepEqual([scope.inlined, scope.call], [inlined, call]);
    }
    assert.deepEqual(
      file.debug.copiesOf('start_kernel').map(({ inlined, body }) => [inlined, body]),
      file.symbolsNamed('start_kernel').map((symbol) => [false, file.functionEntry(symbol)]),
    );
    assert.deepEqual(file.debug.copiesOf('no_such_function'), []);
  });

  for (const kernel of ['linux-5.10-rv64', 'linux-6.1-rv32', 'linux-6.12-rv64-kaslr']) {
    test(`of inlined functions of ${kernel} begin where the index alone says, however far it has come`, (t) => {
      const guest = guestFile(`${kernel}/vmlinux`);
      if (!guest) return t.skip(`needs the guest ${kernel}: set PAGEWALK_GUESTS`);
      const seed = Number(process.env.SEED ?? Date.now() & 0x7fffffff);
      t.diagnostic(`seed ${seed}`);
      const random = randomFrom(seed);
      const fresh = () => new SymbolFile(fileSource(guest));
      const file = fresh();
      const text = file.sections.find(({ name }) => name === '.text');
      assert.ok(text);
      const names = new Set(['list_add_tail', 'start_kernel', 'no_such_function']);
      while (names.size < 40) {
        const va = virt(text.va + BigInt(random(text.size >>> 1) * 2));
        for (const { function: met, inlined } of file.debug.scopesAt(va)) if (inlined) names.add(met.name);
      }
      const asked = fresh();
      for (const name of names) {
        const copies = file.debug.copiesOf(name).flatMap(({ inlined, body }) => (inlined ? [body] : []));
        assert.deepEqual(asked.debug.inlinedAt(name), [...new Set(copies)], `${name}, seed ${seed}`);
      }
      const slices = fresh();
      assert.equal(slices.debug.mayHaveMoreCopies('list_add_tail'), true);
      while (!slices.debug.index(1 << 20)) assert.equal(slices.debug.indexed, false);
      assert.equal(slices.debug.mayHaveMoreCopies('list_add_tail'), false);
      assert.deepEqual(slices.debug.inlinedAt('list_add_tail'), file.debug.inlinedAt('list_add_tail'));
    });
  }

  test('see globals and statics: the address is that of the symbol', (t) => {
    if (!vmlinux) return t.skip(missing);
    const file = new SymbolFile(fileSource(vmlinux));
    for (const [name, kind, type] of [
      ['init_task', 'global', 'struct task_struct'],
      ['boot_command_line', 'global', 'char [1024]'],
      ['kernel_map', 'global', 'struct kernel_mapping'],
      ['pt_ops', 'global', 'struct pt_alloc_ops'],
      ['static_command_line', 'static', 'char *'],
    ]) {
      const [variable] = file.debug.variablesNamed(name ?? '');
      assert.ok(variable, name);
      assert.deepEqual([variable.kind, typeText(variable.type)], [kind, type]);
      assert.equal(variable.address, file.symbolsNamed(name ?? '')[0]?.value);
    }
    const unit = file.debug.unitAt(virt(file.symbolsNamed('setup_vm')[0]?.value ?? 0n));
    assert.match(unit?.name ?? '', /\/arch\/riscv\/mm\/init\.c$/);
    assert.equal(file.debug.enumeratorNamed('PG_locked')?.value, 0n);
    assert.deepEqual(file.debug.variablesNamed('no_such_variable'), []);
  });
});
