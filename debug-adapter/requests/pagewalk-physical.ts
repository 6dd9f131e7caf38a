// The physical side: who answers where, what PMP allows, and which virtual addresses lead there.

import { hex64, phys, plus } from '../../emulator/address.ts';
import { PmpMatching, pmpMatchingNames, pmpRange, pmpRegistersOf } from '../../emulator/mmu/pmp.ts';
import { permissionsText } from '../../emulator/mmu/pte.ts';
import { type AddressSpace, physicalMap, reverse, spaceOf } from '../../kernel/index.ts';
import type { PhysmapRow, PmpRow, ReverseRow } from '../protocol/explaining.ts';
import type { ArgumentsOf, BodyOf } from '../protocol/requests.ts';
import type { SessionContext } from '../session-context.ts';
import { layoutOf } from '../variables/names.ts';
import { hartMeant } from './hart-meant.ts';
import { physicalFrom, spaceMeant } from './pagewalk-space.ts';

export function pagewalkPhysmap(session: SessionContext): BodyOf<'pagewalk/physmap'> {
  const { machine, symbols, stop } = session;
  const parts = physicalMap(machine, symbols.images, symbols.sections);
  return {
    stop,
    regions: parts.map(
      ({ name, kind, base, size, text }): PhysmapRow => ({
        name,
        kind,
        base: hex64(base),
        end: hex64(plus(base, size - 1n)),
        size: hex64(size),
        text,
      }),
    ),
  };
}

export function pagewalkPmp(
  session: SessionContext,
  { hart: id }: ArgumentsOf<'pagewalk/pmp'>,
): BodyOf<'pagewalk/pmp'> {
  const { machine, stop } = session;
  const registers = pmpRegistersOf(machine, hartMeant(session, id));
  const entries = registers.map(({ address, configuration }, index): PmpRow => {
    const range = pmpRange({ address, configuration }, registers[index - 1]?.address ?? 0n);
    const inside = range && machine.regions.filter(({ base, size }) => base < range.end && base + size > range.start);
    const bit = (mask: number, letter: string) => (configuration & mask ? letter : '-');
    const matching = pmpMatchingNames[(configuration >> 3) & 3] as string;
    return {
      index,
      matching,
      ...(range && { start: hex64(range.start), end: hex64(range.end - 1n) }),
      permissions: `${bit(1, 'R')}${bit(2, 'W')}${bit(4, 'X')}`,
      locked: (configuration & 0x80) !== 0,
      address: hex64(address),
      configuration,
      text: inside
        ? covered(inside.map(({ name }) => name))
        : matching === pmpMatchingNames[PmpMatching.off]
          ? ''
          : 'matches nothing',
    };
  });
  return { stop, entries };
}

const covered = (names: readonly string[]) =>
  names.length > 3 ? `${names[0]} … ${names.at(-1)}` : names.join(', ') || 'nothing is there';

/** In the roots given, else in all that satp has held. */
export function pagewalkReverse(
  session: SessionContext,
  { pa, roots }: ArgumentsOf<'pagewalk/reverse'>,
): BodyOf<'pagewalk/reverse'> {
  const { machine, symbols, watch, stop } = session;
  const hart = session.hart();
  const seen = watch.roots.list(machine, (at) => symbols.nameOfPhysical(at));
  const spaces: AddressSpace[] = roots
    ? roots.flatMap(({ root, mode }) => spaceMeant(session, hart, root, mode) ?? [])
    : seen.map(({ mode, root }) => spaceOf(machine, hart, mode, root));
  const layout = layoutOf(session, hart);
  const address = phys(physicalFrom('pa', pa));
  const places = spaces.flatMap((space) =>
    [...reverse(machine, space, address)].map(
      ({ va, run }): ReverseRow => ({
        va: hex64(va),
        root: hex64(space.root),
        mode: space.mode.name,
        rootName: seen.find(({ root, mode }) => root === space.root && mode === space.mode)?.name ?? '',
        pageSize: hex64(run.pageSize),
        permissions: permissionsText(run),
        user: run.u,
        region: layout.regionAt(va, address, run.u),
        symbol: run.u ? '' : symbols.nameOf(va),
      }),
    ),
  );
  return { stop, places };
}
