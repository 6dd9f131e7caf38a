import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { hex, phys, virt } from '../../emulator/address.ts';
import type { PhysicalRegion } from '../../emulator/inspection.ts';
import { modeNamed, type PagingMode, Sv32, Sv39, Sv48, Sv57, sizeText } from '../../emulator/mmu/modes.ts';
import {
  detectLayout,
  fixmapSizeOf,
  hasFixmapDeviceTree,
  kernelSlide,
  type LinuxFacts,
  linuxRegions,
  mappings,
  pageOffsetOf,
  versionIn,
  virtualReader,
} from '../../kernel/index.ts';
import { kernelFixture, symbolsOf } from '../support/kernel-fixtures.ts';
import { stillMachine, TestMemory } from '../support/page-tables.ts';

const regionsOf = (version: string, mode: PagingMode, more: Partial<LinuxFacts> = {}) => {
  const parsed = versionIn(`Linux version ${version}`);
  assert.ok(parsed);
  return linuxRegions({
    version: parsed,
    mode,
    pageOffset: pageOffsetOf(parsed, mode),
    fixmapSize: fixmapSizeOf(mode, hasFixmapDeviceTree(parsed)),
    structPageShift: 6,
    kasan: true,
    vmemmap: true,
    ...more,
  });
};

/** Checks `first last` (inclusive) of each region named. */
function expectRegions(regions: ReturnType<typeof linuxRegions>, expected: Record<string, string>) {
  for (const [name, range] of Object.entries(expected)) {
    const region = regions.find((candidate) => candidate.name === name);
    const text = region && `${region.start.toString(16)} ${(region.start + region.size - 1n).toString(16)}`;
    assert.equal(text, range, name);
  }
}

const top64 = {
  modules: 'ffffffff00000000 ffffffff7fffffff',
  BPF: 'ffffffff78000000 ffffffff7fffffff',
  'kernel image': 'ffffffff80000000 ffffffffffffffff',
};

describe("Linux's regions by version and mode", () => {
  test('5.7 to 5.12, Sv39: the image is inside the linear map', () => {
    for (const version of ['5.7.0', '5.10.262', '5.12.9']) {
      const regions = regionsOf(version, Sv39);
      expectRegions(regions, {
        user: '0 3fffffffff',
        'KASAN shadow': 'ffffffc000000000 ffffffc7ffffffff',
        fixmap: 'ffffffcefee00000 ffffffcefeffffff',
        'PCI I/O': 'ffffffceff000000 ffffffceffffffff',
        vmemmap: 'ffffffcf00000000 ffffffcfffffffff',
        vmalloc: 'ffffffd000000000 ffffffdfffffffff',
        BPF: 'ffffffdff8000000 ffffffdfffffffff',
        'direct map': 'ffffffe000000000 ffffffffffffffff',
      });
      assert.ok(!regions.some(({ name }) => name === 'kernel image'));
    }
  });

  test('5.7 to 5.12 with known bounds: the image begins at PAGE_OFFSET, modules lie within 2 GiB below its end', () => {
    const image = { start: 0xffffffe000000000n, end: 0xffffffe0008cdaa8n };
    expectRegions(regionsOf('5.10.262', Sv39, { image }), {
      'kernel image': 'ffffffe000000000 ffffffe0008cdfff',
      modules: 'ffffffdf808ce000 ffffffdfffffffff',
    });
  });

  test('5.13 to 5.16, Sv39: the image is in the last 2 GiB', () => {
    expectRegions(regionsOf('5.15.55', Sv39), {
      'KASAN shadow': 'ffffffc000000000 ffffffc7ffffffff',
      fixmap: 'ffffffcefee00000 ffffffcefeffffff',
      vmalloc: 'ffffffd000000000 ffffffdfffffffff',
      'direct map': 'ffffffe000000000 fffffffeffffffff',
      ...top64,
    });
  });

  test('5.17 to 6.10, Sv39: the fixmap grows with the device tree it hosts', () => {
    const common = {
      user: '0 3fffffffff',
      'PCI I/O': 'ffffffc6ff000000 ffffffc6ffffffff',
      vmemmap: 'ffffffc700000000 ffffffc7ffffffff',
      vmalloc: 'ffffffc800000000 ffffffd7ffffffff',
      'direct map': 'ffffffd800000000 fffffff6ffffffff',
      'KASAN shadow': 'fffffff700000000 fffffffeffffffff',
      ...top64,
    };
    for (const version of ['5.17.0', '6.1.25', '6.2.12']) {
      expectRegions(regionsOf(version, Sv39), { ...common, fixmap: 'ffffffc6fee00000 ffffffc6feffffff' });
    }
    for (const version of ['6.1.192', '6.2.13', '6.3.0', '6.10.0']) {
      expectRegions(regionsOf(version, Sv39), { ...common, fixmap: 'ffffffc6fea00000 ffffffc6feffffff' });
    }
  });

  test('6.11 and later, Sv39', () => {
    expectRegions(regionsOf('6.12.107', Sv39), {
      fixmap: 'ffffffc4fea00000 ffffffc4feffffff',
      'PCI I/O': 'ffffffc4ff000000 ffffffc4ffffffff',
      vmemmap: 'ffffffc500000000 ffffffc5ffffffff',
      vmalloc: 'ffffffc600000000 ffffffd5ffffffff',
      'direct map': 'ffffffd600000000 fffffff5ffffffff',
      'KASAN shadow': 'fffffff700000000 fffffffeffffffff',
      ...top64,
    });
  });

  test('5.17 and later, Sv48', () => {
    expectRegions(regionsOf('6.12.107', Sv48), {
      user: '0 7fffffffffff',
      fixmap: 'ffff8d7ffea00000 ffff8d7ffeffffff',
      'PCI I/O': 'ffff8d7fff000000 ffff8d7fffffffff',
      vmemmap: 'ffff8d8000000000 ffff8f7fffffffff',
      vmalloc: 'ffff8f8000000000 ffffaf7fffffffff',
      'direct map': 'ffffaf8000000000 ffffef7fffffffff',
      'KASAN shadow': 'ffffef8000000000 fffffffeffffffff',
      ...top64,
    });
    expectRegions(regionsOf('5.19.0', Sv48), { fixmap: 'ffff8d7ffee00000 ffff8d7ffeffffff' });
  });

  test('5.18 and later, Sv57: the linear map ends where the KASAN shadow may begin', () => {
    expectRegions(regionsOf('6.12.107', Sv57), {
      user: '0 ffffffffffffff',
      fixmap: 'ff1bfffffea00000 ff1bfffffeffffff',
      'PCI I/O': 'ff1bffffff000000 ff1bffffffffffff',
      vmemmap: 'ff1c000000000000 ff1fffffffffffff',
      vmalloc: 'ff20000000000000 ff5fffffffffffff',
      'direct map': 'ff60000000000000 ffdeffffffffffff',
      'KASAN shadow': 'ffdf000000000000 fffffffeffffffff',
      ...top64,
    });
    expectRegions(regionsOf('5.19.0', Sv57), { fixmap: 'ff1bfffffee00000 ff1bfffffeffffff' });
  });

  const sv32 = [
    ['6.1.25', 5, '0 9dbfffff', '9dc00000 9dffffff', '9e000000 9effffff', '9f000000 9fffffff'],
    ['6.1.25', 6, '0 9cbfffff', '9cc00000 9cffffff', '9d000000 9dffffff', '9e000000 9fffffff'],
    ['6.1.192', 5, '0 9d7fffff', '9d800000 9dffffff', '9e000000 9effffff', '9f000000 9fffffff'],
    ['6.12.0', 6, '0 9c7fffff', '9c800000 9cffffff', '9d000000 9dffffff', '9e000000 9fffffff'],
  ] as const;
  for (const [version, structPageShift, user, fixmap, pci, vmemmap] of sv32) {
    test(`${version}, Sv32, struct page of up to ${1 << structPageShift} bytes`, () => {
      expectRegions(regionsOf(version, Sv32, { structPageShift }), {
        user,
        fixmap,
        'PCI I/O': pci,
        vmemmap,
        vmalloc: 'a0000000 bfffffff',
        BPF: 'b8000000 bfffffff',
        'direct map': 'c0000000 ffffffff',
      });
    });
  }

  test('5.10 to 6.3 map the device tree early in the user half, for kernel pages only', () => {
    const starts = [
      ['5.10.262', Sv32, 0x400000n],
      ['5.10.262', Sv39, 0x40000000n],
      ['5.19.0', Sv48, 0x8000000000n],
      ['5.19.0', Sv57, 0x1000000000000n],
    ] as const;
    for (const [version, mode, start] of starts) {
      const region = regionsOf(version, mode).find(({ name }) => name === 'early device tree');
      assert.equal(region?.start, start, mode.name);
      assert.equal(region?.kernelPagesOnly, true);
    }
    for (const version of ['5.9.0', '6.3.0']) {
      assert.ok(!regionsOf(version, Sv39).some(({ name }) => name === 'early device tree'));
    }
  });
});

describe('docs/layouts.md', () => {
  test('has the tables that the formulas give', () => {
    const sections = readFileSync('docs/layouts.md', 'utf8').split(/^### /m).slice(1);
    assert.ok(sections.length >= 9);
    for (const section of sections) {
      const [, modeName = '', version = ''] = /^(Sv\d+), (\d+\.\d+) /.exec(section) ?? [];
      const mode = modeNamed(modeName);
      assert.ok(mode, section);
      const rows = [...section.matchAll(/^\| ([0-9a-f]+) \| ([0-9a-f]+) \| ([^|]+) \| ([^|]+) \|$/gm)];
      assert.deepEqual(
        rows.map((row) => row.slice(1)),
        regionsOf(version, mode).map(({ name, start, size }) => [
          start.toString(16),
          (start + size - 1n).toString(16),
          sizeText(size),
          name,
        ]),
        section,
      );
    }
  });
});

const devices: readonly PhysicalRegion[] = [
  { name: 'PLIC', kind: 'device', base: phys(0x0c000000), size: 0x600000n },
  { name: 'ns16550a', kind: 'device', base: phys(0x10000000), size: 0x1000n },
  { name: 'RAM', kind: 'ram', base: phys(0x80000000), size: 0x8000000n },
];

describe('a running Linux', () => {
  const expected: Record<string, [string, bigint, bigint, number]> = {
    'linux-6.12-sv57': ['Linux 6.12.107, Sv57', 0xff60000000000000n, 6n, 6],
    'linux-6.12-sv48': ['Linux 6.12.107, Sv48', 0xffffaf8000000000n, 6n, 6],
    'linux-6.12-sv39': ['Linux 6.12.107, Sv39', 0xffffffd600000000n, 6n, 6],
    'linux-6.12-kaslr': ['Linux 6.12.107, Sv57', 0xff60000000000000n, 6n, 6],
    'linux-6.1-sv32': ['Linux 6.1.192, Sv32', 0xc0000000n, 8n, 5],
    'linux-5.10-sv39': ['Linux 5.10.262, Sv39', 0xffffffe000000000n, 2n, 6],
  };
  for (const [name, [title, pageOffset, fixmapMiB, structPageShift]] of Object.entries(expected)) {
    test(`${name}: version, PAGE_OFFSET, fixmap and struct page are found in its memory`, () => {
      const { memory, space, symbols, image } = kernelFixture(name);
      const { layout, linux } = detectLayout(stillMachine(memory, {}), space, symbols, image);
      assert.equal(layout.title, title);
      assert.equal(linux?.pageOffset, pageOffset);
      assert.equal(linux?.fixmapSize, fixmapMiB << 20n);
      assert.equal(linux?.structPageShift, structPageShift);
    });
  }

  test('a version that does not fit is corrected by kernel_map', () => {
    const { memory, space, symbols, image } = kernelFixture('linux-6.12-sv39');
    const banner = symbols.valueOf('linux_banner') ?? 0n;
    const pa = image.pa + (banner - image.va);
    const patched = {
      readPhysical: (address: typeof image.pa, length: number) => {
        const bytes = Uint8Array.from(memory.readPhysical(address, length));
        if (address === pa) bytes.set(new TextEncoder().encode('Linux version 6.6.1 '));
        return bytes;
      },
    };
    const { layout, linux } = detectLayout(stillMachine(patched, {}), space, symbols, image);
    assert.equal(layout.title, 'Linux 6.6.1, Sv39');
    assert.equal(hex(linux?.pageOffset ?? 0n), '0xffffffd600000000');
  });

  test('the slide of a KASLR kernel is read from kernel_map at its load address', () => {
    const { memory, symbols, image } = kernelFixture('linux-6.12-kaslr');
    const slide = 0x39a00000n;
    const linked = { ...symbols, valueOf: (name: string) => (symbols.valueOf(name) ?? slide) - slide };
    const read = virtualReader(stillMachine(memory, {}), undefined, [{ ...image, va: virt(image.va - slide) }]);
    assert.equal(kernelSlide(linked, read), slide);
    const still = kernelFixture('linux-6.12-sv57');
    assert.equal(
      kernelSlide(still.symbols, virtualReader(stillMachine(still.memory, {}), undefined, [still.image])),
      0n,
    );
  });

  test('runs are named by section, by region, and by what lies behind a region', () => {
    const { memory, space, symbols, image } = kernelFixture('linux-6.12-sv57');
    const { layout } = detectLayout(stillMachine(memory, { regions: devices }), space, symbols, image);
    const names = [...mappings(memory, space)].map((run) => layout.nameOf(run));
    assert.deepEqual(names, [
      'fixmap',
      'vmemmap',
      'vmalloc (PLIC)',
      'vmalloc (ns16550a)',
      'vmalloc',
      'vmalloc',
      'direct map',
      'direct map (.head.text, .text)',
      'direct map (.init.text, .exit.text)',
      'direct map (.init.data … .alternative)',
      'direct map (.rodata … .srodata)',
      'direct map',
      '.head.text, .text',
      '.init.text, .exit.text',
      '.init.data … .alternative',
      '.rodata … .srodata',
      '.data … .bss',
    ]);
  });

  test('a run that leaves the image inside the linear map says so', () => {
    const { memory, space, symbols, image } = kernelFixture('linux-5.10-sv39');
    const { layout } = detectLayout(stillMachine(memory, { regions: devices }), space, symbols, image);
    const last = [...mappings(memory, space)].at(-1);
    assert.ok(last);
    assert.equal(layout.nameOf(last), '.data … .bss, direct map');
  });

  test('an image that ends inside its last superpage is still the image alone', () => {
    const { memory, space, symbols, image } = kernelFixture('linux-5.10-sv39');
    const { layout } = detectLayout(stillMachine(memory, { regions: devices }), space, symbols, image);
    const early = { va: image.va, pa: image.pa, size: 0xa00000n, pageSize: 0x200000n, u: false };
    assert.equal(layout.nameOf(early), '.head.text … .bss');
  });

  test('the early device tree lies in the user half, among kernel pages', () => {
    const { memory, space, symbols, image } = kernelFixture('linux-5.10-sv39');
    const { layout } = detectLayout(stillMachine(memory, { regions: devices }), space, symbols, image);
    assert.equal(layout.regionAt(virt(0x40000010n), phys(0x87e00010n), false), 'early device tree');
    assert.equal(layout.regionAt(virt(0x40000010n), phys(0x87e00010n), true), 'user');
    assert.equal(layout.regionAt(virt(0x40000010n)), 'user');
  });

  test('single addresses have names, mapped or not', () => {
    const { memory, space, symbols, image } = kernelFixture('linux-6.12-sv57');
    const { layout } = detectLayout(stillMachine(memory, { regions: devices }), space, symbols, image);
    assert.equal(layout.regionAt(virt(0xffffffff80000010n)), '.head.text');
    assert.equal(layout.regionAt(virt(0xffffffff7fffff00n)), 'BPF');
    assert.equal(layout.regionAt(virt(0xffffffff70000000n)), 'modules');
    assert.equal(layout.regionAt(virt(0x10000n), phys(0x80500000n), true), 'user');
    assert.equal(layout.regionAt(virt(0x8000000000000000n)), '');
    assert.equal(layout.regionAt(virt(0x80400010n), phys(0x80400010n), false), 'identity map (.init.text)');
  });
});

describe('a kernel that is no Linux', () => {
  const symbols = symbolsOf(new Map(), [
    { name: '.text', va: 0xffffffff80000000n, size: 0x2000n },
    { name: '.data', va: 0xffffffff80002000n, size: 0x1000n },
  ]);
  const image = { va: virt(0xffffffff80000000n), pa: phys(0x80200000n), size: 0x3000n };
  const machine = stillMachine(new TestMemory(4096), { regions: devices });
  const mode = modeNamed('sv39');
  assert.ok(mode);
  const space = { mode, root: phys(0x80000000), pbmt: false, svnapot: false };
  const { layout, linux } = detectLayout(machine, space, symbols, image);
  const name = (va: bigint, pa: bigint, size = 0x1000n, u = false) =>
    layout.nameOf({ va: virt(va), pa: phys(pa), size, pageSize: 0x1000n, u });

  test('has a generic layout', () => {
    assert.equal(layout.title, 'generic');
    assert.equal(linux, undefined);
  });

  test('its runs are named by sections, identity maps, devices and RAM', () => {
    assert.equal(name(0xffffffff80000000n, 0x80200000n, 0x2000n), '.text');
    assert.equal(name(0xffffffff80000000n, 0x80200000n, 0x200000n), '.text, .data');
    assert.equal(name(0x80200000n, 0x80200000n), 'identity map (.text)');
    assert.equal(name(0x80400000n, 0x80400000n), 'identity map');
    assert.equal(name(0x10000000n, 0x10000000n), 'ns16550a');
    assert.equal(name(0x3ffffff000n, 0x80201000n), '.text');
    assert.equal(name(0x1000n, 0x80500000n, 0x1000n, true), 'RAM');
    assert.equal(name(0x1000n, 0x40000000n), '');
  });

  test('a user program inside the kernel file is named by its sections, other user pages are not', () => {
    const segments = [
      { va: virt(0xffffffff80000000n), pa: phys(0x80200000n), size: 0x3000n },
      { va: virt(0x10000n), pa: phys(0x80203000n), size: 0x1000n },
      { va: virt(0xffffffff80004000n), pa: phys(0x80204000n), size: 0x2000n },
    ];
    const all = symbolsOf(new Map(), [
      ...symbols.sections,
      { name: '.user.text', va: 0x10000n, size: 0x800n },
      { name: '.bss', va: 0xffffffff80004000n, size: 0x2000n },
    ]);
    const { layout: split } = detectLayout(machine, space, all, segments);
    const page = (va: bigint, pa: bigint, size: bigint, u: boolean) =>
      split.nameOf({ va: virt(va), pa: phys(pa), size, u });
    assert.equal(page(0x10000n, 0x80203000n, 0x1000n, true), '.user.text');
    assert.equal(page(0x10000n, 0x80500000n, 0x1000n, true), 'RAM');
    assert.equal(page(0x80200000n, 0x80200000n, 0x6000n, false), 'identity map (.text … .bss)');
    assert.equal(page(0x80200000n, 0x80200000n, 0x7000n, false), 'identity map');
  });
});
