/* What the engine's files share. Nothing here is for its users. */
#ifndef AGREE_INTERNAL_H
#define AGREE_INTERNAL_H

#include <skerry/agree.h>

enum agree_slot_state { SLOT_FREE, SLOT_RUNNING, SLOT_RESTING, SLOT_ENDED };

static inline struct agree_record *agree_record_of(struct agree *agree, const struct agree_id *id) {
    return &agree->record[id->core * AGREE_WINDOW + id->slot];
}

static inline size_t agree_records(const struct agree *agree) {
    return (size_t)agree->config->coordinators * AGREE_WINDOW;
}

static inline bool agree_is_root(const struct agree *agree, const struct agree_record *record) {
    return record->parent == agree->config->self;
}

/* Counted, so that nobody has to look for them among those of all cores. */
static inline void agree_open(struct agree *agree, struct agree_record *record) {
    agree->open += 1U - record->open;
    record->open = true;
}

static inline void agree_close(struct agree *agree, struct agree_record *record) {
    agree->open -= record->open;
    record->open = false;
}

/* message.c */
void agree_send(struct agree *agree, unsigned to, const struct agree_message *message);

void agree_message_of(const struct agree_record *record, enum agree_type type, struct agree_message *message);
void agree_record_init(struct agree *agree, struct agree_record *record, const struct agree_message *message);

/* To the heads of all branches, which are then waited for; cores with nobody below them get the same message. */
void agree_send_to_branches(struct agree *agree, struct agree_record *record, const struct agree_set *rest,
                            struct agree_message *message);

/* participant.c */
void agree_take_ask(struct agree *agree, unsigned from, const struct agree_message *message);
void agree_take_vote(struct agree *agree, unsigned from, const struct agree_message *message);
void agree_take_decide(struct agree *agree, unsigned from, const struct agree_message *message);
void agree_take_ack(struct agree *agree, unsigned from, const struct agree_message *message);
void agree_ask(struct agree *agree, struct agree_record *record);                  /* at the root */
void agree_decide(struct agree *agree, struct agree_record *record, err_t result); /* at the root */
void agree_forget_votes(struct agree_record *record);
void agree_ask_waiters(struct agree *agree);
void agree_after_the_dead(struct agree *agree); /* when their transactions have ended */

/* coordinator.c */
void agree_settle(struct agree *agree);
void agree_ended(struct agree *agree, struct agree_record *record); /* at the root: all have acted */

/* recovery.c */
void agree_take_report(struct agree *agree, const struct agree_message *message);
void agree_take_reported(struct agree *agree, unsigned from, const struct agree_message *message);
void agree_orphan_ended(struct agree *agree, const struct agree_record *record);

#endif
