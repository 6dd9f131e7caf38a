import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inflate } from '../../debug-adapter/node-host.ts';
import { SymbolFile, type Type, typeDefinition, typeText } from '../../symbols/index.ts';
import { fileSource } from '../support/file-source.ts';
import { hasGdb, needsGdb } from '../support/gdb.ts';
import { guestFile } from '../support/guests.ts';
import { build, hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { gdbTypes, namedTypes, ourTypes } from './described-types.ts';

const main = `
#include <stdbool.h>
typedef unsigned long long uint64_t;
enum colour { red, green = 5, blue };
enum sign { minus = -1, none, plus };
enum wide { huge = 0x8000000000ULL };
typedef unsigned int u32;
typedef struct { unsigned long pgd; } pgd_t;
struct hidden;
struct elsewhere;
union word { u32 whole; unsigned short halves[2]; unsigned char bytes[4]; };
struct bits {
  unsigned int first : 1, second : 4, third : 27;
  int : 0;
  signed char small : 3;
  uint64_t large : 40;
  bool flag : 1;
  enum colour colour : 3;
  unsigned char after;
} bits;
struct packed { char a; unsigned int b : 7, c : 20; uint64_t d : 50; } __attribute__((packed)) packed;
struct node {
  struct node *next;
  struct hidden *hidden;
  struct elsewhere *elsewhere;
  union { struct { short x, y; }; u32 both; };
  struct { char inner; } named;
  const volatile char *const name;
  const char *const names[2];
  int (*compare)(const struct node *, const void *restrict, ...);
  void (*handlers[4])(int);
  int matrix[2][3];
  enum colour colour;
  enum sign sign;
  enum wide wide;
  bool truth;
  float f; double d; long double ld; _Complex double z;
  pgd_t pgd;
  union word word;
  int (*rows)[3];
  const char flexible[];
} node;
typedef int vector __attribute__((vector_size(16)));
vector lanes;
typedef int (*callback)(struct node *node, u32 flags);
callback call;
int old();
unsigned long long twice(short x) { return 2 * x + old(); }
int _start(void) { return node.colour + bits.first + packed.a + lanes[0] + twice(3) + (call != 0); }
`;

const other = `
struct elsewhere { int value; struct elsewhere *self; } elsewhere_value;
int old(void) { return elsewhere_value.value; }
`;

const kinds: readonly (readonly string[])[] = [
  ['-gdwarf-2', '-gstrict-dwarf'],
  ['-gdwarf-3'],
  ['-gdwarf-4', '-fdebug-types-section'],
  ['-gdwarf-5', '-fdebug-types-section'],
  ['-gdwarf-5', '-gdwarf64', '-O2'],
  ['-gdwarf-5', '-gz=zlib'],
  ['-gdwarf-5', '-march=rv32imac', '-mabi=ilp32'],
];

function open(elf: string): SymbolFile {
  return new SymbolFile(fileSource(elf), { inflate });
}

const compile = (flags: readonly string[]) =>
  build({ 'main.c': main, 'other.c': other }, ['-Wl,-Ttext=0x80000000', '-mcmodel=medany', '-lgcc', ...flags]);

function named(file: SymbolFile, name: string): Type {
  const [type] = file.debug.typesNamed(name, file.entry);
  assert.ok(type, name);
  return type;
}

describe('types', () => {
  for (const kind of kinds) {
    test(`of ${kind.join(' ')} are those of gdb: sizes, members to the bit, enumerators, C's text`, (t) => {
      if (!hasGcc) return t.skip(needsGcc);
      if (!hasGdb) return t.skip(needsGdb);
      const elf = compile(kind);
      const file = open(elf);
      const requests = [
        'struct node',
        'struct bits',
        'struct packed',
        'union word',
        'enum colour',
        'enum sign',
        'enum wide',
      ]
        .concat([
          'pgd_t',
          'callback',
          'vector',
          'u32',
          'unsigned long',
          'unsigned char',
          'double',
          '_Bool',
          'struct elsewhere',
        ])
        .map((name) => ({ name, pc: `0x${file.entry.toString(16)}` }));
      assert.deepEqual(ourTypes(file, requests), gdbTypes(elf, requests));
      assert.deepEqual(file.problems, []);
    });
  }

  test('of a kernel are those of gdb', (t) => {
    const vmlinux = guestFile('linux-5.10-rv64/vmlinux');
    if (!vmlinux) return t.skip('needs the guest linux-5.10-rv64: set PAGEWALK_GUESTS');
    if (!hasGdb) return t.skip(needsGdb);
    const file = open(vmlinux);
    const requests = namedTypes(vmlinux, 100);
    assert.ok(requests.length > 1000);
    const [ours, theirs] = [ourTypes(file, requests), gdbTypes(vmlinux, requests)];
    for (const [i, request] of requests.entries()) assert.deepEqual(ours[i], theirs[i], request.name);
    assert.deepEqual(file.problems, []);
  });

  test('that are declared in one unit and defined in another are whole, others are incomplete', (t) => {
    if (!hasGcc) return t.skip(needsGcc);
    const file = open(compile(['-gdwarf-5']));
    const node = named(file, 'struct node');
    assert.ok(node.kind === 'struct');
    const target = (name: string) => {
      const member = node.members.find((each) => each.name === name);
      assert.ok(member?.type.kind === 'pointer');
      return member.type.target;
    };
    const [hidden, elsewhere] = [target('hidden'), target('elsewhere')];
    assert.ok(hidden.kind === 'struct' && elsewhere.kind === 'struct');
    assert.deepEqual([hidden.incomplete, hidden.size, hidden.members], [true, undefined, []]);
    assert.deepEqual([elsewhere.incomplete, elsewhere.size, elsewhere.members.length], [false, 16, 2]);
    assert.equal(target('next'), node, 'a type is the same object wherever it is met');
  });

  test('read in C as people write them', (t) => {
    if (!hasGcc) return t.skip(needsGcc);
    const file = open(compile(['-gdwarf-5']));
    assert.equal(typeDefinition(named(file, 'pgd_t')), 'struct {...} {\n    unsigned long pgd;\n}');
    assert.equal(typeDefinition(named(file, 'enum colour')), 'enum colour {red = 0, green = 5, blue = 6}');
    const node = named(file, 'struct node');
    assert.ok(node.kind === 'struct');
    const texts = node.members.map(({ name = '', type }) => typeText(type, name));
    for (const text of [
      'const volatile char * const name',
      'int (*compare)(const struct node *, const void * restrict, ...)',
      'void (*handlers[4])(int)',
      'int matrix[2][3]',
      'int (*rows)[3]',
      'const char flexible[]',
    ]) {
      assert.ok(texts.includes(text), `${text} is not among ${texts.join('; ')}`);
    }
    const names = (text: string) => file.debug.typesNamed(text).map((type) => type.name);
    assert.deepEqual(
      ['unsigned long', 'long unsigned int', 'unsigned long int'].flatMap(names),
      Array(3).fill('unsigned long'),
    );
    assert.deepEqual(names('struct nowhere'), []);
    const listed = file.debug.typeNamesAt(file.entry);
    assert.ok(listed.length > 0);
    for (const name of listed) assert.ok(named(file, name), `${name} is listed: it is found`);
  });
});
