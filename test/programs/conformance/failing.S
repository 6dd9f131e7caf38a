// The second of its checks, which has number 3, does not hold.

#include "test.h"

begin
  rr add, 3, 1, 2
  rr add, 4, 1, 2
done
