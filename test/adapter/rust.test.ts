// A program that rustc has made (test/programs/rust-kernel): Rust's names, its types, and values as Rust writes them.

import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Body, DapClient } from './dap-client.ts';

const folder = path.resolve('test/programs/rust-kernel');

describe('a program in Rust', () => {
  const client = new DapClient();
  let frame: number;
  let locals: Body[];

  const rows = async (variablesReference: number): Promise<Body[]> =>
    (await client.request('variables', { variablesReference })).variables;
  const value = async (expression: string): Promise<string> =>
    (await client.request('evaluate', { expression, frameId: frame, context: 'watch' })).result;
  const local = (name: string) => locals.find((row) => row.name === name);

  before(async () => {
    await client.launch({ program: path.join(folder, 'rust-kernel.elf'), sourceMap: { '.': folder } }, async () => {
      const { breakpoints } = await client.request('setFunctionBreakpoints', {
        breakpoints: [{ name: 'teaching::memory::paging::keep' }],
      });
      assert.equal(breakpoints[0].verified, true, 'by its path, not by its mangled name');
    });
    await client.run('continue');
    const { stackFrames } = await client.request('stackTrace', { threadId: 1 });
    frame = stackFrames[1].id;
    const { scopes } = await client.request('scopes', { frameId: frame });
    locals = await rows(scopes.find(({ name }: Body) => name === 'Locals').variablesReference);
  });
  after(() => client.close());

  test('has the paths of its functions and its source lines in stacks', async () => {
    const { stackFrames } = await client.request('stackTrace', { threadId: 1 });
    assert.deepEqual(
      stackFrames.slice(0, 3).map(({ name, source }: Body) => `${name.replace(/\+.*/, '')} ${source.name}`),
      ['teaching::memory::paging::keep kernel.rs', 'teaching::memory::paging::map kernel.rs', 'kernel_main kernel.rs'],
    );
    assert.equal(stackFrames[1].source.path, path.join(folder, 'kernel.rs'));
  });

  test('shows enums by their variant, also where a niche tells it, tuples, slices and strings', () => {
    const shown = (name: string) => `${local(name)?.type}: ${local(name)?.value}`;
    assert.equal(shown('level'), 'teaching::memory::paging::Level (argument): Middle (1)');
    assert.equal(shown('huge'), 'teaching::memory::paging::Mapping: Huge(1073741824)');
    assert.equal(shown('none'), 'teaching::Maybe<&teaching::memory::paging::Entry>: Nothing');
    assert.match(shown('some'), /: Just\(0x[0-9a-f]+.*\)$/);
    assert.equal(shown('pair'), "(u64, char): (7, 233 'é')");
    assert.equal(shown('words'), '&[u64]: [3] {1, 2, 4}');
    assert.equal(shown('name'), '&str (argument): "text"');
    assert.equal(shown('entry').replace(/0x[0-9a-f]+/, '…'), '&teaching::memory::paging::Entry (argument): …');
  });

  test('has the elements of a slice and the fields of a variant below them', async () => {
    const words = await rows(local('words').variablesReference);
    assert.deepEqual(
      words.map(({ name, value, evaluateName }) => `${name} ${value} ${evaluateName}`),
      ['[0] 1 words[0]', '[1] 2 words[1]', '[2] 4 words[2]'],
    );
    const [variant] = await rows(local('huge').variablesReference);
    assert.equal(`${variant.name} ${variant.value}`, 'Huge Huge(1073741824)');
  });

  test('is asked in expressions: fields by number, elements, statics by path and alone, sizes', async () => {
    assert.equal(await value('entry.0'), '0x80200000');
    assert.equal(await value('*entry'), 'Entry(0x80200000)');
    assert.equal(await value('pair.0 + words[2]'), '11');
    assert.equal(await value('pair.1 == 233'), '1');
    assert.equal(await value('teaching::memory::paging::TABLES'), '3');
    assert.equal(await value('MAPPED'), '1');
    assert.equal(await value('sizeof(teaching::memory::paging::Mapping)'), '16');
    await assert.rejects(value('pair.2'), /has no member 2; it has __0, __1/);
  });

  test('offers its paths behind the cursor, and its statics as globals of the file', async () => {
    const text = 'teaching::memory::paging::m';
    const { targets } = await client.request('completions', { text, column: text.length + 1, frameId: frame });
    const [map] = targets.filter(({ label }: Body) => label === 'teaching::memory::paging::map');
    assert.deepEqual([map.start, map.length], [0, text.length]);
    const { scopes } = await client.request('scopes', { frameId: frame });
    const globals = await rows(scopes.find(({ name }: Body) => name === 'Globals').variablesReference);
    assert.deepEqual(
      globals.map((row) => `${row.name.split('::').at(-1)} = ${row.value}`),
      ['TABLES = 3', 'MAPPED = 1'],
    );
  });
});
