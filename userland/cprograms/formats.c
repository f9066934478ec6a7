/* What the C library's formats, conversions and functions yield. The same file runs on the computer that builds it, and the
   two must print the same (tests/boot/test_c_library.py). */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* None that lies half-way between two of its roundings, or has more digits than tell it from its neighbours: of these picolibc
   prints the shortest form. */
static const double numbers[] = {
    0.0,    -0.0,   1.0,           -1.5,        0.1,     1.0 / 3,          1e10,    1e-10, 123456, 1e21, 0.75,
    5e-324, 9.9996, 1234567.89012, -98765.4321, 255.999, 3.14159265358979, 0x1.8p+5};

static void print_numbers(void) {
    for (size_t i = 0; i < COUNT(numbers); i++) {
        double x = numbers[i];
        printf("%f %e %g %.1f %.3e %+.2f %10.4g|%-12.1f|%012.3f %#.1f\n", x, x, x, x, x, x, x, x, x, x);
    }
    printf("%f %e %g %F %5.1f|\n", INFINITY, -INFINITY, (double)NAN, INFINITY, -INFINITY);
    printf("%a %a %.2a\n", 1.0, 0.1, 3.14159);
}

static void print_integers(void) {
    printf("%d %i %u %x %X %o %c %s %%\n", INT_MIN, INT_MAX, UINT_MAX, 0xbeefu, 0xBEEFu, 8u, 'c', "text");
    printf("%ld %lu %lld %llu %zu %jd %td\n", LONG_MIN, ULONG_MAX, LLONG_MIN, ULLONG_MAX, SIZE_MAX, INTMAX_MIN,
           (ptrdiff_t)-1);
    printf("%hd %hhd %hu %hhu\n", (short)-2, (signed char)-3, (unsigned short)65535, (unsigned char)255);
    printf("[%5d] [%-5d] [%05d] [%+d] [% d] [%#x] [%#o] [%.3d] [%*d] [%-*d] [%.*d]\n", 42, 42, 42, 42, 42, 42u, 42u, 7,
           6, 42, 6, 42, 4, 42);
    printf("[%10s] [%-10s] [%.2s] [%10.3s] [%c%c]\n", "right", "left", "cut", "both", 'a', 'b');
    printf("%2$s %1$d\n", 5, "second");
    char text[8];
    const char *volatile longer = "longer than that";
    int length = snprintf(text, sizeof(text), "%s", longer);
    printf("%d %s\n", length, text);
}

static void scan(void) {
    int a = 0, b = 0, used = 0;
    unsigned x = 0;
    long c = 0;
    double d = 0;
    float f = 0;
    char word[16] = "", set[16] = "", one = 0;
    int n = sscanf("12 -7 0x1f 99999999999 word abc123 z", "%d %d %x %ld %15s %15[a-c] %*d %c", &a, &b, &x, &c, word,
                   set, &one);
    printf("%d: %d %d %x %ld %s %s %c\n", n, a, b, x, c, word, set, one);
    n = sscanf("3.25e2 -0.125 rest", "%lf %f %n", &d, &f, &used);
    printf("%d: %g %g %d\n", n, d, (double)f, used);
    printf("%d %d %d\n", sscanf("x", "%d", &a), sscanf("", "%d", &a), sscanf("010 010", "%i %d", &a, &b));
}

static void convert(void) {
    static const char *const texts[] = {
        "0",      "1e5",     " -12.5xyz", "inf", "-nan", ".5",    "1e400",
        "1e-400", "0x1.8p3", "abc",       "1e+", "+7",   "0.1e1", "123456789012345678901234567890"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        char *end;
        errno = 0;
        double value = strtod(texts[i], &end);
        printf("%s: %g %d '%s' ", texts[i], fabs(value), errno == ERANGE, end);
        errno = 0;
        long number = strtol(texts[i], &end, 0);
        printf("%ld %d '%s'\n", number, errno == ERANGE, end);
    }
    printf("%lu %llu %d %g\n", strtoul("ff", NULL, 16), strtoull("zz", NULL, 36), atoi("-42"), atof("2.75"));
}

static void mathematics(void) {
    static const double points[] = {-2.25, -1, -0.5, 0.25, 1, 1.5, 3, 10};
    for (size_t i = 0; i < COUNT(points); i++) {
        double x = points[i];
        printf("%.9g %.9g %.9g %.9g %.9g %.9g %.9g\n", sin(x), cos(x), tan(x), exp(x), atan(x), sinh(x), cbrt(x));
        printf("%.9g %.9g %.9g %.9g\n", sqrt(fabs(x)), log(fabs(x)), pow(fabs(x), 1.7), tgamma(x + 2.75));
        printf("%g %g %g %g %g %ld %g\n", floor(x), ceil(x), trunc(x), round(x), rint(x), lround(x), fmod(x, 0.75));
        int exponent;
        double whole, part = modf(x, &whole), mantissa = frexp(x, &exponent);
        printf("%g %g %g %d %g %g %d\n", part, whole, mantissa, exponent, hypot(x, 4), fma(x, 2, 1), !!signbit(x));
    }
    errno = 0;
    double root = sqrt(-1);
    printf("%d %d %.6f\n", !!isnan(root), errno == EDOM, (double)sinf(0.5f));
}

static int ascending(const void *a, const void *b) {
    return *(const int *)a - *(const int *)b;
}

static void strings(void) {
    char text[64] = "the quick,brown fox", *rest = NULL, *copy = strdup("copy");
    for (char *word = strtok_r(text, " ,", &rest); word != NULL; word = strtok_r(NULL, " ,", &rest)) {
        printf("<%s>", word);
    }
    printf("\n%s %zu %zu %s %s\n", copy, strspn("aab", "a"), strcspn("abc", "c"), strstr("haystack", "st"),
           strrchr("a/b/c", '/'));
    free(copy);
    int sorted[] = {5, -3, 9, 0, 2}, key = 9;
    qsort(sorted, COUNT(sorted), sizeof(int), ascending);
    int *found = bsearch(&key, sorted, COUNT(sorted), sizeof(int), ascending);
    printf("%d %d %d %td\n", sorted[0], sorted[1], sorted[4], found - sorted);
    printf("%d %d %d %c\n", !!isalpha('x'), !!isdigit('x'), !!ispunct('!'), toupper('q'));
    ldiv_t quotient = ldiv(-17, 5);
    printf("%ld %ld %d %lld\n", quotient.quot, quotient.rem, abs(-4), llabs(-5LL));
}

static void blocks(void) {
    char *grown = malloc(3);
    strcpy(grown, "ab");
    for (size_t size = 8; size < 300000; size *= 5) {
        grown = realloc(grown, size);
        memset(grown + 2, 'z', size - 2);
    }
    void *aligned = aligned_alloc(4096, 8192);
    printf("%.4s %d\n", grown, (uintptr_t)aligned % 4096 == 0);
    free(aligned);
    free(grown);
}

static jmp_buf place;

static void jump(const char *why) {
    printf("%s\n", why);
    longjmp(place, 7);
}

static void said_last(void) {
    printf("said last\n");
}

int main(void) {
    struct tm date = {.tm_year = 109, .tm_mon = 9, .tm_mday = 11, .tm_hour = 12};
    char day[64];
    print_numbers();
    print_integers();
    scan();
    convert();
    mathematics();
    strings();
    blocks();
    time_t when = mktime(&date);
    strftime(day, sizeof(day), "%Y-%m-%d %H:%M:%S %a %j", gmtime(&when));
    printf("%lld %s\n", (long long)when, day);
    int value = setjmp(place);
    if (value == 0) {
        jump("about to jump");
    }
    printf("jumped with %d\n", value);
    atexit(said_last);
    return 3;
}
