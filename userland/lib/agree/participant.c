/* One transaction at one core: from ASK or DECIDE above, through the branches below and the client here, to the VOTE or
   ACK that goes back up. The root is a participant without a parent. */
#include "internal.h"

static void trace(struct agree *agree, const struct agree_record *record, enum agree_type phase) {
    if (agree->config->trace != NULL) {
        agree->config->trace(agree->config->context, record, phase);
    }
}

static void answer(struct agree *agree, struct agree_record *record, enum agree_type type) {
    struct agree_message message;
    __builtin_memset(&message, 0, offsetof(struct agree_message, op));
    message.type = (uint8_t)type;
    message.attempt = record->attempt;
    message.result = record->result;
    message.id = record->id;
    agree_send(agree, record->parent, &message);
}

static void spread(struct agree *agree, struct agree_record *record, struct agree_set rest, enum agree_type type) {
    record->waiting = (struct agree_set){};
    record->told = false;
    agree_open(agree, record);
    record->doubt_at = agree->now + agree->config->patience;
    trace(agree, record, type);
    if (!agree_empty(&rest)) {
        struct agree_message message;
        agree_message_of(record, type, &message);
        agree_send_to_branches(agree, record, &rest, &message);
    }
}

static struct agree_set all_but_self(const struct agree *agree, const struct agree_record *record) {
    struct agree_set rest = record->members;
    agree_remove(&rest, agree->config->self);
    return rest;
}

static struct agree_work work_of(const struct agree_record *record) {
    return (struct agree_work){
        .id = record->id,
        .stamp = record->stamp,
        .members = record->members,
        .count = record->count,
        .op = (const uint64_t (*)[AGREE_WORDS])record->op,
    };
}

/* What the client here says. */

static void own_prepare(struct agree *agree, struct agree_record *record) {
    if (!agree_has(&record->members, agree->config->self)) {
        record->own = AGREE_OWN_YES;
        return;
    }
    struct agree_work work = work_of(record);
    uint64_t holder = 0;
    err_t vote = agree->config->client[record->client]->prepare(agree->config->context, &work, &holder);
    if (vote == ERR_CONTINUE) {
        record->own = AGREE_OWN_ASKED;
    } else if (vote == ERR_OK) {
        record->own = AGREE_OWN_YES;
    } else if (vote == ERR_BUSY && record->stamp < holder) {
        record->own = AGREE_OWN_WAITING;
        agree->waiters++;
    } else {
        record->own = AGREE_OWN_NO;
        record->result = vote;
    }
}

static void own_finish(struct agree *agree, struct agree_record *record, err_t result) {
    if (record->state != AGREE_VOTING) {
        return; /* acted on it in an earlier attempt */
    }
    bool asked = record->own == AGREE_OWN_YES || record->own == AGREE_OWN_ASKED;
    if (record->own == AGREE_OWN_WAITING) {
        agree->waiters--;
    }
    record->state = result == ERR_OK ? AGREE_COMMITTED : AGREE_ABORTED;
    record->result = result;
    record->own = AGREE_OWN_DONE;
    if (agree_has(&record->members, agree->config->self) && (asked || result == ERR_OK)) {
        struct agree_work work = work_of(record);
        enum agree_end end = result == ERR_OK ? AGREE_COMMIT : AGREE_ABORT;
        if (agree->config->client[record->client]->finish(agree->config->context, &work, end) == ERR_CONTINUE) {
            record->own = AGREE_OWN_FINISHING;
        }
    }
    agree->unblocked = agree->unblocked || (agree->waiters > 0 && record->own == AGREE_OWN_DONE);
}

/* Upwards, when there is something to say. */

static void votes_check(struct agree *agree, struct agree_record *record) {
    bool refused = record->result != ERR_OK;
    bool all = agree_empty(&record->waiting) && record->own == AGREE_OWN_YES;
    if (record->phase != 1 || record->told || !(refused || all)) {
        return;
    }
    record->told = true;
    trace(agree, record, AGREE_VOTE);
    if (agree_is_root(agree, record)) {
        agree_decide(agree, record, record->result);
    } else {
        answer(agree, record, AGREE_VOTE);
    }
}

/* Here, where transactions of the dead are being ended. What is one itself does not wait for the others. */
static bool waits_for_the_dead(const struct agree *agree, const struct agree_record *record) {
    return (record->flags & AGREE_AFTER_THE_DEAD) && agree->recovering && agree_has(&agree->live, record->id.core);
}

static void acks_check(struct agree *agree, struct agree_record *record) {
    if (record->phase != 2 || record->told || !agree_empty(&record->waiting) || record->own != AGREE_OWN_DONE ||
        waits_for_the_dead(agree, record)) {
        return;
    }
    record->told = true;
    agree_close(agree, record);
    trace(agree, record, AGREE_ACK);
    if (agree_is_root(agree, record)) {
        agree_ended(agree, record);
    } else {
        answer(agree, record, AGREE_ACK);
    }
}

void agree_after_the_dead(struct agree *agree) {
    for (size_t i = 0; i < agree_records(agree); i++) {
        if (agree->record[i].id.number != 0 && (agree->record[i].flags & AGREE_AFTER_THE_DEAD)) {
            acks_check(agree, &agree->record[i]);
        }
    }
}

/* A new attempt asks the branches again: what they said does not count any more, what the client here said does. */
void agree_forget_votes(struct agree_record *record) {
    if (record->state == AGREE_VOTING && record->own != AGREE_OWN_NO) {
        record->result = ERR_OK;
    }
}

/* At the root. */

void agree_ask(struct agree *agree, struct agree_record *record) {
    record->phase = 1;
    spread(agree, record, all_but_self(agree, record), AGREE_ASK);
    if (record->own == AGREE_OWN_NONE) {
        own_prepare(agree, record);
    }
    votes_check(agree, record);
}

void agree_decide(struct agree *agree, struct agree_record *record, err_t result) {
    record->phase = 2;
    record->result = result;
    spread(agree, record, all_but_self(agree, record), AGREE_DECIDE);
    own_finish(agree, record, result);
    acks_check(agree, record);
}

/* Old attempts are over, and within one a phase comes once. */
static bool is_news(const struct agree *agree, const struct agree_record *record, const struct agree_message *message,
                    int phase) {
    if (message->id.number != record->id.number) {
        return message->id.number > record->id.number &&
               message->attempt / AGREE_ATTEMPTS >= agree->joined[agree->config->self];
    }
    return message->attempt > record->attempt || (message->attempt == record->attempt && phase > record->phase);
}

/* Those whose earlier lives are meant are not. */
static struct agree_set members_of(const struct agree *agree, const struct agree_message *message) {
    struct agree_set members = agree_both(&message->members, &agree->live);
    if (message->attempt / AGREE_ATTEMPTS >= agree->epoch) {
        return members; /* nobody has come back since */
    }
    AGREE_FOR_EACH(core, &message->members) {
        if (agree->joined[core] > message->attempt / AGREE_ATTEMPTS) {
            agree_remove(&members, core);
        }
    }
    return members;
}

/* From above. */
static struct agree_record *adopt(struct agree *agree, unsigned from, const struct agree_message *message, int phase) {
    struct agree_record *record = agree_record_of(agree, &message->id);
    if (!is_news(agree, record, message, phase)) {
        agree->counters.dropped++;
        return NULL;
    }
    if (message->id.number > record->id.number) {
        agree_record_init(agree, record, message);
    }
    record->parent = (uint16_t)from;
    record->root = message->root;
    record->attempt = message->attempt;
    record->members = members_of(agree, message);
    record->phase = (uint8_t)phase;
    agree_forget_votes(record);
    return record;
}

void agree_take_ask(struct agree *agree, unsigned from, const struct agree_message *message) {
    struct agree_record *record = adopt(agree, from, message, 1);
    if (record == NULL) {
        return;
    }
    spread(agree, record, message->below, AGREE_ASK);
    if (record->own == AGREE_OWN_NONE) {
        own_prepare(agree, record);
    }
    votes_check(agree, record);
}

void agree_take_decide(struct agree *agree, unsigned from, const struct agree_message *message) {
    struct agree_record *record = adopt(agree, from, message, 2);
    if (record == NULL) {
        return;
    }
    record->result = message->result;
    spread(agree, record, message->below, AGREE_DECIDE);
    own_finish(agree, record, message->result);
    acks_check(agree, record);
}

/* From below. */
static struct agree_record *answered(struct agree *agree, unsigned from, const struct agree_message *message,
                                     int phase) {
    struct agree_record *record = agree_record_of(agree, &message->id);
    bool current = message->id.number == record->id.number && message->attempt == record->attempt;
    if (!current || record->phase != phase || !agree_has(&record->waiting, from)) {
        agree->counters.dropped++;
        return NULL;
    }
    agree_remove(&record->waiting, from);
    record->doubt_at = agree->now + agree->config->patience;
    return record;
}

void agree_take_vote(struct agree *agree, unsigned from, const struct agree_message *message) {
    struct agree_record *record = answered(agree, from, message, 1);
    if (record != NULL) {
        record->result = record->result == ERR_OK ? message->result : record->result;
        votes_check(agree, record);
    }
}

void agree_take_ack(struct agree *agree, unsigned from, const struct agree_message *message) {
    struct agree_record *record = answered(agree, from, message, 2);
    if (record != NULL) {
        acks_check(agree, record);
    }
}

void agree_answer(struct agree *agree, struct agree_id id, err_t result) {
    struct agree_record *record = agree_record_of(agree, &id);
    if (record->id.number != id.number) {
        return;
    }
    if (record->own == AGREE_OWN_ASKED) {
        record->own = result == ERR_OK ? AGREE_OWN_YES : AGREE_OWN_NO;
        record->result = record->result == ERR_OK ? result : record->result;
        votes_check(agree, record);
    } else if (record->own == AGREE_OWN_FINISHING) {
        record->own = AGREE_OWN_DONE;
        agree->unblocked = agree->waiters > 0;
        acks_check(agree, record);
    }
    agree_settle(agree);
}

/* Something ended here: those that waited for it ask again, the oldest first. */
static struct agree_record *oldest_waiter(struct agree *agree, uint64_t after) {
    struct agree_record *oldest = NULL;
    for (size_t i = 0; agree->waiters > 0 && i < agree_records(agree); i++) {
        struct agree_record *record = &agree->record[i];
        if (record->own == AGREE_OWN_WAITING && record->stamp > after &&
            (oldest == NULL || record->stamp < oldest->stamp)) {
            oldest = record;
        }
    }
    return oldest;
}

void agree_ask_waiters(struct agree *agree) {
    struct agree_record *record;
    for (uint64_t after = 0; (record = oldest_waiter(agree, after)) != NULL; after = record->stamp) {
        agree->waiters--;
        own_prepare(agree, record);
        votes_check(agree, record);
    }
}
