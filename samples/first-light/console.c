// Output through the ns16550a serial port, and the switch at the wall.

#include "console.h"

#include <stdarg.h>

#include "memory-map.h"

uint64_t uart_address = UART_PA;
uint64_t finisher_address = FINISHER_PA;

#define UART_LSR 5 // line status register
#define LSR_THRE 0x20 // transmitter takes another byte

void put(char c) {
  volatile uint8_t *uart = (volatile uint8_t *)uart_address;
  while (!(uart[UART_LSR] & LSR_THRE)) {
  }
  uart[0] = c;
}

static void put_number(uint64_t value, unsigned base) {
  char digits[20];
  int count = 0;
  do {
    digits[count++] = "0123456789abcdef"[value % base];
    value /= base;
  } while (value);
  while (count) put(digits[--count]);
}

void say(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  for (; *format; format++) {
    if (*format != '%') {
      put(*format);
      continue;
    }
    format++;
    if (*format == 's') {
      for (const char *text = va_arg(arguments, const char *); *text; text++) put(*text);
    } else if (*format == 'd') {
      put_number(va_arg(arguments, uint64_t), 10);
    } else {
      put('0');
      put('x');
      put_number(va_arg(arguments, uint64_t), 16);
    }
  }
  va_end(arguments);
}

void power_off(int code) {
  volatile uint32_t *finisher = (volatile uint32_t *)finisher_address;
  *finisher = code ? (uint32_t)code << 16 | 0x3333 : 0x5555;
  for (;;) {
  }
}
