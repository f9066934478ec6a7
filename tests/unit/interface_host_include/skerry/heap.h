/* On the host: the C library has them. */
#pragma once
#include <stdlib.h>
