/* Results of a program that tests something, as KTAP lines on the console: the plan first, so that a missing result shows.
   `return test_end();` is what main() ends with. */
#ifndef SKERRY_TEST_H
#define SKERRY_TEST_H

#include <skerry/base.h>

void test_plan(unsigned count);
void test_ok(bool ok, const char *format, ...) PRINTF_LIKE(2, 3);

/* The exit status: 0 when every planned test was run and passed. */
[[nodiscard]] int test_end(void);

#endif
