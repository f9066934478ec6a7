/* See membership.h. A proposal's operation: word 0 its epoch, then the live cores. */
#include <skerry/membership.h>

#define PROPOSAL_SET 1
_Static_assert(AGREE_SET_WORDS <= AGREE_WORDS - PROPOSAL_SET || AGREE_CORES > 256, "a view fits in an operation");

enum membership_note { NOTE_PROBE = 1, NOTE_ALIVE, NOTE_SUSPECT, NOTE_JOIN, NOTE_WELCOME };

void membership_init(struct membership *membership, const struct membership_config *config, struct agree *agree) {
    *membership = (struct membership){.agree = agree, .config = config};
}

static void note(struct membership *membership, unsigned to, enum membership_note what, unsigned core) {
    agree_note(membership->agree, to, membership->config->client, (uint64_t[AGREE_WORDS]){what, core});
}

static unsigned leader(const struct membership *membership) {
    struct agree_set trusted = agree_without(&membership->agree->live, &membership->suspected);
    trusted = agree_without(&trusted, &membership->fenced);
    return agree_lowest(&trusted);
}

static bool is_leader(const struct membership *membership) {
    return leader(membership) == membership->agree->config->self;
}

/* Cores that a dead leader was letting in: they may have been told so, or not. */
static struct agree_set half_in(const struct membership *membership) {
    bool inherited = membership->promised > membership->agree->epoch && !membership->proposing;
    return inherited ? agree_without(&membership->promised_live, &membership->agree->live) : (struct agree_set){};
}

/* All that are live and not to be declared dead. Whom a newer proposal, which we have promised, leaves out stays out. */
static struct agree_set remaining(const struct membership *membership) {
    struct agree_set live = agree_without(&membership->agree->live, &membership->fenced);
    return membership->promised > membership->agree->epoch ? agree_both(&live, &membership->promised_live) : live;
}

/* Who comes back must not be taken for who has died: it waits until, in a view without it, all that the dead have left
   is finished, and nobody new is to be declared dead. */
static struct agree_set target(const struct membership *membership) {
    const struct agree *agree = membership->agree;
    struct agree_set live = remaining(membership);
    bool settled = agree_same(&live, &agree->live) && agree_lowest(&live) == agree->config->self && !agree->recovering;
    return settled ? agree_either(&live, &membership->wanted) : live;
}

static bool may_propose(const struct membership *membership) {
    struct agree_set live = remaining(membership), half = half_in(membership);
    half = agree_without(&half, &membership->fenced);
    return !membership->proposing && agree_lowest(&live) == membership->agree->config->self && is_leader(membership) &&
           agree_empty(&half);
}

static void propose(struct membership *membership) {
    struct agree *agree = membership->agree;
    struct agree_set live = target(membership);
    if (!may_propose(membership) || agree_same(&live, &agree->live)) {
        return;
    }
    uint32_t epoch = MAX(MAX(agree->epoch, membership->promised), membership->tried) + 1;
    struct agree_request request = {
        .client = (uint16_t)membership->config->client,
        .phases = 2,
        .flags = AGREE_URGENT,
        .members = remaining(membership),
        .deadline = UINT64_MAX,
        .op = {epoch},
    };
    for (unsigned i = 0; i < MIN(AGREE_SET_WORDS, AGREE_WORDS - PROPOSAL_SET); i++) {
        request.op[PROPOSAL_SET + i] = live.word[i];
    }
    struct agree_set in = agree_without(&live, &agree->live);
    membership->letting_in = !agree_empty(&in);
    membership->tried = epoch;
    membership->proposing = true; /* until membership_done(), which may come before this returns */
    if (agree_submit(agree, &request) != ERR_OK) {
        membership->proposing = false;
    }
}

/* Suspicion */

void membership_doubt(struct membership *membership, const struct agree_set *cores) {
    struct agree_set doubted = agree_both(cores, &membership->agree->live);
    doubted = agree_without(&doubted, &membership->probed);
    doubted = agree_without(&doubted, &membership->suspected);
    AGREE_FOR_EACH(core, &doubted) {
        if (core != membership->agree->config->self) {
            agree_add(&membership->probed, core);
            membership->answer_by[core] = membership->agree->now + membership->config->patience;
            note(membership, core, NOTE_PROBE, core);
        }
    }
}

/* Also those that are half in: they are to be started again. */
static void fence_suspects(struct membership *membership) {
    struct agree_set half = half_in(membership), suspects = agree_either(&membership->suspected, &half);
    suspects = agree_without(&suspects, &membership->fencing);
    membership->wanted = agree_without(&membership->wanted, &half);
    AGREE_FOR_EACH(core, &suspects) {
        agree_add(&membership->fencing, core);
        membership->config->fence(membership->config->context, core);
    }
}

/* What we want done, to whom it falls; when nothing comes of it that one is doubted, too. */
static void tell_leader(struct membership *membership) {
    struct agree_set one = {};
    unsigned to = leader(membership);
    AGREE_FOR_EACH(core, &membership->suspected) {
        note(membership, to, NOTE_SUSPECT, core);
    }
    AGREE_FOR_EACH(core, &membership->wanted) {
        note(membership, to, NOTE_JOIN, core);
    }
    agree_add(&one, to);
    membership_doubt(membership, &one);
}

static bool wants_something(const struct membership *membership) {
    struct agree_set open = agree_either(&membership->suspected, &membership->wanted), half = half_in(membership);
    open = agree_either(&open, &membership->fenced);
    open = agree_either(&open, &half);
    return !agree_empty(&open);
}

void membership_tick(struct membership *membership) {
    uint64_t now = membership->agree->now;
    AGREE_FOR_EACH(core, &membership->probed) {
        if (now >= membership->answer_by[core]) {
            agree_remove(&membership->probed, core);
            agree_add(&membership->suspected, core);
            membership->next_act = now;
        }
    }
    if (now < membership->next_act || !wants_something(membership)) {
        return;
    }
    membership->next_act = now + membership->config->patience;
    if (is_leader(membership)) {
        fence_suspects(membership);
        propose(membership);
    } else {
        tell_leader(membership);
    }
}

uint64_t membership_next_tick(const struct membership *membership) {
    uint64_t next = wants_something(membership) ? membership->next_act : UINT64_MAX;
    AGREE_FOR_EACH(core, &membership->probed) {
        next = MIN(next, membership->answer_by[core]);
    }
    return next;
}

void membership_fenced(struct membership *membership, unsigned core) {
    struct agree_set one = {}, half = half_in(membership);
    if (!agree_has(&membership->agree->live, core) && !agree_has(&half, core)) {
        return;
    }
    agree_add(&one, core);
    agree_add(&membership->fenced, core);
    agree_shun(membership->agree, &one);
    if (membership->letting_in) {
        agree_withdraw(membership->agree); /* it waits for transactions that wait for this core */
    }
    propose(membership);
}

void membership_join(struct membership *membership, const struct agree_set *cores) {
    struct agree_set in = agree_without(cores, &membership->agree->live);
    if (!agree_empty(&in)) {
        membership->wanted = agree_either(&membership->wanted, &in);
        membership->next_act = membership->agree->now;
        propose(membership);
    }
}

void membership_note(struct membership *membership, unsigned from, const uint64_t op[AGREE_WORDS]) {
    struct agree_set one = {};
    if (op[1] >= membership->agree->config->cores) {
        return;
    }
    agree_add(&one, (unsigned)op[1]);
    switch ((enum membership_note)op[0]) {
    case NOTE_PROBE:
        return note(membership, from, NOTE_ALIVE, from);
    case NOTE_ALIVE:
        agree_remove(&membership->probed, from);
        if (!agree_has(&membership->fencing, from)) {
            agree_remove(&membership->suspected, from);
        }
        return;
    case NOTE_SUSPECT: /* we ask it ourselves before we fence it */
        return membership_doubt(membership, &one);
    case NOTE_JOIN:
        return membership_join(membership, &one);
    case NOTE_WELCOME: /* the view came ahead of it */
        return;
    }
}

/* Agreement */

static struct agree_set proposed_set(const struct agree_work *work) {
    struct agree_set set = {};
    for (unsigned i = 0; i < MIN(AGREE_SET_WORDS, AGREE_WORDS - PROPOSAL_SET); i++) {
        set.word[i] = work->op[0][PROPOSAL_SET + i];
    }
    return set;
}

err_t membership_prepare(struct membership *membership, const struct agree_work *work) {
    struct agree *agree = membership->agree;
    struct agree_set live = proposed_set(work), both = agree_both(&live, &agree->live);
    uint64_t epoch = work->op[0][0];
    if (agree_next(&live, agree->config->cores) != AGREE_NOBODY || agree_lowest(&both) != work->id.core ||
        !agree_has(&live, agree->config->self) || epoch > UINT32_MAX) {
        return ERR_ARGUMENT;
    }
    if (epoch <= MAX(agree->epoch, membership->promised)) {
        return ERR_CANCELLED; /* a newer one is known here */
    }
    struct agree_set out = agree_without(&agree->live, &live), in = agree_without(&live, &agree->live);
    membership->promised = (uint32_t)epoch;
    membership->promised_live = live;
    agree_shun(agree, &out);
    if (agree_empty(&in)) {
        return ERR_OK;
    }
    agree_pause(agree, work->id);
    return ERR_CONTINUE;
}

err_t membership_finish(struct membership *membership, const struct agree_work *work, enum agree_end end) {
    struct agree_set live = proposed_set(work);
    uint32_t epoch = (uint32_t)work->op[0][0];
    if (end == AGREE_COMMIT) {
        agree_view(membership->agree, epoch, &live);
    } else if (membership->promised == epoch) {
        membership->promised = 0;
    }
    if (membership->promised <= MAX(epoch, membership->agree->epoch)) {
        agree_resume(membership->agree);
    }
    return ERR_OK;
}

void membership_done(struct membership *membership, err_t result) {
    membership->proposing = false;
    if (result == ERR_OK || result == ERR_CANCELLED) {
        propose(membership); /* what has come up since, or with a higher epoch */
    }
}

void membership_viewed(struct membership *membership) {
    struct agree *agree = membership->agree;
    const struct agree_set *live = &agree->live;
    struct agree_set welcome = agree_both(&membership->wanted, live);
    membership->probed = agree_both(&membership->probed, live);
    membership->suspected = agree_both(&membership->suspected, live);
    membership->fencing = agree_both(&membership->fencing, live);
    membership->fenced = agree_both(&membership->fenced, live);
    membership->wanted = agree_without(&membership->wanted, live);
    AGREE_FOR_EACH(core, &welcome) {
        note(membership, core, NOTE_WELCOME, core);
    }
    propose(membership);
}

void membership_recovered(struct membership *membership) {
    propose(membership);
}
