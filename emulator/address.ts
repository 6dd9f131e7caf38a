// Addresses of the two kinds that a memory map connects, and the text in which people write them.

declare const kind: unique symbol;

/** A virtual address: 64 bits, unsigned, sign-extended from the mode's width where it is canonical. */
export type VirtAddr = bigint & { readonly [kind]: 'virtual' };

/** A physical address: unsigned; 56 bits at most on RV64, 34 on RV32. */
export type PhysAddr = bigint & { readonly [kind]: 'physical' };

/** Takes the low 64 bits of `value` as a virtual address. */
export function virt(value: bigint | number): VirtAddr {
  return BigInt.asUintN(64, BigInt(value)) as VirtAddr;
}

/** Takes the low 64 bits of `value` as a physical address. */
export function phys(value: bigint | number): PhysAddr {
  return BigInt.asUintN(64, BigInt(value)) as PhysAddr;
}

/** The address `offset` bytes further, wrapping at 2^64; the kind is kept. */
export function plus<A extends VirtAddr | PhysAddr>(address: A, offset: bigint | number): A {
  return BigInt.asUintN(64, address + BigInt(offset)) as A;
}

/** The virtual address `offset` bytes further as a hart counts, whose addresses wrap at 2^xlen. */
export function further(address: VirtAddr, offset: number, xlen: 32 | 64): VirtAddr {
  return BigInt.asUintN(xlen, address + BigInt(offset)) as VirtAddr;
}

/** `0x` and 16 lower-case hex digits: the form of addresses and registers on the wire and in JSON. */
export function hex64(value: bigint): string {
  return `0x${BigInt.asUintN(64, value).toString(16).padStart(16, '0')}`;
}

/** `0x` and as few lower-case hex digits as the value needs: the form of addresses in running text. */
export function hex(value: bigint | number): string {
  return `0x${BigInt.asUintN(64, BigInt(value)).toString(16)}`;
}

/** A physical address in running text: `pa:0x80210000`. */
export function paText(address: PhysAddr): string {
  return `pa:${hex(address)}`;
}
