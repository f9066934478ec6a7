/* How picolibc is configured here, in place of what its own build system would write: for each of its options and each
   ability of the compiler that is there, a name. See its doc/build.md. */
#pragma once

#define _PICOLIBC__ 1
#define _PICOLIBC_MINOR__ 7
#define _PICOLIBC_VERSION "1.7.9"
#define _NEWLIB_VERSION "4.3.0"
#define __NEWLIB__ 4
#define __NEWLIB_MINOR__ 3
#define __NEWLIB_PATCHLEVEL__ 0

#define TINY_STDIO
#define POSIX_IO
#define POSIX_CONSOLE
#define ATOMIC_UNGETC
#define FORMAT_DEFAULT_DOUBLE
#define _IO_FLOAT_EXACT
#define _WANT_IO_C99_FORMATS
#define _WANT_IO_LONG_LONG
#define _WANT_IO_POS_ARGS
#define _WANT_MATH_ERRNO
#define _MB_LEN_MAX 1
#define NEWLIB_TLS
#define PICOLIBC_TLS
#define _PICO_EXIT
#define _HAVE_INITFINI_ARRAY
#define _RETARGETABLE_LOCKING

#define _HAVE_ALIAS_ATTRIBUTE
#define _HAVE_ALLOC_SIZE
#define _HAVE_ATTRIBUTE_ALWAYS_INLINE
#define _HAVE_ATTRIBUTE_GNU_INLINE
#define _HAVE_BITFIELDS_IN_PACKED_STRUCTS
#define _HAVE_BUILTIN_ADD_OVERFLOW
#define _HAVE_BUILTIN_ALLOCA
#define _HAVE_BUILTIN_COPYSIGN
#define _HAVE_BUILTIN_CTZ
#define _HAVE_BUILTIN_CTZL
#define _HAVE_BUILTIN_CTZLL
#define _HAVE_BUILTIN_EXPECT
#define _HAVE_BUILTIN_FFS
#define _HAVE_BUILTIN_FFSL
#define _HAVE_BUILTIN_FFSLL
#define _HAVE_BUILTIN_FINITE
#define _HAVE_BUILTIN_ISFINITE
#define _HAVE_BUILTIN_ISINF
#define _HAVE_BUILTIN_ISNAN
#define _HAVE_BUILTIN_MUL_OVERFLOW
#define _HAVE_FORMAT_ATTRIBUTE
#define _HAVE_LONG_DOUBLE
#define _HAVE_WEAK_ATTRIBUTE
