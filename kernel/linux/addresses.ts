// Linux's conversions between physical addresses, virtual addresses, page frame numbers and struct pages, by what they
// mean: computed from the live kernel's own variables, which differ between versions and are told apart by being there.

import { UserError } from '../../emulator/user-error.ts';
import { strip } from '../../symbols/index.ts';
import { KernelObject, type KernelProgram } from '../objects/object.ts';

export const PAGE_SHIFT = 12n;
/** Low bits of mem_section.section_mem_map that are flags. */
const SECTION_FLAGS = 0x3fn;
const PRESENT = 1n;
/** Pages of mem_sections that are looked through: the first covers 32 GiB. */
const MOST_ROOTS = 1024;

export class LinuxAddresses {
  readonly #program: KernelProgram;

  constructor(program: KernelProgram) {
    this.#program = program;
  }

  /** Linear map: virtual − physical. */
  get linearOffset(): bigint {
    const map = KernelObject.named(this.#program, 'kernel_map');
    const offset = (map ? map.at('va_pa_offset') : KernelObject.named(this.#program, 'va_pa_offset'))?.number();
    if (offset === undefined)
      throw new UserError('This kernel has neither kernel_map nor va_pa_offset: its linear map is not known.');
    if (offset === 0n)
      throw new UserError('The kernel has not set up its linear map yet: its va_pa_offset is still 0.');
    return offset;
  }

  /** Where the linear map begins; undefined where the kernel has no variable that says so. */
  get pageOffset(): bigint | undefined {
    const own = KernelObject.named(this.#program, 'kernel_map')?.at('page_offset')?.number();
    return own || undefined;
  }

  /** __va */
  virtual(pa: bigint): bigint {
    return this.#word(pa + this.linearOffset);
  }

  /** __pa: of the linear map, or of the kernel's image where that is mapped apart. */
  physical(va: bigint): bigint {
    const image = this.#image();
    if (image && va >= image.start && va < image.start + image.size) return this.#word(va - image.offset);
    return this.#word(va - this.linearOffset);
  }

  /** Address of the struct page of a page frame. */
  page(pfn: bigint): bigint {
    const { base, size } = this.#pages();
    return this.#word(base + pfn * size);
  }

  /** page_to_pfn */
  frame(page: bigint): bigint {
    const { base, size } = this.#pages();
    return BigInt.asIntN(this.#program.xlen, page - base) / size;
  }

  /** The kernel's image where it has a mapping of its own beside the linear map. */
  #image(): { readonly start: bigint; readonly size: bigint; readonly offset: bigint } | undefined {
    const map = KernelObject.named(this.#program, 'kernel_map');
    const [start, size] = [map?.at('virt_addr')?.number(), map?.at('size')?.number()];
    const offset = map?.at('va_kernel_pa_offset')?.number();
    return start && size && offset ? { start, size, offset } : undefined;
  }

  /** Where the struct page of frame 0 would be, and the size of one. */
  #pages(): { readonly base: bigint; readonly size: bigint } {
    const size = BigInt(this.#program.type('struct page')?.size ?? 0);
    if (size === 0n) throw new UserError('This kernel has no struct page in its debug information.');
    return { size, base: this.#flat(size) ?? this.#sparse() };
  }

  /** FLATMEM: one array, whose first element is the first page of RAM. */
  #flat(size: bigint): bigint | undefined {
    const map = KernelObject.named(this.#program, 'mem_map')?.number();
    const first = ['riscv_pfn_base', 'pfn_base', 'min_low_pfn'].map((name) =>
      KernelObject.named(this.#program, name)?.number(),
    );
    const pfn = first.find((each) => each);
    return map && pfn !== undefined ? map - pfn * size : undefined;
  }

  /** SPARSEMEM: each present section says where its struct pages are, less its first frame's number; vmemmap is one array. */
  #sparse(): bigint {
    const sections = KernelObject.named(this.#program, 'mem_section');
    for (let root = 0; sections && root < MOST_ROOTS; root += 1) {
      const row = sections.element(root);
      const first = row && strip(row.type).kind === 'pointer' ? row.follow() : row?.element(0);
      const count = Math.floor(4096 / (first?.type.size || 4096));
      for (let index = 0; first && index < count; index += 1) {
        const map = first.neighbour(index).at('section_mem_map')?.number() ?? 0n;
        if (map & PRESENT && map & ~SECTION_FLAGS) return map & ~SECTION_FLAGS;
      }
    }
    throw new UserError('The kernel has no struct pages yet: no section of its memory is present.');
  }

  #word(value: bigint): bigint {
    return BigInt.asUintN(this.#program.xlen, value);
  }
}

/** Where a per-CPU variable is for a CPU. */
export function perCpu(program: KernelProgram, address: bigint, cpu: number): bigint {
  const offset = KernelObject.named(program, '__per_cpu_offset')?.element(cpu)?.number();
  if (offset === undefined)
    throw new UserError('This kernel has no __per_cpu_offset: its per-CPU variables are not known.');
  return BigInt.asUintN(program.xlen, address + offset);
}
