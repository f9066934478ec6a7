/* A client has its answers and its last refusal for itself, so that several can ask at once. */
#include "skb/service.h"

#include <if/skb_server.h>
#include <skerry/heap.h>
#include <skerry/string.h>

#include "skb/answers.h"
#include "skb/facts.h"
#include "skb/told.h"

struct asker {
    struct answers answers;
    struct datalog_error refusal;
};

static struct datalog *base;

static struct asker *asker_of(const struct service_call *call) {
    return call->client->context;
}

static err_t refused(bool fine) {
    return fine ? ERR_OK : ERR_ARGUMENT;
}

/* Tells all cores. What it comes to is known when it is taken in: others may have told something meanwhile. */
static err_t tell_all(struct service_call *call, enum knowledge_kind kind, const char *text, uint64_t *taken) {
    struct journal_text told = {.at = text, .kind = (uint16_t)kind, .size = (uint16_t)strlen(text)};
    struct outcome outcome;
    TRY(told_tell(&told, &outcome));
    asker_of(call)->refusal = outcome.refusal;
    *taken = outcome.taken;
    return refused(outcome.fine);
}

/* A mistake is found here, before anybody is told. */
err_t skb_serve_tell(struct service_call *call, const char *text) {
    uint64_t none;
    told_catch_up();
    TRY(refused(datalog_would_tell(base, text, strlen(text), &asker_of(call)->refusal)));
    return tell_all(call, KNOWLEDGE_TELL, text, &none);
}

err_t skb_serve_retract(struct service_call *call, const char *text, uint64_t *taken) {
    told_catch_up();
    TRY(refused(datalog_would_retract(base, text, strlen(text), &asker_of(call)->refusal)));
    return tell_all(call, KNOWLEDGE_RETRACT, text, taken);
}

err_t skb_serve_ask(struct service_call *call, const char *question, uint64_t *rows, uint64_t *size) {
    struct asker *asker = asker_of(call);
    struct answers *answers = &asker->answers;
    answers_begin(answers);
    told_catch_up();
    TRY(refused(datalog_ask(base, question, strlen(question), &answers->reader, &asker->refusal)));
    *rows = answers->rows;
    *size = answers->size;
    return answers_end(answers);
}

err_t skb_serve_facts(struct service_call *call, uint64_t *rows, uint64_t *size) {
    struct answers *answers = &asker_of(call)->answers;
    answers_begin(answers);
    told_catch_up();
    (void)datalog_facts(base, answers_line, answers);
    *rows = answers->rows;
    *size = answers->size;
    return answers_end(answers);
}

err_t skb_serve_read(struct service_call *call, uint64_t offset, uint8_t text[static SKB_PIECE_MAX], size_t *size) {
    const struct answers *answers = &asker_of(call)->answers;
    if (offset >= answers->size) {
        return ERR_NOT_FOUND;
    }
    *size = MIN(answers->size - offset, (size_t)SKB_PIECE_MAX);
    memcpy(text, answers->text + offset, *size);
    return ERR_OK;
}

err_t skb_serve_refusal(struct service_call *call, uint32_t *line, uint32_t *column,
                        char reason[static SKB_REASON_MAX + 1]) {
    const struct datalog_error *refusal = &asker_of(call)->refusal;
    *line = refusal->line;
    *column = refusal->column;
    (void)string_copy(reason, SKB_REASON_MAX + 1, refusal->text);
    return ERR_OK;
}

err_t skb_serve_measure(struct service_call *call, uint32_t rounds, uint64_t *pairs) {
    (void)call;
    return facts_measure(MAX(rounds, 1u), pairs);
}

static err_t bound(struct service_client *client) {
    client->context = calloc(1, sizeof(struct asker));
    return client->context != NULL ? ERR_OK : ERR_NO_MEMORY;
}

static void ended(struct service_client *client, err_t why) {
    struct asker *asker = client->context;
    (void)why;
    answers_forget(&asker->answers);
    free(asker);
}

err_t service_begin(struct datalog *knowledge) {
    static struct service service = {.interface = &skb_service, .bound = bound, .ended = ended};
    base = knowledge;
    return service_export(&service);
}
