/* [The KTAP format, version 1] */
#include <skerry/domain.h>
#include <skerry/fibre.h>
#include <skerry/print.h>
#include <skerry/string.h>
#include <skerry/test.h>

#define NAME_MAX 200

static unsigned planned, done, failed;

void test_plan(unsigned count) {
    planned = count;
    (void)console_print("1..%u\n", count);
}

void test_ok(bool ok, const char *format, ...) {
    PINNED();
    char name[NAME_MAX];
    va_list args;
    va_start(args, format);
    print_text_args(name, sizeof(name), format, args);
    va_end(args);
    failed += !ok;
    done++;
    (void)console_print("%sok %u - %s\n", ok ? "" : "not ", done, name);
}

int test_end(void) {
    if (done != planned) {
        (void)console_print("# %u of %u tests were run\n", done, planned);
    }
    return failed == 0 && done == planned ? 0 : 1;
}
