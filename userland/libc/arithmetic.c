/* What compilers call and have in a library of their own: strtold() converts 128-bit integers. */
long double __floatuntixf(unsigned __int128 value);

long double __floatuntixf(unsigned __int128 value) {
    return (long double)(unsigned long)(value >> 64) * 0x1p64L + (long double)(unsigned long)value;
}
