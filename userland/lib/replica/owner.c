/* See owner.h. An operation: change | target << 16 | owner << 32 | home << 48, name, generation, the arguments; for a newcomer the
   members are the holders. */
#include <skerry/owner.h>

enum { WORD_WHAT, WORD_NAME, WORD_GENERATION, WORD_ARGUMENT };
enum { TARGET_SHIFT = 16, OWNER_SHIFT = 32, HOME_SHIFT = 48, CORE_MASK = 0xffff };

_Static_assert(WORD_ARGUMENT + OWNER_ARGUMENTS == AGREE_WORDS && AGREE_NOBODY <= CORE_MASK, "an operation has room");

void owner_init(struct owners *owners, struct agree *agree, unsigned client) {
    *owners = (struct owners){.agree = agree, .client = client, .refuses = owners->refuses, .context = owners->context};
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

unsigned owner_of(const struct owner_object *object) {
    return agree_has(&object->holders, object->owner) ? object->owner : agree_lowest(&object->holders);
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
    *object = (struct owner_object){.name = name, .used = true, .owner = self_of(owners), .home = self_of(owners)};
    agree_add(&object->holders, self_of(owners));
    return ERR_OK;
}

/* At the core that wants a change */

void owner_forget(struct owners *owners, uint64_t name) {
    struct owner_object *object = find(owners, name);
    if (object != NULL) {
        *object = (struct owner_object){};
    }
}

static uint64_t pack(uint64_t change, uint64_t target, uint64_t owner, uint64_t home) {
    return change | target << TARGET_SHIFT | owner << OWNER_SHIFT | home << HOME_SHIFT;
}

static uint64_t change_of(const uint64_t op[AGREE_WORDS]) {
    return op[WORD_WHAT] & CORE_MASK;
}

static unsigned target_of(const uint64_t op[AGREE_WORDS]) {
    return op[WORD_WHAT] >> TARGET_SHIFT & CORE_MASK;
}

err_t owner_request(const struct owners *owners, const struct owner_wish *wish, struct agree_request *request) {
    bool takes_target = wish->change == OWNER_COPY || wish->change == OWNER_MOVE;
    if (wish->change < OWNER_COPY || wish->change >= OWNER_CHANGES ||
        (takes_target && wish->target >= owners->agree->config->cores)) {
        return ERR_ARGUMENT;
    }
    *request = (struct agree_request){
        .client = (uint16_t)owners->client,
        .phases = 2,
        .topology = AGREE_NUMA,
        .flags = AGREE_ALONE,
        .op = {pack(wish->change, takes_target ? wish->target : self_of(owners), 0, 0), wish->name},
    };
    __builtin_memcpy(&request->op[WORD_ARGUMENT], wish->argument, sizeof(wish->argument));
    return ERR_OK;
}

/* When the owner has died. Who claims it may not be the lowest any more, or someone else has it: then nothing is lost. */
static void claim(struct owners *owners, struct owner_object *object) {
    bool orphaned = object->used && !agree_has(&object->holders, object->owner);
    if (orphaned && !object->claimed && agree_lowest(&object->holders) == self_of(owners)) {
        struct owner_wish wish = {.change = OWNER_MOVE, .target = self_of(owners), .name = object->name};
        struct agree_request request;
        err_t err = owner_request(owners, &wish, &request);
        request.deadline = UINT64_MAX;
        request.cookie = OWNER_CLAIM;
        object->claimed = err == ERR_OK && agree_submit(owners->agree, &request) == ERR_OK;
    }
}

static struct agree_set others_of(const struct owners *owners, const struct owner_object *object) {
    struct agree_set others = object->holders;
    agree_remove(&others, self_of(owners));
    return others;
}

/* The owner after it: an owner that deletes its copy leaves the object to the lowest other holder. */
static unsigned heir(const struct owners *owners, const struct owner_object *object, uint64_t change) {
    struct agree_set others = others_of(owners, object);
    bool leaves = change == OWNER_DELETE && object->owner == self_of(owners) && !agree_empty(&others);
    return leaves ? agree_lowest(&others) : object->owner;
}

err_t owner_begin(struct owners *owners, struct agree_request *request) {
    struct owner_object *object = find(owners, request->op[WORD_NAME]);
    uint64_t what = change_of(request->op);
    unsigned target = target_of(request->op);
    if (object == NULL || !object->used) {
        return ERR_NOT_FOUND;
    }
    if (request->cookie == OWNER_CLAIM && agree_has(&object->holders, object->owner)) {
        object->claimed = false;
        return ERR_CANCELLED; /* it has an owner again */
    }
    if (agree_has(&object->holders, target) == (what == OWNER_COPY) || !agree_has(&owners->agree->live, target)) {
        return ERR_ARGUMENT; /* it has one, or none to be the owner of */
    }
    struct agree_set others = others_of(owners, object);
    if (what == OWNER_DELETE && object->home == target && !agree_empty(&others)) {
        return ERR_SHARED;
    }
    request->members = object->holders;
    agree_add(&request->members, target);
    request->op[WORD_WHAT] = pack(what, target, heir(owners, object, what), object->home);
    request->op[WORD_GENERATION] = object->generation;
    return ERR_OK;
}

/* At every holder */

bool owner_read(const struct owners *owners, const uint64_t op[AGREE_WORDS], struct owner_operation *operation) {
    *operation = (struct owner_operation){
        .change = (enum owner_change)change_of(op),
        .target = target_of(op),
        .owner = op[WORD_WHAT] >> OWNER_SHIFT & CORE_MASK,
        .home = op[WORD_WHAT] >> HOME_SHIFT & CORE_MASK,
        .name = op[WORD_NAME],
        .generation = op[WORD_GENERATION],
        .argument = &op[WORD_ARGUMENT],
    };
    return operation->change >= OWNER_COPY && operation->change < OWNER_CHANGES &&
           operation->target < owners->agree->config->cores && operation->owner <= OWNER_NOBODY &&
           operation->home <= OWNER_NOBODY;
}

static err_t refusal(const struct owners *owners, const struct owner_operation *operation) {
    bool asks = operation->change == OWNER_RETYPE ||
                (operation->change == OWNER_DELETE && operation->target == self_of(owners));
    return asks ? owners->refuses(owners->context, operation) : ERR_OK;
}

static err_t lock(struct owner_object *object, const struct agree_work *work) {
    object->name = work->op[0][WORD_NAME];
    object->by = work->id;
    object->stamp = work->stamp;
    return ERR_OK;
}

static err_t lock_newcomer(struct owners *owners, const struct agree_work *work,
                           const struct owner_operation *operation) {
    struct owner_object *object = find_free(owners);
    bool comes = operation->change == OWNER_COPY && operation->target == self_of(owners);
    if (!comes) {
        return ERR_BUSY; /* who asks does not know yet that we have no copy */
    }
    return object == NULL ? ERR_NO_MEMORY : lock(object, work);
}

err_t owner_prepare(struct owners *owners, const struct agree_work *work, uint64_t *holder) {
    struct owner_operation operation;
    if (!owner_read(owners, work->op[0], &operation)) {
        return ERR_ARGUMENT;
    }
    struct owner_object *object = find(owners, operation.name);
    if (object == NULL) {
        return lock_newcomer(owners, work, &operation);
    }
    if (object->by.number != 0) {
        *holder = object->stamp;
        return ERR_BUSY;
    }
    if (object->generation != operation.generation) {
        return ERR_BUSY; /* it has changed since this was begun: again, with what is true now */
    }
    err_t refused = refusal(owners, &operation);
    return refused == ERR_OK ? lock(object, work) : refused;
}

/* Holders that have died are none, a home among them. */
static void settle(const struct owners *owners, struct owner_object *object) {
    object->holders = agree_both(&object->holders, &owners->agree->live);
    if (object->home != OWNER_NOBODY && !agree_has(&object->holders, object->home)) {
        object->home = OWNER_NOBODY;
    }
}

static void become_holder(struct owner_object *object, const struct agree_work *work,
                          const struct owner_operation *operation) {
    object->used = true;
    object->generation = operation->generation;
    object->holders = work->members;
    object->owner = operation->owner;
    object->home = operation->home;
}

static void change(struct owner_object *object, const struct owner_operation *operation, unsigned self) {
    unsigned target = operation->target;
    switch (operation->change) {
    case OWNER_COPY:
        agree_add(&object->holders, target);
        break;
    case OWNER_DELETE:
        agree_remove(&object->holders, target);
        object->owner = operation->owner;
        object->used = self != target;
        break;
    case OWNER_REVOKE:
        object->holders = (struct agree_set){};
        agree_add(&object->holders, target);
        if (object->home != OWNER_NOBODY) {
            agree_add(&object->holders, object->home);
        }
        object->owner = target;
        object->used = agree_has(&object->holders, self);
        break;
    case OWNER_MOVE:
        object->owner = target;
        break;
    case OWNER_RETYPE: /* what was made of it knows the core where it is */
    case OWNER_CHANGES:
        break;
    }
}

static struct owner_object *locked_by(struct owners *owners, const struct agree_work *work) {
    struct owner_object *object = find(owners, work->op[0][WORD_NAME]);
    bool is = object != NULL && object->by.number == work->id.number && object->by.core == work->id.core;
    return is ? object : NULL;
}

bool owner_locked(struct owners *owners, const struct agree_work *work) {
    return locked_by(owners, work) != NULL;
}

err_t owner_finish(struct owners *owners, const struct agree_work *work, enum agree_end end) {
    struct owner_operation operation;
    struct owner_object *object = locked_by(owners, work);
    if (object == NULL || !owner_read(owners, work->op[0], &operation)) {
        return ERR_OK;
    }
    object->by = (struct agree_id){};
    object->stamp = 0;
    object->claimed = object->claimed && work->id.core != self_of(owners);
    if (end == AGREE_COMMIT) {
        if (!object->used) {
            become_holder(object, work, &operation);
        }
        change(object, &operation, self_of(owners));
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
