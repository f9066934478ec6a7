/* exit() where there is no C library: nothing to run before the end. */
#include <skerry/domain.h>

void exit(int status) {
    domain_exit(status);
}
