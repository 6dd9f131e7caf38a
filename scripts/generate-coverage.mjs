// Writes docs/coverage.md from the tables. usage: node scripts/generate-coverage.mjs [--check]
import { loadTables, writeOrCheck } from './generate-tables.mjs';

const { instructions, compressedInstructions, csrs } = await loadTables();

const hosts = { csr: 'CSR file', system: 'hart', fp: 'floating point', amo: 'atomics', cbo: 'cache blocks' };
const executor = ({ host }) => (host ? `host: ${hosts[host]}` : 'generated code');
const xlens = ({ xlen }) => (xlen === undefined || xlen === 'any' ? 'RV32, RV64' : `RV${xlen}`);
const code = (text) => `\`${text}\``;
const hex = (value, digits) => `0x${(value >>> 0).toString(16).padStart(digits, '0')}`;

const table = (heads, rows) =>
  [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const titles = {
  I: 'Base integer instructions',
  Zifencei: 'Instruction-fetch fence',
  Zicsr: 'CSR instructions',
  M: 'Multiplication and division',
  A: 'Atomic instructions',
  Zacas: 'Atomic compare and swap',
  Zabha: 'Atomics on bytes and halfwords',
  F: 'Single-precision floating point',
  D: 'Double-precision floating point',
  Zfhmin: 'Half precision, loads, stores and conversions',
  Zfh: 'Half-precision floating point',
  Zfa: 'Additional floating-point instructions',
  Zba: 'Address generation',
  Zbb: 'Basic bit manipulation',
  Zbc: 'Carry-less multiplication',
  Zbs: 'Single bits',
  Zicond: 'Conditional operations',
  Zihintpause: 'Pause hint',
  Zihintntl: 'Non-temporal locality hints',
  Zicbop: 'Cache-block prefetches',
  Zicbom: 'Cache-block management',
  Zicboz: 'Cache-block zero',
  Zawrs: 'Wait on reservation set',
  S: 'Supervisor-level instructions',
  Svinval: 'Fine-grained invalidation',
};

/** Rows by extension; the machine-level instructions stand with the supervisor-level ones, as in the manual. */
function sections() {
  const byExtension = new Map();
  for (const row of instructions) {
    const extension = row.extension === 'Sm' ? 'S' : row.extension;
    byExtension.set(extension, [...(byExtension.get(extension) ?? []), row]);
  }
  return [...byExtension].map(
    ([extension, rows]) =>
      `### ${titles[extension]} (${extension === 'S' ? 'privileged' : extension})\n\n${table(
        ['instruction', 'format', 'in', 'mask', 'match', 'executed by'],
        rows.map((row) => [
          code(row.mnemonic),
          row.format,
          xlens(row),
          code(hex(row.mask, 8)),
          code(hex(row.match, 8)),
          executor(row),
        ]),
      )}`,
  );
}

const compressed = table(
  ['instruction', 'extension', 'in', 'mask', 'match', 'expands to'],
  compressedInstructions.map((row) => [
    code(row.mnemonic),
    row.extension,
    xlens(row),
    code(hex(row.mask, 4)),
    code(hex(row.match, 4)),
    code(row.expandsTo),
  ]),
);

/** Numbered families (`pmpaddr0`–`pmpaddr63`) in one line. */
function csrLines() {
  const families = new Map();
  for (const row of csrs) {
    const key = `${row.name.replace(/\d+/, '#')} ${xlens(row)}`;
    families.set(key, [...(families.get(key) ?? []), row]);
  }
  return [...families.values()].map((rows) => {
    const [first, last] = [rows[0], rows.at(-1)];
    const name = first === last ? code(first.name) : `${code(first.name)} – ${code(last.name)}`;
    const numbers = first === last ? hex(first.number, 3) : `${hex(first.number, 3)} – ${hex(last.number, 3)}`;
    const text = first === last ? first.text : first.text.replace(/\d+( to \d+)?/, 'n');
    return [name, code(numbers), xlens(first), first.extension, text];
  });
}

const generated = instructions.filter((row) => row.semantics).length;

writeOrCheck({
  'docs/coverage.md': `# Coverage

Written by \`node scripts/generate-coverage.mjs\` from the tables in \`emulator/isa\` and \`emulator/csr\`.

${instructions.length} instructions of 32 bits (${generated} in generated code, ${instructions.length - generated} by the host) and ${compressedInstructions.length} compressed ones, which execute as what they expand to. A row that is in RV32 and RV64 with different encodings counts twice.

Each extension can be left out by the ISA string; its encodings are then illegal instructions, and its hints the instructions that they stand in for. Absent altogether: vectors (V), the hypervisor (H), quad precision (Q), floating point in integer registers (Zfinx), cryptography but for the entropy source (Zbk*, Zk*), Zcmp and Zcmt, control-flow integrity (Zicfilp, Zicfiss) and may-be-operations (Zimop).

## Instructions

${sections().join('\n\n')}

### Compressed instructions

${compressed}

## CSRs

${table(['CSR', 'number', 'in', 'with', 'what it is'], csrLines())}
`,
});
