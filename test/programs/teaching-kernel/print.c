// The UART as a printer: polled, a line at a time under a lock.

#include <stdarg.h>
#include "kernel.h"

static volatile u32 locked;

static void put(char letter) {
  volatile u8 *uart = (volatile u8 *)UART;
  while (!(uart[5] & 0x20)) {
  }
  uart[0] = letter;
}

static void put_number(u64 value, u32 base) {
  if (value >= base) put_number(value / base, base);
  put("0123456789abcdef"[value % base]);
}

/** Knows %s, %d (unsigned) and %x. */
void print(const char *format, ...) {
  va_list values;
  va_start(values, format);
  while (__sync_lock_test_and_set(&locked, 1)) {
  }
  for (; *format; format++) {
    if (*format != '%') {
      put(*format);
    } else if (*++format == 's') {
      for (const char *text = va_arg(values, const char *); *text; text++) put(*text);
    } else {
      put_number(va_arg(values, u64), *format == 'x' ? 16 : 10);
    }
  }
  __sync_lock_release(&locked);
  va_end(values);
}
