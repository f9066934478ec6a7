/* Both ends of a binding, as bare as bind.h and channel.h have them (programs use what is generated from an interface).
   `serve NAME` answers whoever binds: each message with its first word doubled. `call NAME COUNT` binds, on whatever core the
   server is, and checks COUNT answers. `hold NAME` binds and waits until the other end is gone; it says why. `lend NAME` lends the server memory and takes it back, `leave NAME` ends
   while it is lent; `recall COUNT NAME...` lends memory to all these servers of other cores and revokes it
   while they have it mapped, so many times. */
#include <abi/stubs.h>
#include <if/monitor.h>
#include <skerry/bind.h>
#include <skerry/domain.h>
#include <skerry/event.h>
#include <skerry/heap.h>
#include <skerry/print.h>
#include <skerry/ram.h>
#include <skerry/slots.h>
#include <skerry/string.h>
#include <skerry/time.h>

#define BIND_MS 5000
#define ANSWER_MS 10000
#define RECALL_SERVERS 6

#define IS_RECALLED (UINT64_MAX / 2) /* asks the server whether the memory that was lent last is gone */

struct loan {
    capaddr_t cap;
    struct vspace_mapping mapping;
};

struct end {
    struct channel channel; /* first */
    struct loan loan;       /* the server's: the last */
    struct event news;
    struct event gone;
    uint64_t answer;
    err_t why;
};

static void ended(struct bind_channel *channel, err_t why) {
    struct end *end = channel->context;
    channel_close(&end->channel);
    end->why = why;
    event_raise(&end->gone);
}

static err_t open(struct bind_channel *channel, void (*receive)(struct channel *, const struct urpc_message *)) {
    struct end *end = calloc(1, sizeof(*end));
    struct channel_request request = {
        .frame = channel->memory,
        .size = channel->size,
        .side = channel->side,
        .wake = channel->wake,
        .patience = CHANNEL_PATIENCE,
        .receive = receive,
    };
    if (end == NULL) {
        return ERR_NO_MEMORY;
    }
    err_t err = channel_open(&end->channel, &request);
    if (err != ERR_OK) {
        free(end);
        return err;
    }
    channel->context = end;
    channel->ended = ended;
    return ERR_OK;
}

/* Are the capability and the mapping of a loan gone? Then the server gives up their places, too. */
static uint64_t is_recalled(struct loan *loan) {
    capaddr_t copy;
    if (loan->cap == CAP_NULL || slot_alloc(&copy) != ERR_OK) {
        return 0;
    }
    bool gone = cap_copy(loan->cap, slot_word(copy)) == ERR_CAP_EMPTY &&
                mapping_protect(loan->mapping.run[0], MAP_READ) == ERR_CAP_EMPTY;
    slot_release(copy);
    if (gone) {
        slot_release(loan->cap);
        if (vspace_unmap(&loan->mapping) != ERR_OK) {
            return 0;
        }
        *loan = (struct loan){0};
    }
    return gone;
}

static void answer(struct channel *channel, const struct urpc_message *message) {
    struct end *end = (struct end *)channel;
    uint64_t word = message->word[0] == IS_RECALLED ? is_recalled(&end->loan) : 2 * message->word[0];
    struct urpc_message reply = {.word = {word}, .type = 1, .words = 1};
    (void)channel_try_send(channel, &reply); /* a client has one call in flight: there is room */
}

static void release(struct bind_channel *channel, err_t why) {
    ended(channel, why);
    printf("a client of core %u is gone: %s\n", DOMAIN_CORE(channel->peer), err_name(why));
    free(channel->context);
}

/* Doubles the number in the memory that a client lends. */
static void take_loan(struct bind_channel *channel, uint64_t word, capaddr_t cap) {
    struct vspace_request map = {cap, 0, PAGE_SIZE, MAP_READ | MAP_WRITE};
    struct end *end = channel->context;
    void *at;
    if (vspace_map(&map, &at, &end->loan.mapping) != ERR_OK) {
        return;
    }
    end->loan.cap = cap;
    *(volatile uint64_t *)at *= 2;
    printf("a client of core %u lends memory, word %lu\n", DOMAIN_CORE(channel->peer), word);
}

static err_t accept(struct bind_channel *channel) {
    TRY(open(channel, answer));
    channel->received = take_loan;
    channel->ended = release;
    return ERR_OK;
}

static void serve_lrpc(const struct lrpc_request *request) {
    uint64_t doubled = 2 * request->payload[0];
    struct lrpc_answer reply = {.words = 1, .word = &doubled};
    lrpc_reply(request, &reply);
}

static int serve(const char *name) {
    lrpc_serve(serve_lrpc);
    err_t err = bind_export(name, accept);
    if (err != ERR_OK) {
        die("%s is not offered: %s", name, err_doc(err));
    }
    printf("%s is offered\n", name);
    event_loop();
}

static void take(struct channel *channel, const struct urpc_message *message) {
    struct end *end = (struct end *)channel;
    end->answer = message->word[0];
    event_raise(&end->news);
}

static err_t call(const struct bind_result *binding, uint64_t word, uint64_t *doubled) {
    if (binding->kind == BIND_LRPC) {
        struct lrpc_call lrpc = {.operation = 1, .request = {word}};
        TRY(lrpc_call(&binding->lrpc, &lrpc));
        *doubled = lrpc.reply[1];
        return ERR_OK;
    }
    struct end *end = binding->channel->context;
    struct urpc_message message = {.word = {word}, .type = 1, .words = 1};
    struct event *const events[] = {&end->news, &end->gone};
    TRY(channel_send(&end->channel, &message, time_deadline(ANSWER_MS)));
    int which = event_wait_any(events, 2, time_deadline(ANSWER_MS));
    *doubled = end->answer;
    return which == 0 ? ERR_OK : which == 1 ? ERR_PEER_DEAD : ERR_TIMEOUT;
}

static void bind(const char *name, struct bind_result *binding) {
    struct bind_request request = {.name = name, .deadline_ms = BIND_MS};
    err_t err = bind_to(&request, binding);
    if (err == ERR_OK && binding->kind == BIND_CHANNEL) {
        err = open(binding->channel, take);
    }
    if (err != ERR_OK) {
        die("%s: %s", name, err_name(err));
    }
    if (binding->kind == BIND_LRPC) {
        printf("%s is here\n", name);
    } else {
        printf("%s is on core %u\n", name, DOMAIN_CORE(binding->channel->peer));
    }
}

static int call_often(const char *name, uint64_t count) {
    struct bind_result binding;
    bind(name, &binding);
    for (uint64_t i = 1; i <= count; i++) {
        uint64_t doubled = 0;
        err_t err = call(&binding, i, &doubled);
        if (err != ERR_OK || doubled != 2 * i) {
            die("call %lu: %s, %lu", i, err_name(err), doubled);
        }
    }
    if (binding.kind == BIND_CHANNEL) {
        struct end *end = binding.channel->context;
        channel_close(&end->channel);
        bind_release(binding.channel);
        free(end);
    }
    printf("%lu calls answered\n", count);
    return 0;
}

/* Until the other end is gone; deaf to its monitor, it never learns that. */
static int hold(const char *name, bool deaf) {
    struct bind_result binding;
    bind(name, &binding);
    if (binding.kind != BIND_CHANNEL) {
        return 1;
    }
    while (deaf) {
        cpu_pause();
    }
    struct end *end = binding.channel->context;
    (void)event_wait(&end->gone, 0);
    printf("%s is gone: %s\n", name, err_name(end->why));
    return 0;
}

static void expect(const char *what, err_t err, err_t wanted) {
    if (err != wanted) {
        die("%s: %s, not %s", what, err_name(err), err_name(wanted));
    }
}

/* Memory lent to the server. In the end it lets go of the channel, and has all rights again; or it just ends. */
static int lend(const char *name, bool let_go) {
    struct bind_result binding;
    struct vspace_request map = {.size = PAGE_SIZE, .flags = MAP_READ | MAP_WRITE};
    void *at = NULL;
    bind(name, &binding);
    if (binding.kind != BIND_CHANNEL) {
        return 1;
    }
    expect("a frame", ram_make(CAP_TYPE_FRAME, PAGE_SIZE, &map.cap, NULL), ERR_OK);
    expect("its mapping", vspace_map(&map, &at, NULL), ERR_OK);
    volatile uint64_t *number = at;
    *number = 21;
    expect("lending it", bind_send_cap(binding.channel, 7, map.cap), ERR_OK);
    expect("what the server did with it", *number == 42 ? ERR_OK : ERR_FORMAT, ERR_OK);
    expect("revoking it", cap_revoke(map.cap), ERR_SHARED);
    expect("revoking all memory", cap_revoke(CAP_RAM), ERR_SHARED);
    expect("lending RAM", bind_send_cap(binding.channel, 7, CAP_RAM), ERR_NOT_COPYABLE);
    expect("lending a dispatcher", bind_send_cap(binding.channel, 7, CAP_DISPATCHER), ERR_CAP_TYPE);
    printf("lent, and refused what must be\n");
    if (!let_go) {
        return 0;
    }
    uint64_t deadline = time_deadline(ANSWER_MS);
    channel_close(&((struct end *)binding.channel->context)->channel);
    bind_release(binding.channel);
    err_t err;
    while ((err = cap_revoke(map.cap)) == ERR_SHARED && time_now() < deadline) {
        fibre_sleep_until(time_deadline(1));
    }
    expect("revoking it afterwards", err, ERR_OK);
    return 0;
}

/* What the library asks only for memory. */
static err_t recall_by_hand(capaddr_t cap) {
    struct lrpc_call asked = {.operation = MONITOR_RECALL};
    if (cap != CAP_NULL) {
        TRY(slot_copy(cap, &asked.cap));
    }
    return domain_ask(&asked);
}

struct servers {
    unsigned count;
    struct bind_result binding[RECALL_SERVERS];
};

static void lend_to_all(const struct servers *servers, const struct vspace_request *map) {
    struct vspace_mapping mapping;
    void *at = NULL;
    expect("mapping it", vspace_map(map, &at, &mapping), ERR_OK);
    volatile uint64_t *number = at;
    *number = 1;
    for (unsigned i = 0; i < servers->count; i++) {
        expect("lending it", bind_send_cap(servers->binding[i].channel, i, map->cap), ERR_OK);
    }
    expect("what the servers did with it", *number == 1ul << servers->count ? ERR_OK : ERR_FORMAT, ERR_OK);
    expect("unmapping it", vspace_unmap(&mapping), ERR_OK);
}

/* Lends a part of `whole` and revokes that, or lends and revokes the whole. Whether the servers still have it, they say. */
static void lend_and_recall(const struct servers *servers, capaddr_t whole, bool part) {
    struct vspace_request map = {.cap = whole, .size = PAGE_SIZE, .flags = MAP_READ | MAP_WRITE};
    if (part) {
        expect("a slot", slot_alloc(&map.cap), ERR_OK);
        expect("a part", cap_retype(whole, CAP_TYPE_FRAME, PAGE_SIZE, PAGE_SIZE, 1, slot_word(map.cap)), ERR_OK);
    }
    lend_to_all(servers, &map);
    expect("revoking it here", cap_revoke(whole), ERR_SHARED);
    expect("revoking it everywhere", bind_revoke_cap(whole), ERR_OK);
    expect("revoking it again", cap_revoke(whole), ERR_OK);
    for (unsigned i = 0; i < servers->count; i++) {
        uint64_t gone = 0;
        expect("asking a server", call(&servers->binding[i], IS_RECALLED, &gone), ERR_OK);
        expect("what the server has", gone ? ERR_OK : ERR_FORMAT, ERR_OK);
    }
    if (part) {
        slot_release(map.cap);
    }
}

static int recall_often(uint64_t count, char **name, int names) {
    static struct servers servers;
    struct ram_block block;
    capaddr_t whole;
    for (; servers.count < RECALL_SERVERS && (int)servers.count < names; servers.count++) {
        bind(name[servers.count], &servers.binding[servers.count]);
        expect("a server of another core", servers.binding[servers.count].kind == BIND_CHANNEL ? ERR_OK : ERR_ARGUMENT,
               ERR_OK);
    }
    expect("a frame", ram_make(CAP_TYPE_FRAME, 2 * PAGE_SIZE, &whole, &block), ERR_OK);
    for (uint64_t i = 0; i < count; i++) {
        lend_and_recall(&servers, whole, i % 2 != 0);
    }
    expect("recalling what cannot have been lent", recall_by_hand(CAP_DISPATCHER), ERR_CAP_TYPE);
    expect("recalling nothing", recall_by_hand(CAP_NULL), ERR_ARGUMENT);
    slot_release(whole);
    ram_free(&block);
    printf("%lu loans to each of %u servers recalled\n", count, servers.count);
    return 0;
}

int main(int argc, char **argv) {
    uint64_t count = 0;
    if (argc == 3 && strcmp(argv[1], "serve") == 0) {
        return serve(argv[2]);
    }
    if (argc == 4 && strcmp(argv[1], "call") == 0 && string_to_u64(argv[3], &count)) {
        return call_often(argv[2], count);
    }
    if (argc >= 4 && strcmp(argv[1], "recall") == 0 && string_to_u64(argv[2], &count)) {
        return recall_often(count, argv + 3, argc - 3);
    }
    if (argc == 3 && (strcmp(argv[1], "hold") == 0 || strcmp(argv[1], "deaf") == 0)) {
        return hold(argv[2], strcmp(argv[1], "deaf") == 0);
    }
    if (argc == 3 && (strcmp(argv[1], "lend") == 0 || strcmp(argv[1], "leave") == 0)) {
        return lend(argv[2], strcmp(argv[1], "lend") == 0);
    }
    printf("bindings serve NAME, bindings call NAME COUNT, bindings recall COUNT NAME..., bindings hold | deaf | lend "
           "| leave "
           "NAME\n");
    return 1;
}
