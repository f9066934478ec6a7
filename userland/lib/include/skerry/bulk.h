/* Bulk: memory that a client shares with a service for as long as it is bound, so that a page or more crosses without being
   copied. An interface says how many pages (`bulk_pages`); the client owns them, takes pieces and names these in its calls
   (type `bulk`); the server reads and writes them where they are. What is in them is the client's word at every moment, also while
   the server looks: it copies what it checks. A client that takes the memory away has the call that touches it ended by a
   fault, and no other. */
#ifndef SKERRY_BULK_H
#define SKERRY_BULK_H

#include <skerry/base.h>

#define BULK_PAGES_MAX 64

/* As this domain has it; size 0: there is none. */
struct bulk {
    char *at;
    uint64_t size;
};

#endif
