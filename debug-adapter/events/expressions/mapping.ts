// map:, maps: and first-use:.

import { phys } from '../../../emulator/address.ts';
import { UserError } from '../../../emulator/user-error.ts';
import type { MappingChange } from '../../../kernel/index.ts';
import type { EventNames, EventPoint } from '../expression.ts';
import { nextPointId, physicalRange, virtualRange } from './ranges.ts';

type Point = Omit<EventPoint, 'id'>;

const PAGE = 4096n;
const always = () => true;

/** What of a change matters. */
const kinds: Readonly<Record<string, { readonly text: string; readonly matters: (change: MappingChange) => boolean }>> =
  {
    change: { text: 'changes', matters: always },
    'gains-w': { text: 'gains W', matters: ({ before, after }) => after?.w === true && !before?.w },
    'gains-x': { text: 'gains X', matters: ({ before, after }) => after?.x === true && !before?.x },
    'gains-wx': {
      text: 'becomes writable and executable',
      matters: ({ before, after }) => after?.w === true && after.x && !(before?.w && before.x),
    },
    appears: { text: 'becomes mapped', matters: ({ before, after }) => !before && after !== undefined },
    goes: { text: 'is mapped no longer', matters: ({ before, after }) => before !== undefined && !after },
  };

export function mapEvent(text: string, names: EventNames): Point {
  const [, range = '', kind = 'change'] = /^(.*?)(?:\/([a-z-]+))?$/i.exec(text) ?? [];
  const wanted = Object.hasOwn(kinds, kind.toLowerCase()) ? kinds[kind.toLowerCase()] : undefined;
  if (!wanted) throw new UserError(`"map:${text}": "${kind}" is none of ${Object.keys(kinds).join(', ')}.`);
  const { from, to, root } = virtualRange(range, PAGE, names);
  const id = nextPointId();
  return {
    label: `${range} ${wanted.text}`,
    variables:
      '$va $size $pte $old $new $level $root $oldpa $oldmapped $oldr $oldw $oldx $oldu $newpa $newmapped $newr $neww $newx $newu',
    needs: {
      kinds: ['map-change'],
      range: { id, range: { from, to }, ...(root && { root }), matters: wanted.matters },
    },
    matches: (occurrence) => occurrence.kind === 'map-change' && occurrence.points.includes(id),
    usually: always,
  };
}

export function framesEvent(text: string): Point {
  const { from, to } = physicalRange(text, 1n);
  const id = nextPointId();
  return {
    label: `${text} becomes mapped anywhere`,
    variables: '$va $size $pte $old $new $level $root',
    needs: { kinds: ['map-frame'], frames: { id, from: phys(from), to: phys(to) } },
    matches: (occurrence) => occurrence.kind === 'map-frame' && occurrence.points.includes(id),
    usually: always,
  };
}

export function firstUseEvent(text: string, names: EventNames): Point {
  const { from, to, root } = virtualRange(text, PAGE, names);
  const id = nextPointId();
  return {
    label: `first use of the mapping of ${text}`,
    variables: '$va $pa $root $level $access',
    needs: {
      kinds: ['first-use'],
      use: true,
      range: { id, range: { from, to }, ...(root && { root }), matters: always },
    },
    matches: (occurrence) => occurrence.kind === 'first-use' && occurrence.points.includes(id),
    usually: always,
  };
}
