// The wire of what Linux keeps itself: its tasks, its vmalloc area, its boot allocator, its resources. Part of the map in
// requests.ts. Where the running program is no Linux with debug information, these requests fail with a sentence.

import type { Hex64 } from './requests.ts';

export interface TaskRow {
  /** Address of its task_struct. */
  readonly id: Hex64;
  readonly pid: number;
  readonly tgid: number;
  readonly comm: string;
  /** `R`, `S`, `D`, … as ps shows it. */
  readonly state: string;
  readonly kernelThread: boolean;
  /** Physical address of the root of its page tables; absent for kernel threads. */
  readonly root?: Hex64;
  /** The hart that runs it now. */
  readonly hart?: number;
}

export interface VmapAreaRow {
  readonly start: Hex64;
  /** Inclusive. */
  readonly end: Hex64;
  /** `of_iomap+0x4a`, or empty. */
  readonly caller: string;
  readonly flags: readonly string[];
  /** Of ioremap. */
  readonly pa?: Hex64;
  readonly pages: number;
}

export interface MemblockRow {
  readonly kind: 'memory' | 'reserved';
  readonly base: Hex64;
  readonly size: Hex64;
  readonly flags: readonly string[];
}

export interface ResourceRow {
  /** 0 = at the top. */
  readonly depth: number;
  readonly start: Hex64;
  /** Inclusive. */
  readonly end: Hex64;
  readonly name: string;
}

/** `note` says why the list may go on where the kernel's memory did not let it be read to its end. */
type List<T> = { readonly stop: number; readonly rows: readonly T[]; readonly note?: string };

export interface LinuxRequests {
  'pagewalk/linux/tasks': [{ readonly threads?: boolean }, List<TaskRow>];
  'pagewalk/linux/vmallocinfo': [Record<string, never>, List<VmapAreaRow>];
  'pagewalk/linux/memblock': [Record<string, never>, List<MemblockRow>];
  'pagewalk/linux/iomem': [Record<string, never>, List<ResourceRow>];
}
