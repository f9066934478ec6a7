/* A new view: the attempts that it makes necessary, reports to the lowest live core, and what that core makes of them. */
#include "internal.h"

static bool is_orphan(const struct agree *agree, const struct agree_record *record) {
    return record->id.number != 0 && !agree_has(&agree->live, record->id.core);
}

static void attempt_again(struct agree *agree, struct agree_record *record) {
    record->attempt = MAX(record->attempt + 1, agree->epoch * AGREE_ATTEMPTS);
    record->members = agree_both(&record->members, &agree->live);
    record->members = agree_without(&record->members, &agree->shunned);
    agree_forget_votes(record);
    if (record->phase == 2) {
        agree_decide(agree, record, record->result);
    } else if (record->flags & AGREE_NEEDS_ALL) {
        agree_decide(agree, record, ERR_PEER_DEAD);
    } else {
        agree_ask(agree, record);
    }
}

/* Of a slot in which something is under way; NULL: nothing is. */
static struct agree_record *own_record(struct agree *agree, unsigned slot) {
    unsigned self = agree->config->self;
    return agree->slot[slot].state == SLOT_RUNNING ? &agree->record[self * AGREE_WINDOW + slot] : NULL;
}

static void attempt_own_again(struct agree *agree) {
    for (unsigned i = 0; i < AGREE_WINDOW; i++) {
        struct agree_record *record = own_record(agree, i);
        if (record != NULL) {
            struct agree_set away = agree_without(&record->members, &agree->live);
            if (!agree_empty(&away)) {
                attempt_again(agree, record);
            }
        }
    }
}

static void forget_members(struct agree *agree, const struct agree_set *dead) {
    for (size_t i = 0; i < agree_records(agree); i++) {
        agree->record[i].members = agree_without(&agree->record[i].members, dead);
    }
}

/* Reports: what each core knows of the dead ones' transactions, to the lowest live core. */

static void recovered(struct agree *agree) {
    agree->recovering = false;
    agree_after_the_dead(agree);
    for (unsigned i = 0; i < AGREE_CLIENTS; i++) {
        const struct agree_client *client = agree->config->client[i];
        if (client != NULL && client->recovered != NULL) {
            client->recovered(agree->config->context);
        }
    }
}

static void one_less(struct agree *agree) {
    if (--agree->orphans == 0) {
        recovered(agree);
    }
}

/* Acknowledgements of an attempt under an older view may still come; the one under this view will end it again. */
void agree_orphan_ended(struct agree *agree, const struct agree_record *record) {
    if (record->attempt / AGREE_ATTEMPTS == agree->epoch) {
        one_less(agree);
    }
}

static err_t verdict(const struct agree_record *record) {
    if (record->state == AGREE_COMMITTED || record->commit_found) {
        return ERR_OK;
    }
    return record->result == ERR_OK ? ERR_PEER_DEAD : record->result;
}

static void finish_orphan(struct agree *agree, struct agree_record *record) {
    err_t result = verdict(record);
    record->attempt = agree->epoch * AGREE_ATTEMPTS;
    record->parent = record->root = (uint16_t)agree->config->self;
    record->members = agree_both(&record->members, &agree->live);
    agree_decide(agree, record, result);
}

static void finish_orphans(struct agree *agree) {
    size_t records = agree_records(agree);
    agree->orphans = 1; /* ourselves, so that they cannot all end before the last is begun */
    for (size_t i = 0; i < records; i++) {
        agree->orphans += is_orphan(agree, &agree->record[i]);
    }
    agree->counters.orphans += agree->orphans - 1;
    for (size_t i = 0; i < records; i++) {
        if (is_orphan(agree, &agree->record[i])) {
            finish_orphan(agree, &agree->record[i]);
        }
    }
    one_less(agree);
}

static void has_reported(struct agree *agree, unsigned core) {
    agree_add(&agree->reported, core);
    struct agree_set missing = agree_without(&agree->live, &agree->reported);
    if (agree_empty(&missing)) {
        finish_orphans(agree);
    }
}

static void report_all(struct agree *agree, unsigned to) {
    for (size_t i = 0; i < agree_records(agree); i++) {
        const struct agree_record *record = &agree->record[i];
        if (is_orphan(agree, record)) {
            struct agree_message message;
            agree_message_of(record, AGREE_REPORT, &message);
            message.attempt = agree->epoch;
            message.result = record->state == AGREE_VOTING ? ERR_CONTINUE : record->result;
            agree_send(agree, to, &message);
        }
    }
    struct agree_message message = {.type = AGREE_REPORTED, .attempt = agree->epoch};
    agree_send(agree, to, &message);
}

void agree_take_report(struct agree *agree, const struct agree_message *message) {
    struct agree_record *record = agree_record_of(agree, &message->id);
    bool orphan = !agree_has(&agree->live, message->id.core);
    if (!agree->recovering || !orphan || message->attempt != agree->epoch || message->id.number < record->id.number) {
        agree->counters.dropped++;
        return;
    }
    if (message->id.number > record->id.number) {
        agree_record_init(agree, record, message);
    }
    record->commit_found = record->commit_found || message->result == ERR_OK;
}

void agree_take_reported(struct agree *agree, unsigned from, const struct agree_message *message) {
    if (agree->recovering && message->attempt == agree->epoch && !agree_has(&agree->reported, from)) {
        has_reported(agree, from);
    } else {
        agree->counters.dropped++;
    }
}

/* Views */

static void tell_clients(struct agree *agree, const struct agree_set *dead, const struct agree_set *joined) {
    for (unsigned i = 0; i < AGREE_CLIENTS; i++) {
        const struct agree_client *client = agree->config->client[i];
        if (client != NULL && client->view != NULL) {
            client->view(agree->config->context, dead, joined);
        }
    }
}

void agree_view(struct agree *agree, uint32_t epoch, const struct agree_set *live) {
    if (epoch <= agree->epoch) {
        return;
    }
    struct agree_set dead = agree_without(&agree->live, live), joined = agree_without(live, &agree->live);
    agree->epoch = epoch;
    agree->live = *live;
    agree->shunned = agree_without(&agree->shunned, &dead);
    agree->shunned = agree_without(&agree->shunned, &joined);
    AGREE_FOR_EACH(core, &joined) {
        agree->told[core] = agree->told[core] < epoch ? 0 : epoch;
        agree->joined[core] = epoch;
    }
    unsigned lowest = agree_lowest(live), self = agree->config->self;
    agree->recovering = lowest == self;
    agree->reported = (struct agree_set){};
    attempt_own_again(agree);
    forget_members(agree, &dead);
    if (agree->recovering) {
        has_reported(agree, self);
    } else {
        report_all(agree, lowest);
    }
    tell_clients(agree, &dead, &joined);
    agree_settle(agree);
}

void agree_shun(struct agree *agree, const struct agree_set *dead) {
    agree->shunned = agree_either(&agree->shunned, dead);
    for (unsigned i = 0; i < AGREE_WINDOW; i++) {
        struct agree_record *record = own_record(agree, i);
        if (record != NULL && (record->flags & AGREE_URGENT)) {
            struct agree_set away = agree_both(&record->members, &agree->shunned);
            if (!agree_empty(&away)) {
                attempt_again(agree, record);
            }
        }
    }
    agree_settle(agree);
}
