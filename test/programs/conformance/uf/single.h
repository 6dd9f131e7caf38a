// Single precision.

#define ONE 0x3f800000
#define INF 0x7f800000
#define MINUS_INF 0xff800000
#define MINUS_ZERO 0x80000000
#define QNAN 0x7fc00000
#define SNAN 0x7f800001

  .macro fload register, address:vararg
    flw \register, \address
  .endm
  .macro fstore register, address:vararg
    fsw \register, \address
  .endm
  .macro bits value
    .word \value
  .endm
