// trap:, interrupt:, sbi:, mmio: and console:.

import { exceptionNames, interruptNames } from '../../../emulator/csr/causes.ts';
import { extensions } from '../../../emulator/firmware/sbi/sbi.ts';
import { UserError } from '../../../emulator/user-error.ts';
import type { EventPoint } from '../expression.ts';
import { nextPointId, physicalRange } from './ranges.ts';

type Point = Omit<EventPoint, 'id'>;

const always = () => true;

/** A code, or its name with `-` for blanks: `trap:13`, `trap:load-page-fault`. */
export function trapEvent(text: string, interrupt: boolean): Point {
  const names = interrupt ? interruptNames : exceptionNames;
  const named = Object.entries(names).find(([, name]) => name.replaceAll(' ', '-') === text.toLowerCase())?.[0];
  const code = /^\d+$/.test(text) ? Number(text) : named === undefined ? Number.NaN : Number(named);
  const prefix = interrupt ? 'interrupt' : 'trap';
  if (!(code < 64))
    throw new UserError(`"${prefix}:${text}" is not understood: write a code such as ${prefix}:${interrupt ? 5 : 13}.`);
  return {
    label: names[code] ?? `${prefix} ${code}`,
    variables: '$cause $tval $epc $from $to $handler $count',
    needs: { kinds: ['trap'] },
    matches: (occurrence) =>
      occurrence.kind === 'trap' && occurrence.interrupt === interrupt && occurrence.cause === code,
    usually: always,
  };
}

/** `sbi:HSM`, `sbi:HSM/0`, `sbi:0x48534d/0`. */
export function sbiEvent(text: string): Point {
  const [, name = '', called] = /^([^/]*)(?:\/(0x[0-9a-f]+|\d+))?$/i.exec(text) ?? [];
  const known = extensions.find((extension) => extension.name.toLowerCase() === name.toLowerCase());
  const number = /^(?:0x[0-9a-f]+|\d+)$/i.test(name) ? BigInt(name) : undefined;
  const id = known ? BigInt(known.id) : number;
  if (id === undefined) {
    const names = extensions.map((extension) => extension.name).join(', ');
    throw new UserError(
      `"sbi:${text}" is not understood: write sbi:EXTENSION or sbi:EXTENSION/FUNCTION; the extensions are ${names}, or a number.`,
    );
  }
  const wanted = called === undefined ? undefined : BigInt(called);
  return {
    label: `SBI calls ${text}`,
    variables: '$extension $function $error $value $arg0 … $arg5',
    needs: { kinds: ['sbi-call'] },
    matches: (occurrence) =>
      occurrence.kind === 'sbi-call' &&
      BigInt.asUintN(32, occurrence.extension) === id &&
      (wanted === undefined || occurrence.function === wanted),
    usually: always,
  };
}

/** `mmio:ns16550a`, `mmio:pa:0x10000000+8`. */
export function deviceEvent(text: string): Point {
  const range = /^pa:/i.test(text) ? physicalRange(text, 1n) : undefined;
  const name = text.toLowerCase().replaceAll(' ', '');
  if (!name)
    throw new UserError(
      '"mmio:" is not understood: write mmio:DEVICE, such as mmio:ns16550a, or mmio:pa:0x10000000+8.',
    );
  return {
    label: `accesses of ${text}`,
    variables: '$addr $pa $size $value $store',
    needs: { kinds: ['device-access'] },
    matches: (occurrence) => {
      if (occurrence.kind !== 'device-access') return false;
      if (!range) return occurrence.device.toLowerCase().replaceAll(' ', '') === name;
      return occurrence.pa <= range.to && occurrence.pa + BigInt(occurrence.size) > range.from;
    },
    usually: always,
  };
}

/** `console:panic`, `console:"# "`. */
export function consoleEvent(given: string): Point {
  const text = /^".*"$/s.test(given) ? given.slice(1, -1) : given;
  if (!text) throw new UserError('"console:" is not understood: write console:TEXT.');
  const id = nextPointId();
  return {
    label: `"${text}" is printed`,
    variables: '',
    needs: { kinds: ['console'], text: { id, text } },
    matches: (occurrence) => occurrence.kind === 'console' && occurrence.points.includes(id),
    usually: always,
  };
}
