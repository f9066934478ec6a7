/* An end's number is its place and how often that has been used, so that an old number finds nothing. */
#include "monitor/ends.h"

#include <abi/stubs.h>
#include <skerry/fibre.h>
#include <skerry/heap.h>
#include <skerry/log.h>
#include <skerry/slots.h>

#include "monitor/domains.h"

#define ENDS_MAX 512 /* a power of two */
#define ENDS_OF_DOMAIN 128

static struct end table[ENDS_MAX];
static uint32_t uses[ENDS_MAX];
static struct fibre_queue revocations;

err_t end_new(uint32_t domain, coreid_t core, struct end **end) {
    struct end *made = NULL;
    unsigned has = 0;
    for (unsigned i = 0; i < ENDS_MAX; i++) {
        has += table[i].id != 0 && table[i].domain == domain;
        made = made == NULL && table[i].id == 0 ? &table[i] : made;
    }
    if (made == NULL || has >= ENDS_OF_DOMAIN) {
        return ERR_NO_MEMORY;
    }
    uint32_t place = (uint32_t)(made - table);
    uses[place]++;
    *made = (struct end){.id = uses[place] * ENDS_MAX + place, .domain = domain, .core = core};
    if (made->id == 0) {
        made->id += ENDS_MAX; /* after four thousand million channels */
    }
    *end = made;
    return ERR_OK;
}

struct end *end_get(uint32_t id) {
    struct end *end = &table[id % ENDS_MAX];
    return id != 0 && end->id == id ? end : NULL;
}

struct end *end_next(struct end *at) {
    for (struct end *end = at == NULL ? table : at + 1; end < table + ENDS_MAX; end++) {
        if (end->id != 0) {
            return end;
        }
    }
    return NULL;
}

bool ends_lending(uint32_t domain) {
    for (unsigned i = 0; i < ENDS_MAX; i++) {
        if (table[i].id != 0 && table[i].domain == domain && table[i].lent != NULL) {
            return true;
        }
    }
    return false;
}

static void loans_drop(struct loan **loans) {
    for (struct loan *loan = *loans, *next; loan != NULL; loan = next) {
        next = loan->next;
        slot_release(loan->cap);
        free(loan);
    }
    *loans = NULL;
}

/* Loans of the same memory are copies: revoking one empties the others' slots. */
static err_t revoke_borrowed(struct end *end) {
    for (const struct loan *loan = end->borrowed; loan != NULL; loan = loan->next) {
        err_t err = kernel_revoke(CAP_KERNEL, loan->cap);
        if (err != ERR_CAP_EMPTY) {
            TRY(err);
        }
    }
    loans_drop(&end->borrowed);
    return ERR_OK;
}

void end_revoke(struct end *end) {
    err_t err = end->frame != CAP_NULL ? kernel_revoke(CAP_KERNEL, end->frame) : ERR_OK;
    if (err == ERR_OK) {
        err = revoke_borrowed(end);
    }
    if (err != ERR_OK) {
        log_line("channel %u: its frame cannot be revoked: %s", end->id, err_name(err));
        return;
    }
    end->revoked = true;
    fibre_wake_all(&revocations);
}

void end_wait_revoked(uint32_t id) {
    for (const struct end *end = end_get(id); end != NULL && !end->revoked; end = end_get(id)) {
        (void)fibre_wait(&revocations, 0);
    }
}

void end_free(struct end *end) {
    if (end->frame != CAP_NULL) {
        slot_release(end->frame);
    }
    if (end->block.size > 0) {
        ram_free(&end->block);
    }
    bool lent = end->lent != NULL;
    loans_drop(&end->lent);
    end->id = 0;
    if (lent) {
        domain_loans_returned(end->domain);
    }
    fibre_wake_all(&revocations);
}
