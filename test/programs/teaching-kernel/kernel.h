// A small kernel of the teaching kind: three harts from M-mode to S-mode, Sv39, timers and interprocessor interrupts
// through the CLINT, a disk that answers by interrupt.

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;

#define HARTS 3
#define PAGE 4096

#define FINISHER 0x100000L
#define CLINT 0x2000000L
#define PLIC 0xc000000L
#define UART 0x10000000L
#define VIRTIO 0x10001000L
#define RAM 0x80000000L
#define RAM_SIZE 0x400000L

#define DISK_IRQ 1

#define MSIP(hart) ((volatile u32 *)(CLINT + 4 * (hart)))
#define MTIMECMP(hart) ((volatile u64 *)(CLINT + 0x4000 + 8 * (hart)))
#define MTIME ((volatile u64 *)(CLINT + 0xbff8))

#define SIE (1L << 1)

#define write_csr(name, value) asm volatile("csrw " #name ", %0" : : "r"((u64)(value)) : "memory")
#define set_csr(name, bits) asm volatile("csrs " #name ", %0" : : "r"((u64)(bits)) : "memory")
#define clear_csr(name, bits) asm volatile("csrc " #name ", %0" : : "r"((u64)(bits)) : "memory")
#define read_csr(name) \
  ({ \
    u64 value; \
    asm volatile("csrr %0, " #name : "=r"(value) : : "memory"); \
    value; \
  })

/** What machine_trap works with; it knows the offsets. */
struct machine {
  u64 saved[3];
  volatile u64 *mtimecmp;
  u64 interval;
  volatile u32 *msip;
  volatile u64 flags;
};
#define TICK 1
#define IPI 2
extern struct machine machines[HARTS];

u64 hart_id(void);
void print(const char *format, ...);

void plic_init(void);
void plic_init_hart(void);
u32 plic_claim(void);
void plic_complete(u32 source);

void map_kernel(void);
void turn_paging_on(void);

void disk_init(void);
/** Returns when the disk has interrupted; the disk's status. */
u8 disk_transfer(u64 sector, void *data, int write);
void disk_interrupt(void);

void main(void);
