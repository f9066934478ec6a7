/* See span.h. A transaction's operation: span | first page << 32 | pages << 48, version. A note's: span | page << 32 | kind << 48; of
   an answer also frame, rights | 1 << 32 where it is mapped, version. With the engine's own words each fits a line of 64 bytes. */
#include <skerry/span.h>

enum span_note_kind { NOTE_FAULT = 1, NOTE_FILL };

_Static_assert(SPAN_PAGES <= UINT16_MAX, "a page fits 16 bits");

static uint64_t first_word(const struct span *span, uint64_t page, uint64_t what) {
    return span->id | page << 32 | what << 48;
}

static uint64_t page_in(const uint64_t op[AGREE_WORDS]) {
    return op[0] >> 32 & UINT16_MAX;
}

static uint64_t what_in(const uint64_t op[AGREE_WORDS]) {
    return op[0] >> 48;
}

#define NOTE_MAPPED (1UL << 32)

void span_init(struct span *span, struct agree *agree, unsigned client, unsigned home) {
    *span = (struct span){.agree = agree, .client = client, .home = home};
}

static bool is_home(const struct span *span) {
    return span->agree->config->self == span->home;
}

static bool is_range(const struct span_range *range) {
    return range->count > 0 && range->first < SPAN_PAGES && range->count <= SPAN_PAGES - range->first;
}

static err_t check(const struct span *span, const struct span_range *range) {
    if (!is_range(range)) {
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

err_t span_map(struct span *span, const struct span_change *map) {
    const struct span_range *range = &map->range;
    err_t error = check(span, range);
    for (uint64_t i = 0; error == ERR_OK && i < range->count; i++) {
        uint64_t page = range->first + i;
        error = span->truth[page].mapped || span->changing[page] != 0 ? ERR_MAP_OCCUPIED : ERR_OK;
    }
    for (uint64_t i = 0; error == ERR_OK && i < range->count; i++) {
        uint64_t page = range->first + i;
        span->stake[page] = (struct agree_set){};
        span->truth[page] = (struct span_page){.frame = map->frame + i * map->step,
                                               .rights = map->rights,
                                               .version = span->truth[page].version + 1,
                                               .mapped = true};
    }
    return error;
}

static err_t check_change(const struct span *span, const struct span_range *range) {
    err_t error = check(span, range);
    for (uint64_t i = 0; error == ERR_OK && i < range->count; i++) {
        error = span->truth[range->first + i].mapped ? ERR_OK : ERR_NOT_FOUND;
    }
    return error;
}

/* Above that of each page of the range. */
static uint64_t next_version(const struct span *span, const struct span_range *range) {
    uint64_t version = 0;
    for (uint64_t i = 0; i < range->count; i++) {
        version = MAX(version, span->truth[range->first + i].version);
    }
    return version + 1;
}

/* The truth first: whoever faults from now on gets what is to hold. */
err_t span_change(struct span *span, const struct span_change *change, struct agree_request *request) {
    const struct span_range *range = &change->range;
    err_t error = check_change(span, range);
    if (error != ERR_OK) {
        return error;
    }
    uint64_t version = next_version(span, range);
    *request = (struct agree_request){
        .client = (uint16_t)span->client,
        .phases = 1,
        .topology = (uint16_t)change->topology,
        .deadline = UINT64_MAX,
        .op = {first_word(span, range->first, range->count), version},
    };
    agree_add(&request->members, span->home);
    for (uint64_t i = 0; i < range->count; i++) {
        struct span_page *truth = &span->truth[range->first + i];
        span->changing[range->first + i]++;
        request->members = agree_either(&request->members, &span->stake[range->first + i]);
        *truth =
            (struct span_page){.frame = change->wish == SPAN_REMAP ? change->frame + i * change->step : truth->frame,
                               .rights = change->wish != SPAN_UNMAP ? change->rights : 0,
                               .version = version,
                               .mapped = change->wish != SPAN_UNMAP};
    }
    return ERR_OK;
}

void span_done(struct span *span, const struct span_range *range) {
    for (uint64_t i = 0; is_range(range) && i < range->count; i++) {
        span->changing[range->first + i]--;
    }
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
        return span->local[page].mapped ? ERR_OK : ERR_NOT_FOUND;
    }
    agree_note(span->agree, span->home, span->client, (uint64_t[AGREE_WORDS]){first_word(span, page, NOTE_FAULT)});
    return ERR_NOT_READY;
}

void span_finish(struct span *span, const uint64_t op[AGREE_WORDS]) {
    struct span_range range = {page_in(op), what_in(op)};
    uint64_t version = op[1];
    for (uint64_t page = range.first; is_range(&range) && page < range.first + range.count; page++) {
        if (version > span->floor[page]) {
            span->floor[page] = version;
            if (span->local[page].version < version) {
                drop(span, page);
            }
        }
    }
}

void span_note(struct span *span, unsigned from, const uint64_t op[AGREE_WORDS]) {
    uint64_t page = page_in(op);
    if (page >= SPAN_PAGES) {
        return;
    }
    if (what_in(op) == NOTE_FAULT && is_home(span)) {
        const struct span_page *truth = &span->truth[page];
        uint64_t rights = truth->rights | (truth->mapped ? NOTE_MAPPED : 0);
        agree_add(&span->stake[page], from);
        agree_note(span->agree, from, span->client,
                   (uint64_t[AGREE_WORDS]){first_word(span, page, NOTE_FILL), truth->frame, rights, truth->version});
    } else if (what_in(op) == NOTE_FILL && from == span->home) {
        take(span, page,
             &(struct span_page){.frame = op[1],
                                 .rights = op[2] & ~NOTE_MAPPED,
                                 .version = op[3],
                                 .mapped = (op[2] & NOTE_MAPPED) != 0});
    }
}

bool span_answers(const uint64_t op[AGREE_WORDS], uint64_t *page, bool *mapped) {
    *page = page_in(op);
    *mapped = (op[2] & NOTE_MAPPED) != 0;
    return what_in(op) == NOTE_FILL;
}

void span_viewed(struct span *span, const struct agree_set *dead) {
    for (uint64_t page = 0; agree_has(dead, span->home) && page < SPAN_PAGES; page++) {
        drop(span, page);
        span->floor[page] = UINT64_MAX; /* a home that comes back is another domain's */
    }
}
