/* From a record to a message and back, and a message's way to other cores. */
#include "internal.h"

#define AGREE_RUN 64 /* cores that are sent to at once */

/* A view goes ahead of the first message under it. */
static void tell_view(struct agree *agree, unsigned to) {
    if (agree->told[to] < agree->epoch) {
        struct agree_message view = {.type = AGREE_VIEW, .attempt = agree->epoch, .members = agree->live};
        agree->told[to] = agree->epoch;
        agree->config->send(agree->config->context, to, &view);
    }
}

void agree_send(struct agree *agree, unsigned to, const struct agree_message *message) {
    if (!agree_has(&agree->live, to) || agree_has(&agree->shunned, to)) {
        return;
    }
    tell_view(agree, to);
    agree->config->send(agree->config->context, to, message);
}

static void copy_ops(uint64_t to[AGREE_BATCH][AGREE_WORDS], const uint64_t from[AGREE_BATCH][AGREE_WORDS],
                     unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        for (unsigned j = 0; j < AGREE_WORDS; j++) {
            to[i][j] = from[i][j];
        }
    }
}

/* Field by field: most of a message is operations that it does not have. */
void agree_message_of(const struct agree_record *record, enum agree_type type, struct agree_message *message) {
    message->type = (uint8_t)type;
    message->client = record->client;
    message->phases = record->phases;
    message->topology = record->topology;
    message->flags = record->flags;
    message->count = record->count;
    message->root = record->root;
    message->attempt = record->attempt;
    message->result = record->result;
    message->id = record->id;
    message->stamp = record->stamp;
    message->members = record->members;
    message->below = (struct agree_set){};
    copy_ops(message->op, record->op, record->count);
}

/* Of operations, what the last one here had and this one has not goes, too. */
void agree_record_init(struct agree *agree, struct agree_record *record, const struct agree_message *message) {
    if (record->own == AGREE_OWN_WAITING) {
        agree->waiters--;
    }
    for (unsigned i = message->count; i < record->count; i++) {
        __builtin_memset(record->op[i], 0, sizeof(record->op[i]));
    }
    record->id = message->id;
    record->stamp = message->stamp;
    record->doubt_at = 0;
    record->attempt = 0;
    record->parent = 0;
    record->root = message->root;
    record->client = message->client;
    record->phases = message->phases;
    record->topology = message->topology;
    record->flags = message->flags;
    record->count = message->count;
    record->phase = 0;
    record->state = AGREE_VOTING;
    record->own = AGREE_OWN_NONE;
    record->told = record->commit_found = 0;
    record->result = ERR_OK;
    record->members = message->members;
    record->waiting = (struct agree_set){};
    copy_ops(record->op, message->op, message->count);
    agree_open(agree, record);
    agree->clock = MAX(agree->clock, message->stamp / AGREE_CORES);
}

/* Those whom nothing is sent are no more; whoever keeps the membership finds out. */
static unsigned able(struct agree *agree, uint16_t to[], unsigned count) {
    unsigned kept = 0;
    for (unsigned i = 0; i < count; i++) {
        if (agree_has(&agree->live, to[i]) && !agree_has(&agree->shunned, to[i])) {
            tell_view(agree, to[i]);
            to[kept++] = to[i];
        }
    }
    return kept;
}

/* The same to each of these, or by one message that all read. */
static void send_each(struct agree *agree, uint16_t to[], unsigned count, const struct agree_message *message) {
    const struct agree_config *config = agree->config;
    count = able(agree, to, count);
    if (count == 0) {
        return;
    }
    if (message->topology == AGREE_BROADCAST && config->send_all != NULL) {
        struct agree_set all = {};
        for (unsigned i = 0; i < count; i++) {
            agree_add(&all, to[i]);
        }
        config->send_all(config->context, &all, message);
    } else if (config->send_each != NULL) {
        config->send_each(config->context, to, count, message);
    } else {
        for (unsigned i = 0; i < count; i++) {
            config->send(config->context, to[i], message);
        }
    }
}

static void send_star(struct agree *agree, const struct agree_set *rest, const struct agree_message *message) {
    uint16_t *to = agree->config->branches->order;
    unsigned count = 0;
    agree->config->branches->made = 0;
    AGREE_FOR_EACH(core, rest) {
        to[count++] = (uint16_t)core;
    }
    send_each(agree, to, count, message);
}

/* In the tree's order; runs of cores with nobody below them get the same message. */
static void send_tree(struct agree *agree, struct agree_record *record, const struct agree_branches *branches,
                      struct agree_message *message) {
    for (unsigned i = 0; i < branches->count;) {
        uint16_t run[AGREE_RUN];
        unsigned count = 0;
        for (; i < branches->count && count < AGREE_RUN; i++) {
            const struct agree_branch *branch = &branches->branch[branches->order[i]];
            agree_add(&record->waiting, branch->head);
            if (!agree_empty(&branch->below)) {
                break;
            }
            run[count++] = (uint16_t)branch->head;
        }
        send_each(agree, run, count, message);
        if (i < branches->count && count < AGREE_RUN) {
            const struct agree_branch *branch = &branches->branch[branches->order[i++]];
            message->below = branch->below;
            agree_send(agree, branch->head, message);
            message->below = (struct agree_set){};
        }
    }
}

void agree_send_to_branches(struct agree *agree, struct agree_record *record, const struct agree_set *rest,
                            struct agree_message *message) {
    const struct agree_config *config = agree->config;
    const struct agree_tree *tree =
        config->tree == NULL ? NULL
                             : config->tree(config->context, (enum agree_topology)record->topology, record->root);
    if (tree == NULL) {
        record->waiting = *rest;
        send_star(agree, rest, message);
    } else {
        agree_tree_divide(tree, config->self, rest, config->branches);
        send_tree(agree, record, config->branches, message);
    }
}
