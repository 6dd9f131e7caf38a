// The address space that `pa:x`, `va:x` and `va:x@root:mode` name.

import { type PhysAddr, phys } from '../../emulator/address.ts';
import { decodeSatp, modeNamed, type PagingMode, Sv32 } from '../../emulator/mmu/modes.ts';
import { here, physical, type Space } from '../memory/space.ts';
import type { Node } from './nodes.ts';
import type { Scope } from './scope.ts';
import { mistake } from './tokens.ts';
import type { Value } from './value.ts';

const SATP = 0x180;

export function spaceNamed(
  node: Extract<Node, { kind: 'place' }>,
  scope: Scope,
  evaluate: (node: Node) => Value,
): Space {
  if (node.physical) return physical;
  if (!node.root) return here;
  const root = rootOf(node.root, scope, evaluate);
  if (root & 0xfffn) throw mistake(node.root.at, 'A page-table root is a multiple of 4096');
  return { kind: 'root', root, mode: modeOf(node.mode, scope, node.at) };
}

/** A name that the kernel knows as a process, else a physical address. */
function rootOf(node: Node, scope: Scope, evaluate: (node: Node) => Value): PhysAddr {
  const name = node.kind === 'name' ? node.name : node.kind === 'string' ? node.text : undefined;
  const named = name === undefined ? undefined : scope.kernel?.root(name);
  return phys(named ?? evaluate(node).bits);
}

/** The mode that is named, else the one that satp holds. */
function modeOf(name: string | undefined, scope: Scope, at: number): PagingMode {
  const satp = decodeSatp(scope.hart.csr(SATP) ?? 0n, scope.machine.xlen);
  const mode = name ? modeNamed(name) : satp.mode;
  if (!mode) throw mistake(at, 'satp is Bare, so the paging mode must be named, as in va:0x1000@0x80210000:sv39');
  if ((mode === Sv32) !== (scope.machine.xlen === 32)) {
    throw mistake(at, `${mode.name} is no paging mode of an RV${scope.machine.xlen} machine`);
  }
  return mode;
}
