/* What arrives: every word is checked here, before the protocols see it. */
#include "internal.h"

static bool is_set(const struct agree *agree, const struct agree_set *set) {
    return agree_next(set, agree->config->cores) == AGREE_NOBODY;
}

static bool is_id(const struct agree *agree, const struct agree_id *id) {
    return id->number != 0 && id->core < agree->config->coordinators && id->slot < AGREE_WINDOW;
}

static bool has_client(const struct agree *agree, const struct agree_message *message) {
    return message->client < AGREE_CLIENTS && agree->config->client[message->client] != NULL;
}

static bool is_whole(const struct agree *agree, const struct agree_message *message) {
    return is_id(agree, &message->id) && has_client(agree, message) && message->topology < AGREE_TOPOLOGIES &&
           message->root < agree->config->cores && message->count >= 1 && message->count <= AGREE_BATCH &&
           is_set(agree, &message->members) && is_set(agree, &message->below);
}

static bool is_valid(const struct agree *agree, const struct agree_message *message) {
    switch ((enum agree_type)message->type) {
    case AGREE_ASK:
    case AGREE_DECIDE:
        return is_whole(agree, message) && agree_has(&message->members, agree->config->self) &&
               !agree_has(&message->below, agree->config->self);
    case AGREE_REPORT:
        return is_whole(agree, message);
    case AGREE_VOTE:
    case AGREE_ACK:
        return is_id(agree, &message->id);
    case AGREE_VIEW:
        return is_set(agree, &message->members) && agree_has(&message->members, agree->config->self);
    case AGREE_REPORTED:
        return true;
    case AGREE_NOTE:
        return has_client(agree, message) && agree->config->client[message->client]->note != NULL;
    case AGREE_TYPES:
        break;
    }
    return false;
}

/* Also who is not live here, because the view in which it is has not come yet. */
static bool may_send(const struct agree *agree, unsigned from, const struct agree_message *message) {
    if (agree_has(&agree->shunned, from)) {
        return false;
    }
    return agree_has(&agree->live, from) ||
           (message->type == AGREE_VIEW && message->attempt > agree->epoch && agree_has(&message->members, from));
}

static void take(struct agree *agree, unsigned from, const struct agree_message *message) {
    switch ((enum agree_type)message->type) {
    case AGREE_ASK:
        return agree_take_ask(agree, from, message);
    case AGREE_VOTE:
        return agree_take_vote(agree, from, message);
    case AGREE_DECIDE:
        return agree_take_decide(agree, from, message);
    case AGREE_ACK:
        return agree_take_ack(agree, from, message);
    case AGREE_VIEW:
        agree->told[from] = MAX(agree->told[from], message->attempt);
        return agree_view(agree, message->attempt, &message->members);
    case AGREE_REPORT:
        return agree_take_report(agree, message);
    case AGREE_REPORTED:
        return agree_take_reported(agree, from, message);
    case AGREE_NOTE:
        return agree->config->client[message->client]->note(agree->config->context, from, message->op[0]);
    case AGREE_TYPES:
        return;
    }
}

err_t agree_receive(struct agree *agree, unsigned from, const struct agree_message *message) {
    if (from >= agree->config->cores || from == agree->config->self || !is_valid(agree, message)) {
        agree->counters.refused++;
        return ERR_FORMAT;
    }
    if (!may_send(agree, from, message)) {
        agree->counters.dropped++;
        return ERR_PEER_DEAD;
    }
    take(agree, from, message);
    agree_settle(agree);
    return ERR_OK;
}

void agree_note(struct agree *agree, unsigned to, unsigned client, const uint64_t op[AGREE_WORDS]) {
    struct agree_message message = {.type = AGREE_NOTE, .client = (uint8_t)client};
    __builtin_memcpy(message.op[0], op, sizeof(message.op[0]));
    agree_send(agree, to, &message);
}
