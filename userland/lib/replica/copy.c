/* See copy.h. */
#include <skerry/copy.h>

enum copy_note_kind { NOTE_PULL = 1, NOTE_END, NOTE_REFUSE };

void copy_init(struct copy *copy, struct agree *agree, unsigned client) {
    *copy = (struct copy){.agree = agree, .client = client};
    copy->ready = copy->began = agree_has(&agree->live, agree->config->self);
}

void copy_send(const struct copy *copy, unsigned to, const uint64_t part[AGREE_WORDS]) {
    agree_note(copy->agree, to, (unsigned)copy->client, part);
}

static void note(struct copy *copy, unsigned to, enum copy_note_kind kind) {
    copy_send(copy, to, (uint64_t[AGREE_WORDS]){kind});
}

static void send_all(struct copy *copy, unsigned to, copy_sender send) {
    send(copy, to);
    note(copy, to, NOTE_END);
}

static void become_ready(struct copy *copy, copy_sender send) {
    struct agree_set waiting = agree_both(&copy->asked_by, &copy->agree->live);
    copy->ready = true;
    copy->asked_by = (struct agree_set){};
    AGREE_FOR_EACH(core, &waiting) {
        send_all(copy, core, send);
    }
}

static void ask_next(struct copy *copy, copy_sender send) {
    unsigned self = copy->agree->config->self;
    struct agree_set left = agree_without(&copy->agree->live, &copy->refused);
    agree_remove(&left, self);
    if (!agree_empty(&left)) {
        note(copy, agree_lowest(&left), NOTE_PULL);
    } else if (agree_lowest(&copy->agree->live) == self) {
        copy->anew = true;
        become_ready(copy, send);
    }
}

static void give(struct copy *copy, unsigned to, copy_sender send) {
    if (copy->ready) {
        send_all(copy, to, send);
    } else {
        agree_add(&copy->asked_by, to);
        note(copy, to, NOTE_REFUSE);
    }
}

bool copy_note(struct copy *copy, unsigned from, const uint64_t op[AGREE_WORDS], copy_sender send) {
    if (op[0] == NOTE_PULL) {
        give(copy, from, send);
    } else if (copy->ready) {
        return false; /* a second copy */
    } else if (op[0] == NOTE_END) {
        become_ready(copy, send);
    } else if (op[0] == NOTE_REFUSE) {
        agree_add(&copy->refused, from);
        ask_next(copy, send);
    }
    return !copy->ready && op[0] >= COPY_PART;
}

void copy_viewed(struct copy *copy, const struct agree_set *dead, copy_sender send) {
    bool first = !copy->began;
    copy->began = true;
    if (!copy->ready && (first || !agree_empty(dead))) {
        copy->refused = (struct agree_set){}; /* they may have got one meanwhile */
        ask_next(copy, send);
    }
}
