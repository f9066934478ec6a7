/* A core's own transactions: the queue, the window, deadlines, rests after conflicts, and what is told to the client.
   What may call back into the engine is put off to agree_settle(), which runs last in each entry. */
#include "internal.h"

#define URGENT_SLOT (AGREE_WINDOW - 1)

void agree_init(struct agree *agree, const struct agree_config *config, struct agree_record *records) {
    *agree = (struct agree){
        .config = config,
        .record = records,
        .number = (uint64_t)config->epoch << 40,
        .epoch = config->epoch,
        .live = config->live,
        .free = (1UL << AGREE_WINDOW) - 1,
    };
    for (unsigned core = 0; core < config->cores; core++) {
        agree->told[core] = config->epoch;
    }
    for (size_t i = 0; i < (size_t)config->coordinators * AGREE_WINDOW; i++) {
        records[i] = (struct agree_record){};
    }
}

static struct agree_record *record_of_slot(struct agree *agree, const struct agree_slot *slot) {
    return &agree->record[agree->config->self * AGREE_WINDOW + (unsigned)(slot - agree->slot)];
}

static void record_begin(struct agree *agree, const struct agree_slot *slot, struct agree_record *record) {
    const struct agree_request *request = &slot->request[slot->first];
    struct agree_message message;
    message.client = (uint8_t)request->client;
    message.phases = (uint8_t)request->phases;
    message.topology = (uint8_t)request->topology;
    message.flags = (uint8_t)request->flags;
    message.count = slot->split ? 1 : slot->count;
    message.root = (uint16_t)agree->config->self;
    message.id = (struct agree_id){
        .number = ++agree->number, .core = agree->config->self, .slot = (uint32_t)(slot - agree->slot)};
    message.stamp = slot->stamp;
    message.members = request->flags & AGREE_EVERYONE ? agree->live : agree_both(&request->members, &agree->live);
    for (unsigned i = 0; i < message.count; i++) {
        __builtin_memcpy(message.op[i], request[i].op, sizeof(message.op[i]));
    }
    agree_record_init(agree, record, &message);
    record->attempt = agree->epoch * AGREE_ATTEMPTS;
    record->parent = record->root;
}

static void slot_end(struct agree *agree, struct agree_slot *slot, err_t result) {
    agree->ended |= 1UL << (slot - agree->slot);
    slot->state = SLOT_ENDED;
    slot->result = result;
}

static void slot_begin(struct agree *agree, struct agree_slot *slot) {
    struct agree_request *request = &slot->request[slot->first];
    const struct agree_client *client = agree->config->client[request->client];
    err_t error = client->begin == NULL ? ERR_OK : client->begin(agree->config->context, request);
    if (error != ERR_OK) {
        return slot_end(agree, slot, error);
    }
    struct agree_set away = agree_without(&request->members, &agree->live);
    if ((request->flags & AGREE_NEEDS_ALL) && !agree_empty(&away)) {
        return slot_end(agree, slot, ERR_PEER_DEAD);
    }
    if (request->phases == 2 && agree->now >= slot->deadline) {
        return slot_end(agree, slot, ERR_TIMEOUT);
    }
    if (slot->stamp == 0) {
        slot->stamp = ++agree->clock * AGREE_CORES + agree->config->self;
    }
    struct agree_record *record = record_of_slot(agree, slot);
    record_begin(agree, slot, record);
    slot->state = SLOT_RUNNING;
    agree->counters.started++;
    if (request->phases == 1) {
        agree_decide(agree, record, ERR_OK);
    } else {
        agree_ask(agree, record);
    }
}

void agree_ended(struct agree *agree, struct agree_record *record) {
    if (record->id.core == agree->config->self) {
        slot_end(agree, &agree->slot[record->id.slot], record->result);
    } else {
        agree_orphan_ended(agree, record);
    }
}

static void report(struct agree *agree, unsigned client, uint64_t cookie, err_t result) {
    if (result == ERR_OK) {
        agree->counters.committed++;
    } else {
        agree->counters.aborted++;
    }
    agree->config->client[client]->done(agree->config->context, cookie, result);
}

/* A batch that a client refused, or that one's deadline ended, is asked again one by one. */
static bool is_refused_batch(const struct agree_slot *slot) {
    return slot->count > 1 && !slot->split && slot->result != ERR_OK && slot->result != ERR_PEER_DEAD;
}

static void slot_begin_alone(struct agree *agree, struct agree_slot *slot) {
    slot->split = 1;
    slot->deadline = slot->request[slot->first].deadline;
    slot_begin(agree, slot);
}

static void slot_free(struct agree *agree, struct agree_slot *slot) {
    slot->state = SLOT_FREE;
    agree->free |= 1UL << (slot - agree->slot);
}

/* done() may use the slot again: it is free before. */
static void report_all(struct agree *agree, struct agree_slot *slot) {
    uint64_t cookie[AGREE_BATCH];
    unsigned count = slot->count, client = slot->request[0].client;
    err_t result = slot->result;
    for (unsigned i = 0; i < count; i++) {
        cookie[i] = slot->request[i].cookie;
    }
    slot_free(agree, slot);
    for (unsigned i = 0; i < count; i++) {
        report(agree, client, cookie[i], result);
    }
}

/* One of a batch that was split; the others after it. */
static void report_one(struct agree *agree, struct agree_slot *slot) {
    const struct agree_request *request = &slot->request[slot->first++];
    report(agree, request->client, request->cookie, slot->result);
    if (slot->first == slot->count) {
        slot_free(agree, slot);
    } else {
        slot_begin_alone(agree, slot);
    }
}

static void slot_conclude(struct agree *agree, struct agree_slot *slot) {
    agree->ended &= ~(1UL << (slot - agree->slot));
    if (slot->result == ERR_BUSY && agree->now < slot->deadline) {
        slot->state = SLOT_RESTING;
        slot->rests_until = agree->now + (agree->config->rest << MIN(slot->tries, 4U));
        slot->tries++;
        agree->counters.retried++;
    } else if (is_refused_batch(slot)) {
        slot_begin_alone(agree, slot);
    } else if (slot->split) {
        report_one(agree, slot);
    } else {
        report_all(agree, slot);
    }
}

static bool go_together(const struct agree_request *a, const struct agree_request *b) {
    return !((a->flags | b->flags) & AGREE_ALONE) && a->client == b->client && a->phases == b->phases &&
           a->topology == b->topology && a->flags == b->flags && agree_same(&a->members, &b->members);
}

static const struct agree_request *queue_head(const struct agree *agree) {
    return &agree->queue[agree->queue_head % AGREE_QUEUE];
}

/* An empty slot; what is left in it of a batch goes. */
static void slot_clear(struct agree *agree, struct agree_slot *slot) {
    for (unsigned i = 1; i < slot->count; i++) {
        slot->request[i] = (struct agree_request){};
    }
    agree->free &= ~(1UL << (slot - agree->slot));
    slot->first = slot->count = slot->split = 0;
    slot->result = ERR_OK;
    slot->tries = slot->stamp = slot->rests_until = 0;
    slot->deadline = UINT64_MAX;
}

static void slot_add(struct agree_slot *slot, const struct agree_request *request) {
    slot->request[slot->count++] = *request;
    slot->deadline = MIN(slot->deadline, request->deadline);
}

static void slot_take(struct agree *agree, struct agree_slot *slot) {
    slot_clear(agree, slot);
    while (agree->queued > 0 && slot->count < AGREE_BATCH &&
           (slot->count == 0 || go_together(&slot->request[0], queue_head(agree)))) {
        agree->counters.batched += slot->count > 0;
        slot_add(slot, queue_head(agree));
        agree->queue_head++;
        agree->queued--;
    }
    slot_begin(agree, slot);
}

/* The first slot that a request may have now; NULL: it waits. */
static struct agree_slot *slot_for_one(struct agree *agree) {
    uint64_t free = agree->free & ~(1UL << URGENT_SLOT);
    return free != 0 && !agree->paused ? &agree->slot[__builtin_ctzll(free)] : NULL;
}

static bool settle_slots(struct agree *agree) {
    bool moved = agree->ended != 0;
    for (uint64_t ended = agree->ended; ended != 0; ended &= ended - 1) {
        slot_conclude(agree, &agree->slot[__builtin_ctzll(ended)]);
    }
    for (struct agree_slot *slot; agree->queued > 0 && (slot = slot_for_one(agree)) != NULL; moved = true) {
        slot_take(agree, slot);
    }
    return moved;
}

static void answer_when_idle(struct agree *agree) {
    struct agree_id owed = agree->pause_answer;
    bool idle = owed.number != 0;
    for (unsigned i = 0; idle && i < URGENT_SLOT; i++) {
        idle = idle && agree->slot[i].state != SLOT_RUNNING;
    }
    if (idle) {
        agree->pause_answer = (struct agree_id){};
        agree_answer(agree, owed, ERR_OK);
    }
}

/* As after most messages. */
static bool is_settled(const struct agree *agree) {
    return agree->ended == 0 && agree->queued == 0 && !agree->unblocked && agree->pause_answer.number == 0;
}

/* Ends: each round ends a transaction, starts a request that was waiting, or asks waiters after something has ended. */
void agree_settle(struct agree *agree) {
    if (agree->settling || is_settled(agree)) {
        return;
    }
    agree->settling = true;
    do {
        if (agree->unblocked) {
            agree->unblocked = false;
            agree_ask_waiters(agree);
        }
    } while (settle_slots(agree) || agree->unblocked);
    agree->settling = false;
    answer_when_idle(agree);
}

void agree_seen(struct agree *agree, uint64_t stamp) {
    agree->clock = MAX(agree->clock, stamp / AGREE_CORES);
}

void agree_pause(struct agree *agree, struct agree_id then_answer) {
    agree->paused = true;
    agree->pause_answer = then_answer;
}

void agree_resume(struct agree *agree) {
    agree->paused = false;
    agree->pause_answer = (struct agree_id){};
    agree_settle(agree);
}

void agree_withdraw(struct agree *agree) {
    struct agree_slot *slot = &agree->slot[URGENT_SLOT];
    struct agree_record *record = record_of_slot(agree, slot);
    if (slot->state == SLOT_RUNNING && record->phase == 1) {
        agree_decide(agree, record, ERR_CANCELLED);
        agree_settle(agree);
    }
}

static err_t begin_urgent(struct agree *agree, const struct agree_request *request) {
    struct agree_slot *slot = &agree->slot[URGENT_SLOT];
    if (slot->state != SLOT_FREE) {
        return ERR_BUSY;
    }
    slot_clear(agree, slot);
    slot_add(slot, request);
    slot_begin(agree, slot);
    agree_settle(agree);
    return ERR_OK;
}

err_t agree_submit(struct agree *agree, const struct agree_request *request) {
    if (request->client >= AGREE_CLIENTS || agree->config->client[request->client] == NULL ||
        request->topology >= AGREE_TOPOLOGIES || request->phases < 1 || request->phases > 2) {
        return ERR_ARGUMENT;
    }
    if (!agree_has(&agree->live, agree->config->self) || agree->config->self >= agree->config->coordinators) {
        return ERR_NOT_READY;
    }
    if (request->flags & AGREE_URGENT) {
        return begin_urgent(agree, request);
    }
    if (agree->queued == AGREE_QUEUE) {
        return ERR_BUSY;
    }
    struct agree_slot *slot = agree->queued == 0 && !agree->settling ? slot_for_one(agree) : NULL;
    if (slot != NULL) {
        slot_clear(agree, slot);
        slot_add(slot, request);
        slot_begin(agree, slot);
    } else {
        agree->queue[(agree->queue_head + agree->queued) % AGREE_QUEUE] = *request;
        agree->queued++;
    }
    agree_settle(agree);
    return ERR_OK;
}

static void doubt_late_ones(struct agree *agree) {
    for (size_t i = 0, left = agree->open; left > 0 && i < agree_records(agree); i++) {
        struct agree_record *record = &agree->record[i];
        left -= record->open;
        if (record->open && agree->now >= record->doubt_at) {
            struct agree_set doubted = record->members;
            agree_add(&doubted, record->root);
            agree_remove(&doubted, agree->config->self);
            record->doubt_at = agree->now + agree->config->patience;
            agree->config->doubt(agree->config->context, &doubted);
        }
    }
}

void agree_tick(struct agree *agree, uint64_t now) {
    agree->now = now;
    for (unsigned i = 0; i < AGREE_WINDOW; i++) {
        struct agree_slot *slot = &agree->slot[i];
        struct agree_record *record = record_of_slot(agree, slot);
        if (slot->state == SLOT_RUNNING && record->phase == 1 && now >= slot->deadline) {
            agree_decide(agree, record, ERR_TIMEOUT);
        } else if (slot->state == SLOT_RESTING && now >= slot->rests_until && !agree->paused) {
            slot_begin(agree, slot);
        }
    }
    doubt_late_ones(agree);
    agree_settle(agree);
}

uint64_t agree_next_tick(const struct agree *agree) {
    uint64_t next = UINT64_MAX;
    for (unsigned i = 0; i < AGREE_WINDOW; i++) {
        const struct agree_slot *slot = &agree->slot[i];
        if (slot->state == SLOT_RESTING) {
            next = MIN(next, slot->rests_until);
        } else if (slot->state == SLOT_RUNNING && slot->deadline > agree->now) {
            next = MIN(next, slot->deadline);
        }
    }
    for (size_t i = 0, left = agree->open; left > 0 && i < agree_records(agree); i++) {
        left -= agree->record[i].open;
        next = agree->record[i].open ? MIN(next, agree->record[i].doubt_at) : next;
    }
    return next;
}

bool agree_goes_on(const struct agree *agree, const struct agree_message *message) {
    switch ((enum agree_type)message->type) {
    case AGREE_ASK:
    case AGREE_VOTE:
    case AGREE_DECIDE:
    case AGREE_ACK:
        return agree->record[message->id.core * AGREE_WINDOW + message->id.slot].open;
    default:
        return true;
    }
}

bool agree_quiet(const struct agree *agree) {
    return agree->queued == 0 && agree->free == (1UL << AGREE_WINDOW) - 1 && agree->open == 0;
}
