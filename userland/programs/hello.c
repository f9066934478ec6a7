/* The smallest domain: says where it runs and what it was given. Try `spawn hello from me on 1`. */
#include <skerry/domain.h>
#include <skerry/print.h>

int main(int argc, char **argv) {
    printf("hello from core %u\n", domain_args()->core);
    for (int i = 1; i < argc; i++) {
        printf("  argument %d: %s\n", i, argv[i]);
    }
    return 0;
}
