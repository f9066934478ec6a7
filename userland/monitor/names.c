/* The table of names. */
#include "monitor/names.h"

#include <skerry/fibre.h>
#include <skerry/lrpc.h>
#include <skerry/slots.h>
#include <skerry/string.h>
#include <skerry/time.h>

#include "monitor/directory.h"
#include "monitor/domains.h"

#define NAMES_MAX 32
#define NAMES_OF_DOMAIN 4
#define TELL_MS 1000

struct entry {
    struct name name;
    struct exporter exporter;
    capaddr_t endpoint; /* CAP_NULL: free */
};

static struct entry entries[NAMES_MAX];
static struct fibre_queue changed;
static uint64_t news_count;

static struct entry *find(const struct name *name) {
    for (unsigned i = 0; i < NAMES_MAX; i++) {
        if (entries[i].endpoint != CAP_NULL && memcmp(&entries[i].name, name, sizeof(*name)) == 0) {
            return &entries[i];
        }
    }
    return NULL;
}

static unsigned names_of(uint32_t domain) {
    unsigned count = 0;
    for (unsigned i = 0; i < NAMES_MAX; i++) {
        count += entries[i].endpoint != CAP_NULL && entries[i].exporter.domain == domain;
    }
    return count;
}

unsigned names_count(void) {
    unsigned count = 0;
    for (unsigned i = 0; i < NAMES_MAX; i++) {
        count += entries[i].endpoint != CAP_NULL;
    }
    return count;
}

static err_t add_here(const struct name *name, const struct exporter *exporter, capaddr_t endpoint) {
    if (name->word[0] == 0) {
        return ERR_ARGUMENT;
    }
    if (find(name) != NULL) {
        return ERR_BUSY;
    }
    if (names_of(exporter->domain) == NAMES_OF_DOMAIN) {
        return ERR_NO_MEMORY;
    }
    for (unsigned i = 0; i < NAMES_MAX; i++) {
        if (entries[i].endpoint != CAP_NULL) {
            continue;
        }
        entries[i] = (struct entry){*name, *exporter, endpoint};
        names_changed();
        return ERR_OK;
    }
    return ERR_NO_MEMORY;
}

/* Still there, and of the same domain. */
static struct entry *own(const struct name *name, uint32_t domain) {
    struct entry *entry = find(name);
    return entry != NULL && entry->exporter.domain == domain ? entry : NULL;
}

err_t names_add(const struct name *name, const struct exporter *exporter, capaddr_t endpoint) {
    TRY(add_here(name, exporter, endpoint));
    err_t err = directory_add(name, exporter);
    struct entry *entry = own(name, exporter->domain);
    if (entry == NULL) { /* the endpoint is gone with the name */
        directory_drop(name, exporter->domain);
        return ERR_OK;
    }
    if (err != ERR_OK) {
        entry->endpoint = CAP_NULL;
    }
    return err;
}

bool names_has(const struct name *name) {
    return find(name) != NULL;
}

void names_changed(void) {
    news_count++;
    fibre_wake_all(&changed);
}

uint64_t names_news(void) {
    return news_count;
}

void names_wait(uint64_t news, uint64_t deadline) {
    if (news == news_count) {
        (void)fibre_wait(&changed, deadline);
    }
}

err_t names_find(const struct name *name, uint64_t badge, uint64_t deadline, capaddr_t *endpoint) {
    const struct entry *entry;
    while ((entry = find(name)) == NULL) {
        if (time_now() >= deadline || !fibre_wait(&changed, deadline) || !domain_lives((uint32_t)badge)) {
            return ERR_NOT_FOUND;
        }
    }
    return slot_mint(entry->endpoint, RIGHT_WRITE | RIGHT_GRANT, badge, endpoint);
}

err_t names_exporter(const struct name *name, struct exporter *exporter) {
    const struct entry *entry = find(name);
    if (entry == NULL) {
        return ERR_NOT_FOUND;
    }
    *exporter = entry->exporter;
    return ERR_OK;
}

struct news {
    uint32_t to, ended;
    uint16_t operation;
};

static void tell(void *argument) {
    const struct news *news = argument;
    struct lrpc_call call = {.operation = news->operation, .deadline_ms = TELL_MS, .request = {news->ended}};
    (void)lrpc_client_call(news->to, &call); /* who does not listen answers a client that is not there */
}

/* Once, however many names it offers. */
static void tell_exporters(uint32_t ended) {
    uint32_t told = 0;
    for (unsigned i = 0; i < NAMES_MAX; i++) {
        struct news news = {entries[i].exporter.domain, ended, DOMAIN_CLIENT_ENDED};
        if (entries[i].endpoint == CAP_NULL || !entries[i].exporter.takes_channels || news.to == told) {
            continue;
        }
        told = news.to;
        (void)fibre_spawn(tell, &news, sizeof(news));
    }
}

/* Any of them may be in a call of it. */
static void tell_all(uint32_t ended) {
    struct domain_line line;
    for (uint64_t n = 1; domain_line(n, &line) == ERR_OK; n++) {
        struct news news = {line.number, ended, DOMAIN_SERVER_ENDED};
        if (domain_lives(line.number)) {
            (void)fibre_spawn(tell, &news, sizeof(news));
        }
    }
}

void names_drop(uint32_t domain) {
    bool offered = names_of(domain) > 0;
    for (unsigned i = 0; i < NAMES_MAX; i++) {
        if (entries[i].endpoint == CAP_NULL || entries[i].exporter.domain != domain) {
            continue;
        }
        slot_release(entries[i].endpoint);
        entries[i].endpoint = CAP_NULL;
        directory_drop(&entries[i].name, domain);
    }
    tell_exporters(domain);
    if (offered) {
        tell_all(domain);
    }
    names_changed(); /* it may have been waiting for a name itself */
}
