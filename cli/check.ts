// pagewalk check: a file of expectations held against a kernel's map, at several points and in several paging modes.

import { readFileSync } from 'node:fs';
import { judgedOf } from '../debug-adapter/program/kernel-program.ts';
import { UserError } from '../emulator/user-error.ts';
import {
  type CheckResult,
  checkSubject,
  currentSpace,
  type Expectation,
  judgeExpectation,
  type Point,
  parseCheck,
  parsePoint,
  translationText,
} from '../kernel/index.ts';
import { type CheckLine, checkFormats, report } from './check-report.ts';
import { drive } from './drive.ts';
import { exitCodeOf } from './ending.ts';
import { type Guest, hartOf, loadGuest } from './guest.ts';
import type { Verb } from './help.ts';
import { type Given, help, launchOf, limitOf, machineOptions, oneOf } from './options.ts';
import { Points } from './points.ts';
import { Progress } from './progress.ts';

export const check: Verb = {
  name: 'check',
  operands: ['FILE', '[KERNEL]'],
  summary: "Holds a file of expectations against a kernel's map.",
  notes:
    'docs/check.md has the grammar. A line is such as: va 0xffffffff80000000 +2M -> pa 0x80200000 RX at symbol:start_kernel\nJSON: one object a line: file, line, column, text, point, mode, state (passed, failed, skipped), message, expected,\nactual. TAP and JUnit are for those who read them.\nExit code: 0 when every expectation is met, 1 when one is not or the kernel panics; 2 for a mistake in the file or on the\ncommand line; 3 when --limit came before a point.',
  options: {
    ...machineOptions,
    mmu: { value: 'MODES', text: 'widest paging mode; several with a comma between are tried one after the other' },
    limit: { value: 'N', text: 'give up after N instructions of all harts together' },
    hart: { value: 'N', text: 'whose satp counts (default 0)' },
    format: { value: 'FORMAT', text: 'text (default), json, tap or junit' },
    list: { text: 'only read the file, and list what it expects' },
    help,
  },

  async run([file = '', kernel], given) {
    const format = oneOf('format', (given.format as string | undefined) ?? 'text', checkFormats);
    const expectations = parseCheck(contentOf(file), file);
    if (given.list === true) {
      report(
        expectations.map((one) => lineOf(file, one, '', { state: 'skipped', message: 'listed' })),
        format,
      );
      return 0;
    }
    if (kernel === undefined) throw new UserError('KERNEL is missing; --help shows how to write it');
    if (expectations.length === 0)
      throw new UserError(`${file}: it expects nothing; docs/check.md shows what can be written`);
    const points = new Map(expectations.map(({ point }) => [point, parsePoint(point)]));
    const modes = ((given.mmu as string | undefined) ?? '').split(',').map((mode) => mode.trim());
    const lines: CheckLine[] = [];
    const translations: Translations = new Map();
    let code = 0;
    for (const mode of modes) {
      const run = new CheckRun(file, expectations, points, mode, translations);
      code = Math.max(code, await run.run(kernel, { ...given, ...(mode !== '' && { mmu: mode }) }));
      lines.push(...run.lines);
    }
    const told = modes.length > 1 ? lines.map((line) => compared(line, expectations, translations)) : lines;
    report(told, format);
    if (told.some(({ state }) => state === 'failed')) return 1;
    return code;
  },
};

/** What the places of `same in every mode` translated to: by line and column, by mode. */
type Translations = Map<string, Map<string, string>>;

const keyOf = ({ line, column }: { readonly line: number; readonly column: number }) => `${line}:${column}`;

/** One run of the kernel in one mode. */
class CheckRun {
  readonly lines: CheckLine[] = [];
  readonly #file: string;
  readonly #expectations: readonly Expectation[];
  readonly #points: ReadonlyMap<string, Point>;
  readonly #mode: string;
  readonly #translations: Translations;

  constructor(
    file: string,
    expectations: readonly Expectation[],
    points: ReadonlyMap<string, Point>,
    mode: string,
    translations: Translations,
  ) {
    this.#file = file;
    this.#expectations = expectations.filter(({ modes }) => mode === '' || modes.length === 0 || modes.includes(mode));
    this.#points = points;
    this.#mode = mode;
    this.#translations = translations;
    for (const one of expectations) {
      if (!this.#expectations.includes(one)) {
        this.lines.push(
          lineOf(file, one, mode, { state: 'skipped', message: `it is for ${one.modes.join(', ')} only` }),
        );
      }
    }
  }

  /** Returns the exit code of the run itself: 0, 1 or 3. */
  async run(kernel: string, given: Given): Promise<number> {
    let left = limitOf(given);
    const guest = loadGuest(launchOf(kernel, given));
    hartOf(guest, given.hart as string | undefined);
    const wanted = [...this.#points].filter(([text]) => this.#expectations.some(({ point }) => point === text));
    const queue = new Points(
      wanted.flatMap(([, point]) => (point.kind === 'end' ? [] : [point])),
      guest,
    );
    const atEnd = this.#expectations.some(({ point }) => point === 'end');
    const progress = new Progress();
    try {
      for (;;) {
        if (queue.left.length === 0 && !atEnd) return 0;
        const before = retired(guest);
        const end = await drive(guest, { limit: left, awaited: queue, progress });
        left -= retired(guest) - before;
        if (end.kind === 'reached') {
          const reached = queue.take();
          for (const [text, point] of wanted) if (reached.includes(point)) this.#judge(text, guest, given);
          continue;
        }
        if (end.kind === 'limit') {
          this.#miss('skipped', '--limit came before');
          return 3;
        }
        if (atEnd) this.#judge('end', guest, given);
        this.#miss(
          'failed',
          `the point was never reached: ${end.kind === 'panic' ? 'the kernel panicked' : 'the guest ended'} before`,
        );
        return end.kind === 'ended' ? 0 : exitCodeOf(end);
      }
    } finally {
      queue.close();
      this.lines.sort((a, b) => a.line - b.line || a.column - b.column);
    }
  }

  #judge(point: string, guest: Guest, given: Given): void {
    const hart = hartOf(guest, given.hart as string | undefined);
    const subject = checkSubject({ ...judgedOf(guest, hart), space: currentSpace(guest.machine, hart) });
    for (const one of this.#expectations) {
      if (one.point !== point) continue;
      if (one.demand.kind === 'same') {
        const known = this.#translations.get(keyOf(one)) ?? new Map<string, string>();
        this.#translations.set(keyOf(one), known.set(this.#mode, translationText(one.demand.extent, subject)));
      }
      this.lines.push(lineOf(this.#file, one, this.#mode, judgeExpectation(one, subject)));
    }
  }

  /** What has not been judged. */
  #miss(state: 'failed' | 'skipped', message: string): void {
    for (const one of this.#expectations) {
      const judged = this.lines.some((line) => keyOf(line) === keyOf(one));
      if (!judged) this.lines.push(lineOf(this.#file, one, this.#mode, { state, message }));
    }
  }
}

/** `same in every mode`, when all modes are done. */
function compared(line: CheckLine, expectations: readonly Expectation[], translations: Translations): CheckLine {
  const one = expectations.find((each) => keyOf(each) === keyOf(line));
  const found = translations.get(keyOf(line));
  if (one?.demand.kind !== 'same' || !found || found.size < 2) return line;
  const { message: _, ...bare } = line;
  const [first, ...others] = [...found];
  const odd = others.find(([, text]) => text !== first?.[1]);
  if (!first || !odd) return { ...bare, state: 'passed' };
  const message = `in ${first[0]} it is ${first[1]}, in ${odd[0]} ${odd[1]}`;
  return { ...bare, state: 'failed', message, expected: first[1], actual: odd[1] };
}

function lineOf(
  file: string,
  { line, column, text, point }: Expectation,
  mode: string,
  result: CheckResult,
): CheckLine {
  return { file, line, column, text, point, ...(mode !== '' && { mode }), ...result };
}

const retired = ({ machine }: Guest) => machine.harts.reduce((sum, { instret }) => sum + Number(instret), 0);

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UserError(`${file}: it cannot be read (${(error as NodeJS.ErrnoException).code ?? error})`);
  }
}
