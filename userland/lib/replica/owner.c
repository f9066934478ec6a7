/* See owner.h. An operation: change, name, target, generation, owner, divided; for a newcomer the members are the holders. */
#include <skerry/owner.h>

enum { WORD_CHANGE, WORD_NAME, WORD_TARGET, WORD_GENERATION, WORD_OWNER, WORD_DIVIDED };

void owner_init(struct owners *owners, struct agree *agree, unsigned client) {
    *owners = (struct owners){.agree = agree, .client = client};
}

static unsigned self_of(const struct owners *owners) {
    return owners->agree->config->self;
}

static struct owner_object *find(struct owners *owners, uint64_t name) {
    for (unsigned i = 0; i < OWNER_OBJECTS; i++) {
        struct owner_object *object = &owners->object[i];
        if ((object->used || object->by.number != 0) && object->name == name) {
            return object;
        }
    }
    return NULL;
}

static struct owner_object *find_free(struct owners *owners) {
    for (unsigned i = 0; i < OWNER_OBJECTS; i++) {
        if (!owners->object[i].used && owners->object[i].by.number == 0) {
            return &owners->object[i];
        }
    }
    return NULL;
}

const struct owner_object *owner_find(const struct owners *owners, uint64_t name) {
    for (unsigned i = 0; i < OWNER_OBJECTS; i++) {
        if (owners->object[i].used && owners->object[i].name == name) {
            return &owners->object[i];
        }
    }
    return NULL;
}

bool owner_may_use(const struct owners *owners, uint64_t name) {
    const struct owner_object *object = owner_find(owners, name);
    return object != NULL && object->owner == self_of(owners) && object->by.number == 0;
}

err_t owner_create(struct owners *owners, uint64_t name) {
    struct owner_object *object = find_free(owners);
    if (find(owners, name) != NULL) {
        return ERR_SLOT_OCCUPIED;
    }
    if (object == NULL) {
        return ERR_NO_MEMORY;
    }
    *object = (struct owner_object){.name = name, .used = true, .owner = self_of(owners)};
    agree_add(&object->holders, self_of(owners));
    return ERR_OK;
}

/* At the core that wants a change */

err_t owner_change(struct owners *owners, enum owner_change change, uint64_t name, unsigned target, uint64_t deadline,
                   uint64_t cookie) {
    bool takes_target = change == OWNER_COPY || change == OWNER_MOVE;
    if (change < OWNER_COPY || change >= OWNER_CHANGES || (takes_target && target >= owners->agree->config->cores)) {
        return ERR_ARGUMENT;
    }
    struct agree_request request = {
        .client = (uint16_t)owners->client,
        .phases = 2,
        .topology = AGREE_NUMA,
        .flags = AGREE_ALONE,
        .deadline = deadline,
        .cookie = cookie,
        .op = {change, name, takes_target ? target : self_of(owners)},
    };
    return agree_submit(owners->agree, &request);
}

/* When the owner has died. Who claims it may not be the lowest any more, or someone else has it: then nothing is lost. */
static void claim(struct owners *owners, struct owner_object *object) {
    bool orphaned = object->used && !agree_has(&object->holders, object->owner);
    if (orphaned && !object->claimed && agree_lowest(&object->holders) == self_of(owners)) {
        object->claimed =
            owner_change(owners, OWNER_MOVE, object->name, self_of(owners), UINT64_MAX, OWNER_CLAIM) == ERR_OK;
    }
}

/* The owner after it: an owner that deletes its copy leaves the object to the lowest other holder. */
static unsigned heir(const struct owners *owners, const struct owner_object *object, uint64_t change) {
    struct agree_set others = object->holders;
    agree_remove(&others, self_of(owners));
    bool leaves = change == OWNER_DELETE && object->owner == self_of(owners) && !agree_empty(&others);
    return leaves ? agree_lowest(&others) : object->owner;
}

err_t owner_begin(struct owners *owners, struct agree_request *request) {
    struct owner_object *object = find(owners, request->op[WORD_NAME]);
    unsigned target = (unsigned)request->op[WORD_TARGET];
    if (object == NULL || !object->used) {
        return ERR_NOT_FOUND;
    }
    if (request->cookie == OWNER_CLAIM && agree_has(&object->holders, object->owner)) {
        object->claimed = false;
        return ERR_CANCELLED; /* it has an owner again */
    }
    bool copies = request->op[WORD_CHANGE] == OWNER_COPY;
    if (agree_has(&object->holders, target) == copies || !agree_has(&owners->agree->live, target)) {
        return ERR_ARGUMENT; /* it has one, or none to be the owner of */
    }
    request->members = object->holders;
    agree_add(&request->members, target);
    request->op[WORD_GENERATION] = object->generation;
    request->op[WORD_OWNER] = heir(owners, object, request->op[WORD_CHANGE]);
    request->op[WORD_DIVIDED] = object->divided;
    return ERR_OK;
}

/* At every holder */

static err_t refusal(const struct owner_object *object, const uint64_t op[AGREE_WORDS]) {
    uint64_t target = op[WORD_TARGET];
    switch ((enum owner_change)op[WORD_CHANGE]) {
    case OWNER_RETYPE:
        return object->divided != 0 ? ERR_RETYPE_BUSY : ERR_OK;
    case OWNER_DELETE:
        return object->divided == 1 + target ? ERR_RETYPE_BUSY : ERR_OK;
    default:
        return ERR_OK;
    }
}

static err_t lock(struct owner_object *object, const struct agree_work *work) {
    object->name = work->op[0][WORD_NAME];
    object->by = work->id;
    object->stamp = work->stamp;
    return ERR_OK;
}

static err_t lock_newcomer(struct owners *owners, const struct agree_work *work) {
    struct owner_object *object = find_free(owners);
    bool comes = work->op[0][WORD_CHANGE] == OWNER_COPY && work->op[0][WORD_TARGET] == self_of(owners);
    if (!comes) {
        return ERR_BUSY; /* who asks does not know yet that we have no copy */
    }
    return object == NULL ? ERR_NO_MEMORY : lock(object, work);
}

err_t owner_prepare(struct owners *owners, const struct agree_work *work, uint64_t *holder) {
    const uint64_t *op = work->op[0];
    struct owner_object *object = find(owners, op[WORD_NAME]);
    if (op[WORD_CHANGE] < OWNER_COPY || op[WORD_CHANGE] >= OWNER_CHANGES ||
        op[WORD_TARGET] >= owners->agree->config->cores) {
        return ERR_ARGUMENT;
    }
    if (object == NULL) {
        return lock_newcomer(owners, work);
    }
    if (object->by.number != 0) {
        *holder = object->stamp;
        return ERR_BUSY;
    }
    if (object->generation != op[WORD_GENERATION]) {
        return ERR_BUSY; /* it has changed since this was begun: again, with what is true now */
    }
    err_t refused = refusal(object, op);
    return refused == ERR_OK ? lock(object, work) : refused;
}

/* Holders that have died are none, and descendants die with the core where they are. */
static void settle(const struct owners *owners, struct owner_object *object) {
    object->holders = agree_both(&object->holders, &owners->agree->live);
    if (object->divided != 0 && !agree_has(&owners->agree->live, object->divided - 1)) {
        object->divided = 0;
    }
}

static void become_holder(struct owner_object *object, const struct agree_work *work) {
    object->used = true;
    object->generation = work->op[0][WORD_GENERATION];
    object->holders = work->members;
    object->owner = (uint32_t)work->op[0][WORD_OWNER];
    object->divided = (uint32_t)work->op[0][WORD_DIVIDED];
}

static void change(struct owner_object *object, const struct agree_work *work, unsigned self) {
    unsigned target = (unsigned)work->op[0][WORD_TARGET];
    switch ((enum owner_change)work->op[0][WORD_CHANGE]) {
    case OWNER_COPY:
        agree_add(&object->holders, target);
        break;
    case OWNER_DELETE:
        agree_remove(&object->holders, target);
        object->owner = (uint32_t)work->op[0][WORD_OWNER];
        object->used = self != target;
        break;
    case OWNER_REVOKE:
        object->holders = (struct agree_set){};
        agree_add(&object->holders, target);
        object->owner = target;
        object->divided = 0;
        object->used = self == target;
        break;
    case OWNER_RETYPE:
        object->divided = 1 + target;
        break;
    case OWNER_MOVE:
        object->owner = target;
        break;
    case OWNER_CHANGES:
        break;
    }
}

err_t owner_finish(struct owners *owners, const struct agree_work *work, enum agree_end end) {
    struct owner_object *object = find(owners, work->op[0][WORD_NAME]);
    if (object == NULL || object->by.number != work->id.number || object->by.core != work->id.core) {
        return ERR_OK;
    }
    object->by = (struct agree_id){};
    object->stamp = 0;
    object->claimed = object->claimed && work->id.core != self_of(owners);
    if (end == AGREE_COMMIT) {
        if (!object->used) {
            become_holder(object, work);
        }
        change(object, work, self_of(owners));
        object->generation++;
        settle(owners, object);
    }
    if (!object->used) {
        *object = (struct owner_object){};
    }
    claim(owners, object);
    return ERR_OK;
}

void owner_viewed(struct owners *owners) {
    for (unsigned i = 0; i < OWNER_OBJECTS; i++) {
        if (owners->object[i].used) {
            settle(owners, &owners->object[i]);
            claim(owners, &owners->object[i]);
        }
    }
}
