import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { chainAt } from '../../extension/language/c-words.ts';
import { functionStart, namesOfCode, namesOfInstruction } from '../../extension/language/inline-names.ts';

describe('The expression under the mouse in C', () => {
  const at = (line: string, part: string, from = 0) => {
    const word = chainAt(line, line.indexOf(part, from));
    if (word) assert.ok(line.slice(word.start, word.end).length > 0);
    return word?.expression;
  };
  const line = 'x = a->b.c[i + 1] + *p->next;';

  test('a member takes all that stands before it, not what stands behind', () => {
    assert.equal(at(line, 'a->'), 'a');
    assert.equal(at(line, 'b.'), 'a->b');
    assert.equal(at(line, 'c['), 'a->b.c');
    assert.equal(at(line, '['), 'a->b.c[i + 1]');
    assert.equal(at(line, ']'), 'a->b.c[i + 1]');
    assert.equal(at(line, 'i +'), 'i');
  });

  test('at the star it is what is pointed to, unless the star multiplies or declares', () => {
    assert.equal(at(line, '*p'), '*p->next');
    assert.equal(at('return *p;', '*'), '*p');
    assert.equal(at('n = a * b;', '*'), undefined);
    assert.equal(at('struct item *item;', '*'), undefined);
  });

  test('casts and brackets are kept, calls are not made', () => {
    assert.equal(at('y = ((struct item *)p)->count;', 'count'), '((struct item *)p)->count');
    assert.equal(at('y = (*p).count;', 'count'), '(*p).count');
    assert.equal(at('y = find(p)->count;', 'count'), undefined);
    assert.equal(at('y = table[f(1)].count;', 'count'), 'table[f(1)].count');
  });

  test('macros of CSRs, numbers and addresses stay what they are elsewhere', () => {
    assert.equal(at('csr_write(CSR_SATP, x);', 'CSR'), 'satp');
    assert.equal(at('x = 0x80000000UL;', '0x8'), '0x80000000');
    assert.equal(at('see pa:0x80210000 here', 'pa:'), 'pa:0x80210000');
    assert.equal(at('satp.MODE', 'MODE'), 'satp.MODE');
    assert.equal(at('x = kernel::mm::TOTAL.0;', 'mm'), 'kernel::mm::TOTAL');
  });

  test('of unfinished lines nothing comes', () => {
    for (const text of ['a]', 'a.b)', '*', '[', 'x[1', '->b', '(', '"abc', 'a->', '*(']) {
      for (let column = 0; column <= text.length; column++) assert.doesNotThrow(() => chainAt(text, column));
    }
  });
});

describe('Inline values', () => {
  const source = `int other(int by) { return by; }

static int leaf(struct item *item,
                int by)
{
  /* by is
     by */
  int local = by * 2; // by
  item->count += other(by);
again:
  log("by %d", item->link.next->count, item->handler(item), x.by);
  return local;
}`.split('\n');
  const stop = 10;
  const locals = new Set(['item', 'by', 'local']);
  const shown = (first: number, last: number) =>
    namesOfCode(source, first, last, locals).map(({ line, expression }) => `${line} ${expression}`);

  test('begin where the function begins, labels passed over', () => {
    assert.equal(functionStart(source, stop, 'c'), 2);
    const rust = ['impl A {', '    pub fn a(&self) {', '    }', '    pub unsafe fn b(x: u8) {', '        x;'];
    assert.equal(functionStart(rust, 4, 'rust'), 3);
  });

  test('are of locals and parameters, each once a line, not of comments, texts and members', () => {
    assert.deepEqual(shown(2, 9), ['2 item', '3 by', '7 local', '7 by', '8 item', '8 item->count', '8 by']);
  });

  test('members are evaluated, functions that are called are not', () => {
    assert.deepEqual(shown(stop, stop), ['10 item', '10 item->link.next->count']);
    const [variable, member] = namesOfCode(source, stop, stop, locals);
    assert.deepEqual([variable?.isVariable, member?.isVariable], [true, false]);
    assert.equal(source[stop]?.slice(member?.start, member?.end), 'item->link.next->count');
  });

  test('of an instruction are its registers and CSRs', () => {
    const of = (text: string) => namesOfInstruction(text, 4).map(({ expression }) => expression);
    assert.deepEqual(of('1:  csrrw a0, satp, t0 # a1'), ['a0', 'satp', 't0']);
    assert.deepEqual(of('  csrw CSR_STVEC, a0'), ['stvec', 'a0']);
    assert.deepEqual(of('  sd zero, 8(sp)'), ['sp']);
    assert.deepEqual(of('  fadd.d fa0, fa0, ft11 // fs0'), ['fa0', 'ft11']);
    assert.deepEqual(of('  la t0, a0_table'), ['t0']);
    assert.deepEqual(of('s1:'), []);
    const [, csr] = namesOfInstruction('  csrr a0, satp', 4);
    assert.deepEqual([csr?.line, csr?.start, csr?.end], [4, 11, 15]);
  });
});
