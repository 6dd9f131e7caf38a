// The disk in the first virtio-mmio slot (virtio 1.2): one request at a time.

#include "kernel.h"

#define REGISTER(offset) (*(volatile u32 *)(VIRTIO + (offset)))
#define ENTRIES 8
#define NEXT 1
#define WRITE 2

static struct {
  u64 address;
  u32 length;
  u16 flags;
  u16 next;
} descriptors[ENTRIES] __attribute__((aligned(16)));

static volatile struct {
  u16 flags;
  u16 index;
  u16 ring[ENTRIES];
} available __attribute__((aligned(2)));

static volatile struct {
  u16 flags;
  u16 index;
  struct {
    u32 head;
    u32 length;
  } ring[ENTRIES];
} used __attribute__((aligned(4)));

static struct {
  u32 type;
  u32 reserved;
  u64 sector;
} header;
static volatile u8 status;
static volatile u32 done;
static u16 seen;

static void set_address(u32 low, volatile void *area) {
  REGISTER(low) = (u32)(u64)area;
  REGISTER(low + 4) = (u64)area >> 32;
}

void disk_init(void) {
  if (REGISTER(0) != 0x74726976 || REGISTER(4) != 2 || REGISTER(8) != 2) {
    print("no disk\n");
    return;
  }
  REGISTER(0x70) = 0;
  REGISTER(0x70) = 1;
  REGISTER(0x70) = 3;
  // VIRTIO_F_VERSION_1 and nothing else.
  REGISTER(0x24) = 0;
  REGISTER(0x20) = 0;
  REGISTER(0x24) = 1;
  REGISTER(0x20) = 1;
  REGISTER(0x70) = 11;
  if (!(REGISTER(0x70) & 8)) print("the disk refuses the features\n");
  REGISTER(0x30) = 0;
  REGISTER(0x38) = ENTRIES;
  set_address(0x80, descriptors);
  set_address(0x90, &available);
  set_address(0xa0, &used);
  REGISTER(0x44) = 1;
  REGISTER(0x70) = 15;
  print("disk: %d sectors\n", *(volatile u64 *)(VIRTIO + 0x100));
}

static void describe(u32 index, volatile void *data, u32 length, u16 flags) {
  descriptors[index].address = (u64)data;
  descriptors[index].length = length;
  descriptors[index].flags = flags;
  descriptors[index].next = index + 1;
}

u8 disk_transfer(u64 sector, void *data, int write) {
  header.type = write;
  header.sector = sector;
  status = 0xff;
  done = 0;
  describe(0, &header, sizeof header, NEXT);
  describe(1, data, 512, NEXT | (write ? 0 : WRITE));
  describe(2, &status, 1, WRITE);
  available.ring[available.index % ENTRIES] = 0;
  __sync_synchronize();
  available.index++;
  __sync_synchronize();
  REGISTER(0x50) = 0;
  while (!done) asm volatile("wfi");
  return status;
}

void disk_interrupt(void) {
  REGISTER(0x64) = REGISTER(0x60) & 3;
  __sync_synchronize();
  while (seen != used.index) {
    seen++;
    done = 1;
  }
}
