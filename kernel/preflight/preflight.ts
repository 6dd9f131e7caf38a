// Judges a satp write before it is made: will the next instruction, the stack, the trap handler and the console be there
// under the new map? Nothing is executed; everything is read from the machine as it stands.

import { hex, type PhysAddr, paText, phys, type VirtAddr, virt } from '../../emulator/address.ts';
import type { Access, HartView, Inspection } from '../../emulator/inspection.ts';
import { causeOf } from '../../emulator/mmu/cause.ts';
import { decodeSatp } from '../../emulator/mmu/modes.ts';
import { permissionsText } from '../../emulator/mmu/pte.ts';
import { regimeOf, regimeUnder, walkMemoryOf } from '../../emulator/mmu/regime.ts';
import { type Regime, type Walk, walk } from '../../emulator/mmu/walk.ts';
import { satpText } from '../describe-satp.ts';
import { type ExplainedStep, explain } from '../explain.ts';
import type { TrapNames } from '../fault/explain-trap.ts';
import { mappings } from '../map.ts';
import { spaceOf } from '../space.ts';
import { firstUse, returnFrom } from './register-use.ts';
import { type PendingSatp, readsBack } from './satp-write.ts';

export type Verdict = 'ok' | 'note' | 'warning' | 'bad';

export interface PreflightCheck {
  readonly id: 'mode' | 'root' | 'fetch' | 'stvec' | 'ra' | 'sp' | 'gp' | 'tp' | 'console' | 'force';
  readonly title: string;
  readonly verdict: Verdict;
  readonly text: string;
  readonly va?: VirtAddr;
  readonly steps?: readonly ExplainedStep[];
}

export interface Preflight {
  readonly write: PendingSatp;
  /** `Sv39, root pa:0x80210000, ASID 0`. */
  readonly before: string;
  readonly after: string;
  readonly verdict: 'green' | 'yellow' | 'red';
  /** The verdict in one sentence. */
  readonly text: string;
  readonly checks: readonly PreflightCheck[];
}

const Csr = { stvec: 0x105, mstatus: 0x300, medeleg: 0x302, mepc: 0x341 } as const;
const registers = [
  ['sp', 2],
  ['gp', 3],
  ['tp', 4],
] as const;
/** Alignment between a satp write and the label that stvec names, in bytes. */
const NEAR = 64n;

/** Judges the write. */
export function preflight(machine: Inspection, hart: HartView, write: PendingSatp, names: TrapNames): Preflight {
  const judge = new Judge(machine, hart, write, names);
  const checks = judge.checks();
  const worst = (verdict: Verdict) => checks.find((check) => check.verdict === verdict);
  const bad = worst('bad');
  const warning = worst('warning');
  const after = satpText(write.written, machine.xlen);
  return {
    write,
    before: satpText(write.before, machine.xlen),
    after,
    verdict: bad ? 'red' : warning ? 'yellow' : 'green',
    text:
      (bad ?? warning ?? checks.find(({ id }) => id === 'mode' || id === 'force' || id === 'fetch'))?.text ??
      `satp ← ${after}`,
    checks: [...checks].sort((a, b) => order[a.id] - order[b.id]),
  };
}

const order: Readonly<Record<PreflightCheck['id'], number>> = {
  mode: 0,
  force: 1,
  root: 2,
  fetch: 3,
  stvec: 4,
  ra: 5,
  sp: 6,
  gp: 7,
  tp: 8,
  console: 9,
};

class Judge {
  readonly #machine: Inspection;
  readonly #hart: HartView;
  readonly #write: PendingSatp;
  readonly #names: TrapNames;
  readonly #satp: ReturnType<typeof decodeSatp>;
  /** The translation of S-mode after the write. */
  readonly #regime: Regime;

  constructor(machine: Inspection, hart: HartView, write: PendingSatp, names: TrapNames) {
    this.#machine = machine;
    this.#hart = hart;
    this.#write = write;
    this.#names = names;
    this.#satp = decodeSatp(write.written, machine.xlen);
    const privilege = hart.privilege === 3 ? 1 : hart.privilege;
    this.#regime = regimeUnder(machine, hart, this.#satp.mode, this.#satp.root, privilege);
  }

  checks(): PreflightCheck[] {
    const mode = this.#mode();
    if (mode) return [mode];
    const root = this.#root();
    if (root?.verdict === 'bad') return [root];
    const checks = root ? [root] : [];
    if (this.#hart.privilege === 3) return [...checks, this.#machineMode(), ...this.#console()];
    const fetch = this.#fetch();
    checks.push(fetch.check);
    const { start } = fetch;
    if (!fetch.planned) checks.push(this.#stvec());
    if (start !== undefined) {
      const back = this.#return(start);
      if (back) checks.push(back);
      for (const [name, number] of registers) checks.push(this.#register(name, number, start));
    }
    return [...checks, ...this.#console()];
  }

  /** A mode that the hardware does not have: the write does nothing. */
  #mode(): PreflightCheck | undefined {
    const { written, before } = this.#write;
    const code = this.#machine.xlen === 64 ? written >> 60n : 0n;
    const { mode } = this.#satp;
    if (code === 0n || (mode && this.#machine.paging.modes.includes(mode.name))) return undefined;
    const name = mode?.name ?? `MODE ${code}`;
    const fact = `this hart has no ${name}, so that the write changes nothing: satp stays ${satpText(before, this.#machine.xlen)}`;
    if (readsBack(this.#machine, this.#hart, this.#write)) {
      return { id: 'mode', title: 'mode', verdict: 'note', text: `Only a trial: ${fact}, and the code reads it back.` };
    }
    return { id: 'mode', title: 'mode', verdict: 'bad', text: `${capital(fact)}, and nobody reads it back.` };
  }

  #root(): PreflightCheck | undefined {
    const { mode, root } = this.#satp;
    if (!mode) return undefined;
    const check = (verdict: Verdict, text: string): PreflightCheck => ({
      id: 'root',
      title: 'root table',
      verdict,
      text,
    });
    const region = this.#machine.regions.find(({ base, size }) => root >= base && root < base + size);
    if (region?.kind !== 'ram') {
      return check(
        'bad',
        `The root table would be at ${paText(root)}, where ${region ? `${region.name} is` : 'nothing is'}.`,
      );
    }
    const refusal = this.#machine.refusal(root, mode.pteSize, 'load', 1, this.#hart.id);
    if (refusal) {
      // M-mode may still open it.
      const verdict = this.#hart.privilege === 3 ? 'note' : 'bad';
      return check(verdict, `The walker may not read the root table at ${paText(root)}: ${refusal.text}.`);
    }
    const image = this.#names.images.find(({ pa, size }) => root >= pa && root < pa + size);
    const symbol = image ? this.#names.symbolOf(virt(root - image.pa + image.va)) : '';
    const [, name, offset] = /^(.*)\+(0x[0-9a-f]+)$/.exec(symbol) ?? [];
    const begins = offset === undefined ? 0n : BigInt.asUintN(64, root - BigInt(offset)) & 0xfffn;
    if (name && begins !== 0n) {
      return check(
        'warning',
        `The root table at ${paText(root)} is ${offset} inside ${name}, which is not aligned to 4 KiB: satp has lost the low bits of its address.`,
      );
    }
    return check('ok', `The root table is at ${paText(root)}${symbol && ` (${symbol})`}, in RAM.`);
  }

  #machineMode(): PreflightCheck {
    const { mode } = this.#satp;
    const mstatus = this.#hart.csr(Csr.mstatus) ?? 0n;
    const fact = `M-mode does not translate: ${mode?.name ?? 'Bare'} is in force after an mret to a lower mode only`;
    const target = virt(this.#hart.csr(Csr.mepc) ?? 0n);
    const base = { id: 'force', title: 'in force' } as const;
    const lower = ((mstatus >> 11n) & 3n) !== 3n;
    const walked = this.#walk(target, 'fetch', 2);
    if (!lower || target === 0n || walked.ok) return { ...base, verdict: 'note', text: `${fact}.` };
    return {
      ...base,
      verdict: 'warning',
      va: target,
      ...this.#steps(walked),
      text: `${fact}, and mepc = ${this.#at(target)} cannot be fetched there: ${this.#why(walked)}.`,
    };
  }

  /** The next fetch; `start`: where the code goes on; `planned`: by a fault on purpose. */
  #fetch(): { readonly check: PreflightCheck; readonly start: VirtAddr | undefined; readonly planned: boolean } {
    const { next } = this.#write;
    const walked = this.#walk(next, 'fetch', 2);
    const base = { id: 'fetch', title: 'next fetch', va: next, ...this.#steps(walked) } as const;
    const done = (verdict: Verdict, text: string, start?: VirtAddr, planned = false) => ({
      check: { ...base, verdict, text },
      start,
      planned,
    });
    if (walked.ok) return done('ok', `The next fetch, ${this.#at(next)}, is ${this.#found(walked)}.`, next);
    const fact = `the next fetch, ${this.#at(next)}, ${this.#fails(walked)}`;
    const cause = causeOf(walked.reason, 'fetch');
    if (((this.#hart.csr(Csr.medeleg) ?? 0n) >> BigInt(cause)) % 2n === 0n) {
      return done('bad', `${capital(fact)}; M-mode takes that fault, for it is not delegated.`);
    }
    const handler = this.#handler();
    const caught = this.#walk(handler, 'fetch', 2);
    if (!caught.ok) {
      return done(
        'bad',
        `${capital(fact)}; the handler at stvec ${this.#at(handler)} ${this.#fails(caught)}${caught.reason === 'not-valid' ? ' either' : ''}: the hart will fault for ever.`,
      );
    }
    const here = this.#physicalNow(next);
    if (here !== undefined && caught.pa >= here && caught.pa - here < NEAR) {
      return done(
        'ok',
        `${capital(fact)}, on purpose: stvec names the same code where it is linked, ${this.#at(handler)}, which is ${this.#found(caught)}.`,
        handler,
        true,
      );
    }
    return done(
      'warning',
      `${capital(fact)}; stvec takes the hart to ${this.#at(handler)}: right only if that is meant.`,
      handler,
      true,
    );
  }

  #stvec(): PreflightCheck {
    const handler = this.#handler();
    const walked = this.#walk(handler, 'fetch', 2);
    const base = { id: 'stvec', title: 'trap handler', va: handler, ...this.#steps(walked) } as const;
    if (handler === 0n) return { ...base, verdict: 'note', text: 'stvec is 0: a trap would have no handler.' };
    if (walked.ok) return { ...base, verdict: 'ok', text: `stvec ${this.#at(handler)} is ${this.#found(walked)}.` };
    const fact = `stvec ${this.#at(handler)} ${this.#fails(walked)}`;
    if (readsBack(this.#machine, this.#hart, this.#write))
      return {
        ...base,
        verdict: 'note',
        text: `${fact}, but the code only tries the mode and soon writes satp again.`,
      };
    return { ...base, verdict: 'warning', text: `${fact}: any trap from here on will fault for ever.` };
  }

  /** A function that writes satp returns to its caller's address, which must be there too. */
  #return(start: VirtAddr): PreflightCheck | undefined {
    const target = returnFrom(this.#machine, this.#hart, this.#regime, start);
    if (target === undefined) return undefined;
    const walked = this.#walk(target, 'fetch', 2);
    const base = { id: 'ra', title: 'return address', va: target, ...this.#steps(walked) } as const;
    if (walked.ok) return { ...base, verdict: 'ok', text: `ra ${this.#at(target)} is ${this.#found(walked)}.` };
    return {
      ...base,
      verdict: 'bad',
      text: `The code returns to ra ${this.#at(target)}, which ${this.#fails(walked)}.`,
    };
  }

  #register(name: 'sp' | 'gp' | 'tp', number: number, start: VirtAddr): PreflightCheck {
    const value = this.#hart.x(number);
    const title = { sp: 'stack', gp: 'global pointer', tp: 'thread pointer' }[name];
    // What is pushed next lies below the stack pointer.
    const near = virt(BigInt.asUintN(this.#machine.xlen, name === 'sp' ? value - 16n : value));
    const access: Access = name === 'sp' ? 'store' : 'load';
    const walked = this.#walk(near, access, 8);
    const check = (verdict: Verdict, text: string, va = near, told: Walk = walked): PreflightCheck => ({
      id: name,
      title,
      verdict,
      text,
      va,
      ...this.#steps(told),
    });
    const what = `${name} = ${hex(value)}`;
    if (walked.ok) return check('ok', `${what} is ${this.#found(walked)}.`);
    if (value === 0n) return check('note', `${name} is not set.`);
    const use = firstUse(this.#machine, this.#hart, this.#regime, start, number);
    const fact = `${what} ${this.#fails(walked)}`;
    if (use.kind === 'reloaded')
      return check('note', `${fact}; it is set anew by ${use.text} at ${this.#at(use.pc)} first.`);
    if (use.kind === 'remapped')
      return check(
        'note',
        `${fact}; nothing uses it before ${use.text} at ${this.#at(use.pc)}, which is judged in its turn.`,
      );
    if (use.kind === 'unknown') {
      const verdict = name === 'sp' ? 'warning' : 'note';
      return check(
        verdict,
        `${fact}; nothing uses it as far as can be seen, so it must be set anew before something does.`,
      );
    }
    const used = this.#walk(use.address, use.store ? 'store' : 'load', 1);
    if (used.ok)
      return check('ok', `${what}: ${use.text} at ${this.#at(use.pc)} is ${this.#found(used)}.`, use.address, used);
    return check('bad', `${fact}; ${use.text} at ${this.#at(use.pc)} uses it.`, use.address, used);
  }

  /** Whether the serial port can still be reached. */
  #console(): PreflightCheck[] {
    const device = this.#machine.regions.find(({ name }) => /16550|uart/i.test(name));
    const { mode, root } = this.#satp;
    if (!device || !mode) return [];
    const base = { id: 'console', title: 'console' } as const;
    for (const run of mappings(this.#machine, spaceOf(this.#machine, this.#hart, mode, root))) {
      const inside = !run.repeated && device.base >= run.pa && device.base < run.pa + run.size;
      if (!inside) continue;
      const va = virt(run.va + (device.base - run.pa));
      return [
        { ...base, verdict: 'ok', va, text: `The ${device.name} is mapped at ${hex(va)}, ${permissionsText(run)}.` },
      ];
    }
    return [
      {
        ...base,
        verdict: 'note',
        text: `The ${device.name} is not mapped: nothing can be printed but through the SBI.`,
      },
    ];
  }

  #handler(): VirtAddr {
    return virt((this.#hart.csr(Csr.stvec) ?? 0n) & ~3n);
  }

  #walk(va: VirtAddr, access: Access, size: number): Walk {
    const room = 4096 - Number(va & 0xfffn);
    return walk(walkMemoryOf(this.#machine, this.#hart.id), this.#regime, va, access, Math.min(size, room));
  }

  /** Where the code is in physical memory before the write. */
  #physicalNow(va: VirtAddr): PhysAddr | undefined {
    const before = decodeSatp(this.#write.before, this.#machine.xlen);
    const now = regimeOf(this.#machine, this.#hart, 'fetch');
    const regime = { ...now, mode: now.privilege === 3 ? undefined : before.mode, root: before.root };
    const walked = walk(walkMemoryOf(this.#machine, this.#hart.id), regime, va, 'fetch', 2);
    return walked.ok ? walked.pa : undefined;
  }

  /** `0x80201044 <relocate_enable_mmu+0x44>`. */
  #at(va: VirtAddr): string {
    const name = this.#names.symbolOf(va);
    return `${hex(va)}${name && ` <${name}>`}`;
  }

  #found(walked: Extract<Walk, { ok: true }>): string {
    const what = this.#names.nameOfPhysical(phys(walked.pa));
    const rights = walked.leaf ? `, ${permissionsText(walked.leaf)}` : '';
    return `${walked.leaf ? 'mapped to ' : ''}${paText(walked.pa)}${rights}${what && ` (${what})`}`;
  }

  #fails(walked: Extract<Walk, { ok: false }>): string {
    return walked.reason === 'not-valid' ? 'is not mapped' : `faults: ${this.#why(walked)}`;
  }

  #why(walked: Extract<Walk, { ok: false }>): string {
    return explain(walked)
      .text.replace(/^[^:]*: /, '')
      .replace(/\.$/, '');
  }

  #steps(walked: Walk): { readonly steps: readonly ExplainedStep[] } {
    return { steps: explain(walked).steps };
  }
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
