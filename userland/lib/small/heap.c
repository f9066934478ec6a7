/* A domain that does not say what it needs gets no more than it was born with. */
#include <skerry/heap.h>

bool heap_grow(size_t size) {
    (void)size;
    return false;
}
