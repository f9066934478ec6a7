/* See <skerry/journal.h>. An operation: a head (journal.h), then a piece of the text. */
#include "journal.h"

#define TRIES 8 /* to have all pieces everywhere, before the owner is to rest */

_Static_assert(offsetof(struct journal, copy) == 0, "so that a copy's sender finds the journal");

void journal_init(struct journal *journal, const struct journal_config *config) {
    *journal = (struct journal){
        .memory = config->memory,
        .size = ALIGN_DOWN(config->size - sizeof(struct journal_memory), 8ul),
        .ended = config->ended,
    };
    copy_init(&journal->copy, config->agree, config->client);
}

/* Stages */

static struct journal_stage *stage_find(struct journal *journal, uint64_t core, unsigned mark) {
    for (unsigned i = 0; i < JOURNAL_STAGES; i++) {
        struct journal_stage *stage = &journal->stage[i];
        if (stage->touched != 0 && stage->core == core && stage->mark == mark) {
            return stage;
        }
    }
    return NULL;
}

/* The core's own, whatever it was for; or a free one; or the one that nobody has touched for longest. */
static struct journal_stage *stage_new(struct journal *journal, uint64_t core, unsigned mark) {
    struct journal_stage *stage = &journal->stage[0];
    for (unsigned i = 0; i < JOURNAL_STAGES; i++) {
        struct journal_stage *other = &journal->stage[i];
        if (other->touched != 0 && other->core == core) {
            stage = other;
            break;
        }
        stage = other->touched < stage->touched ? other : stage;
    }
    *stage = (struct journal_stage){.core = core, .mark = mark};
    return stage;
}

static void stage_take(struct journal *journal, unsigned core, const uint64_t op[AGREE_WORDS]) {
    struct journal_head head = journal_head_of(op[0]);
    if (head.piece + 1 >= JOURNAL_PIECES) {
        return;
    }
    struct journal_stage *stage = stage_find(journal, core, head.mark);
    stage = stage != NULL ? stage : stage_new(journal, core, head.mark);
    __builtin_memcpy(stage->text + head.piece * JOURNAL_PIECE, &op[1], JOURNAL_PIECE);
    stage->got |= 1UL << head.piece;
    stage->touched = ++journal->touches;
}

static void stage_forget(struct journal *journal, uint64_t core) {
    for (unsigned i = 0; i < JOURNAL_STAGES; i++) {
        if (journal->stage[i].core == core) {
            journal->stage[i] = (struct journal_stage){};
        }
    }
}

/* The replica */

/* The whole text, from its stage and the last piece, becomes what is pending. */
static err_t assemble(struct journal *journal, const struct agree_work *work, const struct journal_head *head) {
    unsigned before = journal_pieces(head->size) - 1;
    const struct journal_stage *stage = before > 0 ? stage_find(journal, work->id.core, head->mark) : NULL;
    if (before > 0 && (stage == NULL || stage->got != (1UL << before) - 1)) {
        return ERR_NOT_READY;
    }
    if (before > 0) {
        __builtin_memcpy(journal->text, stage->text, before * JOURNAL_PIECE);
    }
    __builtin_memcpy(journal->text + before * JOURNAL_PIECE, &work->op[0][1], JOURNAL_PIECE);
    journal->pending[0] = work->id.core;
    journal->pending[1] = head->kind;
    journal->pending[2] = head->topic;
    journal->pending[3] = head->size;
    return ERR_OK;
}

err_t journal_prepare(struct journal *journal, const struct agree_work *work, uint64_t *holder) {
    struct journal_head head = journal_head_of(work->op[0][0]);
    if (!journal->copy.ready) {
        return ERR_BUSY;
    }
    if (work->count != 1 || !head.last || head.size > JOURNAL_TEXT || head.piece + 1 != journal_pieces(head.size)) {
        return ERR_ARGUMENT;
    }
    if (journal->by.number != 0) {
        *holder = journal->stamp;
        return ERR_BUSY;
    }
    if (!journal_has_room(journal, head.topic, head.size)) {
        return ERR_NO_MEMORY;
    }
    err_t error = assemble(journal, work, &head);
    if (error == ERR_OK) {
        journal->by = work->id;
        journal->stamp = work->stamp;
    }
    return error;
}

static bool has_locked(const struct journal *journal, struct agree_id id) {
    return journal->by.number != 0 && journal->by.number == id.number && journal->by.core == id.core;
}

static void clear_pending(struct journal *journal) {
    journal->by = (struct agree_id){};
    journal->stamp = 0;
    __builtin_memset(journal->pending, 0, sizeof(journal->pending));
    __builtin_memset(journal->text, 0, sizeof(journal->text));
}

err_t journal_finish(struct journal *journal, const struct agree_work *work, enum agree_end end) {
    for (unsigned i = 0; i < work->count && !journal_head_of(work->op[i][0]).last; i++) {
        stage_take(journal, work->id.core, work->op[i]);
    }
    if (!has_locked(journal, work->id)) {
        return ERR_OK;
    }
    if (end == AGREE_COMMIT) {
        journal_append(journal);
        stage_forget(journal, work->id.core);
        if (work->id.core == journal->copy.agree->config->self) {
            journal->put.number = journal->memory->newest;
        }
    }
    clear_pending(journal);
    return ERR_OK;
}

/* Writing: all pieces but the last at once; when they are everywhere, the last. */

static err_t submit(struct journal *journal, unsigned piece) {
    const struct journal_put *put = &journal->put;
    struct journal_head head = {
        .size = (unsigned)put->size,
        .topic = (unsigned)put->topic,
        .kind = (unsigned)put->kind,
        .mark = (unsigned)put->mark,
        .piece = piece,
        .last = piece + 1 == journal_pieces(put->size),
    };
    struct agree_request request = {
        .client = (uint16_t)journal->copy.client,
        .phases = head.last ? 2 : 1,
        .topology = AGREE_NUMA,
        .flags = AGREE_EVERYONE | (head.last ? AGREE_ALONE : 0),
        .deadline = put->deadline,
        .op = {journal_head_word(&head)},
    };
    __builtin_memcpy(&request.op[1], put->text + piece * JOURNAL_PIECE, JOURNAL_PIECE);
    return agree_submit(journal->copy.agree, &request);
}

static void put_end(struct journal *journal, err_t result) {
    struct journal_put *put = &journal->put;
    uint64_t mark = put->mark, number = put->number;
    *put = (struct journal_put){.mark = mark, .number = number, .result = result};
    journal->ended(journal);
}

static void put_last(struct journal *journal) {
    journal->put.left = 1;
    err_t error = submit(journal, journal_pieces(journal->put.size) - 1);
    if (error != ERR_OK) {
        put_end(journal, error);
    }
}

/* What is done at once counts down `left` meanwhile, down to the one that is held back for this. */
static void put_begin(struct journal *journal) {
    struct journal_put *put = &journal->put;
    unsigned before = journal_pieces(put->size) - 1;
    err_t error = ERR_OK;
    put->mark = (put->mark + 1) & 0xffff;
    put->tries++;
    put->result = ERR_OK;
    put->left = before + 1UL;
    for (unsigned i = 0; i < before; i++) {
        error = error == ERR_OK ? submit(journal, i) : error;
        if (error != ERR_OK) {
            put->left--;
            put->result = error;
        }
    }
    journal_done(journal, error);
}

err_t journal_put(struct journal *journal, const struct journal_text *text, uint64_t deadline) {
    struct journal_put *put = &journal->put;
    if (text->size > JOURNAL_TEXT || text->kind > 0x7f) {
        return ERR_ARGUMENT;
    }
    if (put->active) {
        return ERR_BUSY;
    }
    if (!journal->copy.ready || !agree_has(&journal->copy.agree->live, journal->copy.agree->config->self)) {
        return ERR_NOT_READY;
    }
    put->active = true;
    put->kind = text->kind;
    put->topic = text->topic;
    put->size = text->size;
    put->deadline = deadline;
    __builtin_memcpy(put->text, text->at, text->size);
    put_begin(journal);
    return ERR_OK;
}

/* Of one of the pieces, or of the one that put_begin() held back. */
void journal_done(struct journal *journal, err_t result) {
    struct journal_put *put = &journal->put;
    put->result = result != ERR_OK ? (uint64_t)result : put->result;
    if (--put->left > 0) {
        return;
    }
    if (!put->asked && put->result == ERR_OK) {
        put->asked = true;
        return put_last(journal);
    }
    if (put->asked && put->result == ERR_NOT_READY && put->tries < TRIES && journal->copy.agree->now < put->deadline) {
        put->asked = false;
        return put_begin(journal);
    }
    put_end(journal, put->result == ERR_NOT_READY ? ERR_BUSY : (err_t)put->result);
}

/* A newcomer's copy (copy.h): while anyone lacks one no text can be agreed on, so it does not matter whose it is, and nothing
   moves under it. */

enum { PART_BYTES = COPY_PART, PART_SIZES };

static void send_copy(struct copy *copy, unsigned to) {
    const struct journal_memory *memory = ((const struct journal *)copy)->memory;
    for (uint64_t at = 0; at < memory->used; at += JOURNAL_PIECE) {
        uint64_t part[AGREE_WORDS] = {PART_BYTES | at << 8};
        __builtin_memcpy(&part[1], memory->entries + at, MIN(memory->used - at, (uint64_t)JOURNAL_PIECE));
        copy_send(copy, to, part);
    }
    copy_send(copy, to, (uint64_t[AGREE_WORDS]){PART_SIZES, memory->used, memory->newest, memory->hash});
}

static void take_bytes(struct journal *journal, uint64_t at, const uint64_t word[]) {
    if (at < journal->size) {
        __builtin_memcpy(journal->memory->entries + at, word, MIN(journal->size - at, (uint64_t)JOURNAL_PIECE));
    }
}

static void take_sizes(struct journal *journal, const uint64_t op[AGREE_WORDS]) {
    if (op[1] > journal->size) {
        return; /* nonsense */
    }
    journal->memory->newest = op[2];
    journal->memory->hash = op[3];
    journal->memory->used = op[1];
}

void journal_note(struct journal *journal, unsigned from, const uint64_t op[AGREE_WORDS]) {
    if (!copy_note(&journal->copy, from, op, send_copy)) {
        return;
    }
    if ((op[0] & 0xff) == PART_BYTES) {
        take_bytes(journal, op[0] >> 8, &op[1]);
    } else if (op[0] == PART_SIZES) {
        take_sizes(journal, op);
    }
}

void journal_viewed(struct journal *journal, const struct agree_set *dead) {
    AGREE_FOR_EACH(core, dead) {
        stage_forget(journal, core);
    }
    copy_viewed(&journal->copy, dead, send_copy);
}
