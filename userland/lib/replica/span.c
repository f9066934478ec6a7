/* See span.h. A transaction's operation: page, version. */
#include <skerry/span.h>

enum span_note_kind { NOTE_FAULT = 1, NOTE_FILL };

void span_init(struct span *span, struct agree *agree, unsigned client, unsigned home) {
    *span = (struct span){.agree = agree, .client = client, .home = home};
}

static bool is_home(const struct span *span) {
    return span->agree->config->self == span->home;
}

static err_t check(const struct span *span, uint64_t page) {
    if (page >= SPAN_PAGES) {
        return ERR_MAP_RANGE;
    }
    return is_home(span) ? ERR_OK : ERR_FOREIGN;
}

/* What a core's table has */

static void drop(struct span *span, uint64_t page) {
    if (span->local[page].mapped) {
        span->local[page].mapped = false;
        span->drop(span->context, page);
    }
}

static void take(struct span *span, uint64_t page, const struct span_page *translation) {
    if (translation->version < span->floor[page]) {
        return; /* it was overtaken by an unmap */
    }
    drop(span, page);
    span->local[page] = *translation;
    if (translation->mapped) {
        span->fill(span->context, page, translation->frame, translation->rights);
    }
}

/* At the home */

err_t span_map(struct span *span, uint64_t page, uint64_t frame, uint64_t rights) {
    err_t error = check(span, page);
    if (error != ERR_OK) {
        return error;
    }
    struct span_page *truth = &span->truth[page];
    if (truth->mapped) {
        return ERR_MAP_OCCUPIED;
    }
    *truth = (struct span_page){.frame = frame, .rights = rights, .version = truth->version + 1, .mapped = true};
    return ERR_OK;
}

/* The truth first: whoever faults from now on gets what is to hold. */
static err_t change(struct span *span, uint64_t page, struct span_page truth, enum agree_topology topology,
                    uint64_t cookie) {
    err_t error = check(span, page);
    if (error == ERR_OK && !span->truth[page].mapped) {
        error = ERR_NOT_FOUND;
    }
    if (error != ERR_OK) {
        return error;
    }
    truth.frame = span->truth[page].frame;
    truth.version = span->truth[page].version + 1;
    struct agree_request request = {
        .client = (uint16_t)span->client,
        .phases = 1,
        .topology = (uint16_t)topology,
        .flags = AGREE_EVERYONE,
        .deadline = UINT64_MAX,
        .cookie = cookie,
        .op = {page, truth.version},
    };
    struct span_page before = span->truth[page];
    span->truth[page] = truth;
    error = agree_submit(span->agree, &request);
    if (error != ERR_OK) {
        span->truth[page] = before;
    }
    return error;
}

err_t span_unmap(struct span *span, uint64_t page, enum agree_topology topology, uint64_t cookie) {
    return change(span, page, (struct span_page){}, topology, cookie);
}

err_t span_protect(struct span *span, uint64_t page, uint64_t rights, enum agree_topology topology, uint64_t cookie) {
    return change(span, page, (struct span_page){.rights = rights, .mapped = true}, topology, cookie);
}

/* At any core */

err_t span_fault(struct span *span, uint64_t page) {
    if (page >= SPAN_PAGES) {
        return ERR_MAP_RANGE;
    }
    if (span->local[page].mapped) {
        return ERR_OK;
    }
    if (!agree_has(&span->agree->live, span->home)) {
        return ERR_PEER_DEAD;
    }
    if (is_home(span)) {
        take(span, page, &span->truth[page]);
        return span->local[page].mapped ? ERR_OK : ERR_NOT_READY;
    }
    agree_note(span->agree, span->home, span->client, (uint64_t[AGREE_WORDS]){NOTE_FAULT, page});
    return ERR_NOT_READY;
}

err_t span_finish(struct span *span, const struct agree_work *work) {
    for (unsigned i = 0; i < work->count; i++) {
        uint64_t page = work->op[i][0], version = work->op[i][1];
        if (page < SPAN_PAGES && version > span->floor[page]) {
            span->floor[page] = version;
            if (span->local[page].version < version) {
                drop(span, page);
            }
        }
    }
    return ERR_OK;
}

void span_note(struct span *span, unsigned from, const uint64_t op[AGREE_WORDS]) {
    uint64_t page = op[1];
    if (page >= SPAN_PAGES) {
        return;
    }
    if (op[0] == NOTE_FAULT && is_home(span)) {
        const struct span_page *truth = &span->truth[page];
        uint64_t answer[AGREE_WORDS] = {NOTE_FILL, page, truth->frame, truth->rights, truth->version, truth->mapped};
        agree_note(span->agree, from, span->client, answer);
    } else if (op[0] == NOTE_FILL && from == span->home) {
        take(span, page, &(struct span_page){.frame = op[2], .rights = op[3], .version = op[4], .mapped = op[5] != 0});
    }
}

void span_viewed(struct span *span, const struct agree_set *dead) {
    for (uint64_t page = 0; agree_has(dead, span->home) && page < SPAN_PAGES; page++) {
        drop(span, page);
        span->floor[page] = UINT64_MAX; /* a home that comes back is another domain's */
    }
}
