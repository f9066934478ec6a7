/*
 * What agreement costs on machines that we do not have: the engine's own code (userland/lib/agree) on up to 1,024 simulated
 * cores, each with a clock. A message keeps its sender busy for its instructions and its receiver for its instructions and
 * the transfer of one line; between them lies another transfer, of the line that the sender had to take from the receiver,
 * which no core waits for (a store is buffered). A broadcast is one line, which its readers get one after the other.
 *
 * Request: cores, cores a socket, phases, topology, transactions begun at once, instructions of a send, of a receive, then
 * the transfer by socket of sender and receiver, then the tree from core 0 (parents, ranks). Answer: ticks until the last
 * transaction was done, messages, ticks of all cores, how many transactions committed.
 */
#include <stdio.h>
#include <stdlib.h>

#include <skerry/agree.h>

enum { SOCKETS = AGREE_CORES, REQUEST_HEAD = 7 };

struct arrival {
    uint64_t time, order;
    unsigned from, to;
    struct agree_message message;
};

struct core {
    uint64_t clock, busy;
    struct agree engine;
    struct agree_config config;
    struct agree_record record[AGREE_WINDOW];
};

static struct core core[AGREE_CORES];
static struct agree_tree tree;
static struct agree_branches branches;
static uint32_t line[SOCKETS][SOCKETS];
static uint64_t cores, per_socket, phases, topology, begun, send_cost, receive_cost;

static struct arrival **heap;
static size_t waiting, room;
static uint64_t sent, committed, done_at;

static uint64_t transfer(unsigned from, unsigned to) {
    return line[from / per_socket][to / per_socket];
}

/* Arrivals, the earliest first. */

static int before(const struct arrival *a, const struct arrival *b) {
    return a->time != b->time ? a->time < b->time : a->order < b->order;
}

static void swap(size_t i, size_t j) {
    struct arrival *kept = heap[i];
    heap[i] = heap[j];
    heap[j] = kept;
}

static void push(struct arrival *arrival) {
    if (waiting == room) {
        room = room == 0 ? 1024 : 2 * room;
        heap = realloc(heap, room * sizeof(struct arrival *));
    }
    size_t at = waiting++;
    heap[at] = arrival;
    for (; at > 0 && before(heap[at], heap[(at - 1) / 2]); at = (at - 1) / 2) {
        swap(at, (at - 1) / 2);
    }
}

static struct arrival *pop(void) {
    struct arrival *first = heap[0];
    heap[0] = heap[--waiting];
    for (size_t at = 0; 2 * at + 1 < waiting;) {
        size_t child = 2 * at + 1;
        child += child + 1 < waiting && before(heap[child + 1], heap[child]);
        if (!before(heap[child], heap[at])) {
            break;
        }
        swap(at, child);
        at = child;
    }
    return first;
}

static void spend(struct core *at, uint64_t ticks) {
    at->clock += ticks;
    at->busy += ticks;
}

static void depart(unsigned from, unsigned to, uint64_t time, const struct agree_message *message) {
    struct arrival *arrival = malloc(sizeof(*arrival));
    *arrival = (struct arrival){.time = time, .order = sent++, .from = from, .to = to, .message = *message};
    push(arrival);
}

static void send(void *context, unsigned to, const struct agree_message *message) {
    struct core *from = context;
    spend(from, send_cost);
    depart(from->config.self, to, from->clock + transfer(from->config.self, to), message);
}

static void send_all(void *context, const struct agree_set *to, const struct agree_message *message) {
    struct core *from = context;
    spend(from, send_cost);
    uint64_t handed = from->clock;
    AGREE_FOR_EACH(reader, to) {
        handed += transfer(from->config.self, reader);
        depart(from->config.self, reader, handed, message);
    }
}

static const struct agree_tree *tree_of(void *context, enum agree_topology wanted, unsigned root) {
    (void)context;
    return wanted >= AGREE_MULTICAST && root == 0 ? &tree : NULL;
}

static void doubt(void *context, const struct agree_set *members) {
    (void)context;
    (void)members;
}

static err_t prepare(void *context, const struct agree_work *work, uint64_t *holder) {
    (void)context;
    (void)work;
    (void)holder;
    return ERR_OK;
}

static err_t finish(void *context, const struct agree_work *work, enum agree_end end) {
    (void)context;
    (void)work;
    (void)end;
    return ERR_OK;
}

static void done(void *context, uint64_t cookie, err_t result) {
    const struct core *at = context;
    (void)cookie;
    committed += result == ERR_OK;
    done_at = at->clock;
}

static const struct agree_client client = {.prepare = prepare, .finish = finish, .done = done};

static struct agree_set everyone(void) {
    struct agree_set all = {};
    for (unsigned i = 0; i < cores; i++) {
        agree_add(&all, i);
    }
    return all;
}

static void begin(unsigned self) {
    struct core *at = &core[self];
    at->config = (struct agree_config){
        .self = self,
        .cores = (unsigned)cores,
        .coordinators = 1,
        .epoch = 1,
        .live = everyone(),
        .patience = UINT64_MAX / 2,
        .context = at,
        .send = send,
        .branches = &branches,
        .send_all = send_all,
        .tree = tree_of,
        .doubt = doubt,
        .client = {&client},
    };
    at->clock = at->busy = 0;
    agree_init(&at->engine, &at->config, at->record);
}

static void run(void) {
    struct agree_request request = {
        .phases = (uint16_t)phases,
        .topology = (uint16_t)topology,
        .flags = AGREE_ALONE,
        .members = everyone(),
        .deadline = UINT64_MAX,
    };
    for (uint64_t i = 0; i < begun; i++) {
        if (agree_submit(&core[0].engine, &request) != ERR_OK) {
            abort();
        }
    }
    while (waiting > 0) {
        struct arrival *arrival = pop();
        struct core *to = &core[arrival->to];
        to->clock = to->clock > arrival->time ? to->clock : arrival->time;
        spend(to, receive_cost + transfer(arrival->from, arrival->to));
        if (agree_receive(&to->engine, arrival->from, &arrival->message) != ERR_OK) {
            abort();
        }
        free(arrival);
    }
}

static uint64_t word(void) {
    uint64_t value;
    if (fread(&value, sizeof(value), 1, stdin) != 1) {
        exit(0);
    }
    return value;
}

static void read_request(void) {
    uint64_t *head[REQUEST_HEAD] = {&cores, &per_socket, &phases, &topology, &begun, &send_cost, &receive_cost};
    (void)word(); /* how many follow: as many as these say */
    for (int i = 0; i < REQUEST_HEAD; i++) {
        *head[i] = word();
    }
    if (cores == 0 || cores > AGREE_CORES || per_socket == 0 || topology >= AGREE_TOPOLOGIES) {
        abort();
    }
    uint64_t sockets = (cores + per_socket - 1) / per_socket;
    for (uint64_t i = 0; i < sockets * sockets; i++) {
        line[i / sockets][i % sockets] = (uint32_t)word();
    }
    for (uint64_t i = 0; i < cores; i++) {
        tree.parent[i] = (uint16_t)word();
    }
    for (uint64_t i = 0; i < cores; i++) {
        tree.rank[i] = (uint16_t)word();
    }
}

int main(void) {
    for (;;) {
        read_request();
        sent = committed = done_at = 0;
        uint64_t busy = 0;
        for (unsigned i = 0; i < cores; i++) {
            begin(i);
        }
        run();
        for (unsigned i = 0; i < cores; i++) {
            busy += core[i].busy;
        }
        uint64_t answer[] = {4, done_at, sent, busy, committed};
        fwrite(answer, sizeof(*answer), 5, stdout);
        fflush(stdout);
    }
}
