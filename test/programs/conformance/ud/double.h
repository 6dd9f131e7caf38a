// Double precision.

#define ONE 0x3ff0000000000000
#define MINUS_ONE 0xbff0000000000000
#define INF 0x7ff0000000000000
#define MINUS_INF 0xfff0000000000000
#define MINUS_ZERO 0x8000000000000000
#define QNAN 0x7ff8000000000000
#define SNAN 0x7ff0000000000001

  .macro fload register, address:vararg
    fld \register, \address
  .endm
  .macro fstore register, address:vararg
    fsd \register, \address
  .endm
  .macro bits value
    .dword \value
  .endm
