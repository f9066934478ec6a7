/* Calls to services on all cores while cores come and go. `serve` offers storm.N on core N: it doubles a word;
   `serve moving` does so on another core when this one is stopped. `call ROUNDS
   CORES` binds that often to the service of a core drawn by lot, wherever it is, calls it some times and lets go; every
   bind and call must end with its result or with an error that is expected here, and within its deadline, and most calls with
   their result: else it says what came of them, and its exit status is 1. */
#include <if/monitor.h>
#include <skerry/bind.h>
#include <skerry/domain.h>
#include <skerry/event.h>
#include <skerry/print.h>
#include <skerry/string.h>
#include <skerry/time.h>

#define NAME "storm.%u"
#define BIND_MS 200
#define CALL_MS 3000
#define CALLS 4        /* of a binding */
#define GRACE_MS 10000 /* emulated cores take turns, and the host's other programs theirs */
#define ERRORS 64

struct client {
    struct channel channel; /* first */
    struct event news;
    struct event gone;
    uint64_t answer;
};

static uint64_t answered, wrong, late, longest_ms;
static uint64_t ended[ERRORS]; /* by error */
static uint64_t lot;

static uint64_t doubled(uint64_t word) {
    return 2 * word;
}

static void serve_lrpc(const struct lrpc_request *request) {
    uint64_t word = doubled(request->payload[0]);
    struct lrpc_answer answer = {.words = 1, .word = &word};
    lrpc_reply(request, &answer);
}

static void serve_channel(struct channel *channel, const struct urpc_message *message) {
    struct urpc_message answer = {.word = {doubled(message->word[0])}, .type = 1, .words = 1};
    (void)channel_try_send(channel, &answer); /* a client has one call under way: there is room */
}

static err_t open(struct bind_channel *end, struct channel *channel,
                  void (*receive)(struct channel *, const struct urpc_message *)) {
    struct channel_request request = {
        .frame = end->memory,
        .size = end->size,
        .side = end->side,
        .wake = end->wake,
        .patience = CHANNEL_PATIENCE,
        .receive = receive,
    };
    end->context = channel;
    return channel_open(channel, &request);
}

#define CLIENTS 64

static struct channel clients[CLIENTS];

static void client_ended(struct bind_channel *end, err_t why) {
    (void)why;
    channel_close(end->context);
}

static err_t accept(struct bind_channel *end) {
    end->ended = client_ended;
    for (unsigned i = 0; i < CLIENTS; i++) {
        if (clients[i].state == CHANNEL_CLOSED) {
            return open(end, &clients[i], serve_channel);
        }
    }
    return ERR_NO_MEMORY;
}

static void service_name(coreid_t core, char name[MONITOR_NAME_BYTES + 1]) {
    snprintf(name, MONITOR_NAME_BYTES + 1, NAME, core);
}

static int serve(bool moves) {
    char name[MONITOR_NAME_BYTES + 1];
    err_t err = moves ? domain_supervise(MONITOR_SUPERVISE_ELSEWHERE) : ERR_OK;
    if (err != ERR_OK) {
        die("it cannot move: %s", err_doc(err));
    }
    service_name(domain_args()->core, name);
    lrpc_serve(serve_lrpc);
    err = bind_export(name, accept);
    if (err != ERR_OK) {
        die("%s is not offered: %s", name, err_doc(err));
    }
    if (moves) {
        printf("%s moves\n", name);
    }
    event_loop();
}

static void take(struct channel *channel, const struct urpc_message *message) {
    struct client *client = (struct client *)channel;
    client->answer = message->word[0];
    event_raise(&client->news);
}

static void server_ended(struct bind_channel *end, err_t why) {
    struct client *client = end->context;
    (void)why;
    channel_close(&client->channel);
    event_raise(&client->gone);
}

static err_t call_channel(struct client *client, uint64_t word, uint64_t *answer) {
    struct urpc_message message = {.word = {word}, .type = 1, .words = 1};
    struct event *const events[] = {&client->news, &client->gone};
    uint64_t deadline = time_deadline(CALL_MS);
    TRY(channel_send(&client->channel, &message, deadline));
    int which = event_wait_any(events, 2, deadline);
    *answer = client->answer;
    return which == 0 ? ERR_OK : which == 1 ? ERR_PEER_DEAD : ERR_TIMEOUT;
}

static err_t call_lrpc(const struct lrpc_binding *binding, uint64_t word, uint64_t *answer) {
    struct lrpc_call call = {.operation = 1, .request = {word}, .deadline_ms = CALL_MS};
    TRY(lrpc_call(binding, &call));
    *answer = call.reply[1];
    return ERR_OK;
}

/* Counts how something that began then has ended. */
static void note(err_t err, uint64_t begun, uint64_t deadline_ms) {
    uint64_t ms = time_us_from_ticks(time_now() - begun) / 1000;
    ended[err < ERRORS ? err : ERRORS - 1]++;
    longest_ms = MAX(longest_ms, ms);
    late += ms > deadline_ms + GRACE_MS;
}

static uint64_t draw(uint64_t below) {
    lot ^= lot << 13;
    lot ^= lot >> 7;
    lot ^= lot << 17;
    return lot % below;
}

static err_t call_once(const struct bind_result *binding, struct client *client) {
    uint64_t word = draw(1ul << 32), answer = 0, begun = time_now();
    err_t err =
        binding->kind == BIND_LRPC ? call_lrpc(&binding->lrpc, word, &answer) : call_channel(client, word, &answer);
    note(err, begun, CALL_MS);
    if (err == ERR_OK) {
        answered++;
        wrong += answer != doubled(word);
    }
    return err;
}

static void let_go(const struct bind_result *binding, struct client *client) {
    if (binding->kind != BIND_CHANNEL) {
        return;
    }
    channel_close(&client->channel);
    if (!event_take(&client->gone)) {
        bind_release(binding->channel);
    }
}

static void one_round(coreid_t core) {
    static struct client client;
    char name[MONITOR_NAME_BYTES + 1];
    struct bind_request request = {.name = name, .deadline_ms = BIND_MS};
    struct bind_result binding;
    uint64_t begun = time_now();
    service_name(core, name);
    err_t err = bind_to(&request, &binding);
    note(err, begun, BIND_MS);
    if (err != ERR_OK) {
        return;
    }
    client = (struct client){0};
    if (binding.kind == BIND_CHANNEL) {
        binding.channel->ended = server_ended;
        err = open(binding.channel, &client.channel, take);
    }
    for (unsigned i = 0; i < CALLS && err == ERR_OK; i++) {
        err = call_once(&binding, &client);
    }
    let_go(&binding, &client);
}

/* What may come of a call while cores come and go. */
static bool is_expected(err_t err) {
    return err == ERR_OK || err == ERR_PEER_DEAD || err == ERR_NOT_FOUND || err == ERR_TIMEOUT;
}

static bool is_good(uint64_t rounds) {
    bool good = wrong == 0 && late == 0 && answered >= rounds * CALLS / 2;
    for (unsigned err = 0; err < ERRORS; err++) {
        good &= ended[err] == 0 || is_expected(err);
    }
    return good;
}

static int call(uint64_t rounds, uint64_t cores) {
    lot = time_now() | 1;
    for (uint64_t i = 0; i < rounds; i++) {
        one_round((coreid_t)draw(cores));
    }
    if (is_good(rounds)) {
        return 0;
    }
    printf("storm: %lu answered, %lu wrong, %lu late, longest %lu ms\n", answered, wrong, late, longest_ms);
    for (unsigned err = 1; err < ERRORS; err++) {
        if (ended[err] != 0) {
            printf("storm: %lu %s\n", ended[err], err_name(err));
        }
    }
    return 1;
}

int main(int argc, char **argv) {
    uint64_t rounds, cores;
    if ((argc == 2 || (argc == 3 && strcmp(argv[2], "moving") == 0)) && strcmp(argv[1], "serve") == 0) {
        return serve(argc == 3);
    }
    if (argc == 4 && strcmp(argv[1], "call") == 0 && string_to_u64(argv[2], &rounds) &&
        string_to_u64(argv[3], &cores) && cores > 0) {
        return call(rounds, cores);
    }
    die("storm serve, storm serve moving, or storm call ROUNDS CORES");
}
