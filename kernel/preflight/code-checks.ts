// Whether code goes on behind a satp write: mode, root table, the next fetch, the trap handler, the return address.

import { paText, type VirtAddr, virt } from '../../emulator/address.ts';
import { causeOf } from '../../emulator/mmu/cause.ts';
import { satpText } from '../describe-satp.ts';
import type { Ground } from './ground.ts';
import type { PreflightCheck, Verdict } from './preflight.ts';
import { returnFrom } from './register-use.ts';
import { readsBack } from './satp-write.ts';

const Csr = { mstatus: 0x300, medeleg: 0x302, mepc: 0x341 } as const;
/** Alignment between a satp write and the label that stvec names, in bytes. */
const NEAR = 64n;

/** A mode that the hardware does not have: the write does nothing. */
export function checkMode(ground: Ground): PreflightCheck | undefined {
  const { written, before } = ground.write;
  const code = ground.machine.xlen === 64 ? written >> 60n : 0n;
  const { mode } = ground.satp;
  if (code === 0n || (mode && ground.machine.paging.modes.includes(mode.name))) return undefined;
  const name = mode?.name ?? `MODE ${code}`;
  const fact = `this hart has no ${name}, so that the write changes nothing: satp stays ${satpText(before, ground.machine.xlen)}`;
  if (readsBack(ground.machine, ground.hart, ground.write)) {
    return { id: 'mode', title: 'mode', verdict: 'note', text: `Only a trial: ${fact}, and the code reads it back.` };
  }
  return { id: 'mode', title: 'mode', verdict: 'bad', text: `${capital(fact)}, and nobody reads it back.` };
}

export function checkRoot(ground: Ground): PreflightCheck | undefined {
  const { mode, root } = ground.satp;
  if (!mode) return undefined;
  const check = (verdict: Verdict, text: string): PreflightCheck => ({
    id: 'root',
    title: 'root table',
    verdict,
    text,
  });
  const region = ground.machine.regions.find(({ base, size }) => root >= base && root < base + size);
  if (region?.kind !== 'ram') {
    return check(
      'bad',
      `The root table would be at ${paText(root)}, where ${region ? `${region.name} is` : 'nothing is'}.`,
    );
  }
  const refusal = ground.machine.refusal(root, mode.pteSize, 'load', 1, ground.hart.id);
  if (refusal) {
    // M-mode may still open it.
    const verdict = ground.hart.privilege === 3 ? 'note' : 'bad';
    return check(verdict, `The walker may not read the root table at ${paText(root)}: ${refusal.text}.`);
  }
  const image = ground.names.images.find(({ pa, size }) => root >= pa && root < pa + size);
  const symbol = image ? ground.names.symbolOf(virt(root - image.pa + image.va)) : '';
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

export function checkMachineMode(ground: Ground): PreflightCheck {
  const { mode } = ground.satp;
  const mstatus = ground.hart.csr(Csr.mstatus) ?? 0n;
  const fact = `M-mode does not translate: ${mode?.name ?? 'Bare'} is in force after an mret to a lower mode only`;
  const target = virt(ground.hart.csr(Csr.mepc) ?? 0n);
  const base = { id: 'force', title: 'in force' } as const;
  const lower = ((mstatus >> 11n) & 3n) !== 3n;
  const walked = ground.walk(target, 'fetch', 2);
  if (!lower || target === 0n || walked.ok) return { ...base, verdict: 'note', text: `${fact}.` };
  return {
    ...base,
    verdict: 'warning',
    va: target,
    ...ground.steps(walked),
    text: `${fact}, and mepc = ${ground.at(target)} cannot be fetched there: ${ground.why(walked)}.`,
  };
}

/** The next fetch; `start`: where the code goes on; `planned`: by a fault on purpose. */
export function checkFetch(ground: Ground): {
  readonly check: PreflightCheck;
  readonly start: VirtAddr | undefined;
  readonly planned: boolean;
} {
  const { next } = ground.write;
  const walked = ground.walk(next, 'fetch', 2);
  const base = { id: 'fetch', title: 'next fetch', va: next, ...ground.steps(walked) } as const;
  const done = (verdict: Verdict, text: string, start?: VirtAddr, planned = false) => ({
    check: { ...base, verdict, text },
    start,
    planned,
  });
  if (walked.ok) return done('ok', `The next fetch, ${ground.at(next)}, is ${ground.found(walked)}.`, next);
  const fact = `the next fetch, ${ground.at(next)}, ${ground.fails(walked)}`;
  const cause = causeOf(walked.reason, 'fetch');
  if (((ground.hart.csr(Csr.medeleg) ?? 0n) >> BigInt(cause)) % 2n === 0n) {
    return done('bad', `${capital(fact)}; M-mode takes that fault, for it is not delegated.`);
  }
  const handler = ground.handler();
  const caught = ground.walk(handler, 'fetch', 2);
  if (!caught.ok) {
    return done(
      'bad',
      `${capital(fact)}; the handler at stvec ${ground.at(handler)} ${ground.fails(caught)}${caught.reason === 'not-valid' ? ' either' : ''}: the hart will fault for ever.`,
    );
  }
  const here = ground.physicalNow(next);
  if (here !== undefined && caught.pa >= here && caught.pa - here < NEAR) {
    return done(
      'ok',
      `${capital(fact)}, on purpose: stvec names the same code where it is linked, ${ground.at(handler)}, which is ${ground.found(caught)}.`,
      handler,
      true,
    );
  }
  return done(
    'warning',
    `${capital(fact)}; stvec takes the hart to ${ground.at(handler)}: right only if that is meant.`,
    handler,
    true,
  );
}

export function checkStvec(ground: Ground): PreflightCheck {
  const handler = ground.handler();
  const walked = ground.walk(handler, 'fetch', 2);
  const base = { id: 'stvec', title: 'trap handler', va: handler, ...ground.steps(walked) } as const;
  if (handler === 0n) return { ...base, verdict: 'note', text: 'stvec is 0: a trap would have no handler.' };
  if (walked.ok) return { ...base, verdict: 'ok', text: `stvec ${ground.at(handler)} is ${ground.found(walked)}.` };
  const fact = `stvec ${ground.at(handler)} ${ground.fails(walked)}`;
  if (readsBack(ground.machine, ground.hart, ground.write))
    return {
      ...base,
      verdict: 'note',
      text: `${fact}, but the code only tries the mode and soon writes satp again.`,
    };
  return { ...base, verdict: 'warning', text: `${fact}: any trap from here on will fault for ever.` };
}

/** A function that writes satp returns to its caller's address, which must be there too. */
export function checkReturn(ground: Ground, start: VirtAddr): PreflightCheck | undefined {
  const target = returnFrom(ground.machine, ground.hart, ground.regime, start);
  if (target === undefined) return undefined;
  const walked = ground.walk(target, 'fetch', 2);
  const base = { id: 'ra', title: 'return address', va: target, ...ground.steps(walked) } as const;
  if (walked.ok) return { ...base, verdict: 'ok', text: `ra ${ground.at(target)} is ${ground.found(walked)}.` };
  return {
    ...base,
    verdict: 'bad',
    text: `The code returns to ra ${ground.at(target)}, which ${ground.fails(walked)}.`,
  };
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
