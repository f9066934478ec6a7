/* UDP over the loopback: echoes, and a stream whose sender is never more than a window ahead, so that nothing is dropped.
   `argument`: bytes of a packet, negative when the other process is on the same core. */
#define _GNU_SOURCE
#include "bench.h"

#include <sched.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net.h"
#include "process.h"
#include "samples.h"

#define PORT 7001
#define PACKET_MAX 2048
#define BURST 256 /* packets in a sample of the stream */
#define WINDOW 32
#define BUFFER (1 << 20)

struct pair {
    int mine, other, size, core;
};

static int bound(int port, int peer) {
    int made = socket(AF_INET, SOCK_DGRAM, 0), room = BUFFER;
    struct sockaddr_in here = net_address(port), there = net_address(peer);
    if (made < 0 || bind(made, (void *)&here, sizeof(here)) != 0 || connect(made, (void *)&there, sizeof(there)) != 0) {
        die("udp socket");
    }
    setsockopt(made, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
    return made;
}

static struct pair pair_open(const struct path *path) {
    net_up();
    shared_clear();
    return (struct pair){
        .mine = bound(PORT, PORT + 1),
        .other = bound(PORT + 1, PORT),
        .size = abs(path->argument),
        .core = path->argument > 0 ? 1 : 0,
    };
}

static void pair_close(const struct pair *pair) {
    close(pair->mine);
    close(pair->other);
}

static void packet_send(int from, const struct pair *pair) {
    static char packet[PACKET_MAX];
    if (send(from, packet, (size_t)pair->size, 0) != pair->size) {
        die("udp send");
    }
}

static void packet_receive(int at, const struct pair *pair) {
    static char packet[PACKET_MAX];
    if (recv(at, packet, sizeof(packet), 0) != pair->size) {
        die("udp receive");
    }
}

static void echo_all(const struct pair *pair) {
    pin(pair->core);
    for (int i = 0; i < samples_rounds(); i++) {
        packet_receive(pair->other, pair);
        packet_send(pair->other, pair);
    }
    _exit(0);
}

static void echo(const struct path *path) {
    struct pair pair = pair_open(path);
    pid_t other = process_fork();
    if (other == 0) {
        echo_all(&pair);
    }
    pin(0);
    samples_begin();
    while (samples_more()) {
        uint64_t begin = stamp_begin();
        packet_send(pair.mine, &pair);
        packet_receive(pair.mine, &pair);
        samples_take(stamp_end() - begin);
    }
    process_reap(other);
    pair_close(&pair);
    samples_end(path->name);
}

static void take_all(const struct pair *pair) {
    process_ready(pair->core);
    for (int i = 0; i < samples_rounds() * BURST; i++) {
        packet_receive(pair->other, pair);
        shared->taken = (uint64_t)i + 1;
    }
    process_leave();
}

/* Until the other one has taken so many; on its core it can only be let run. */
static void await_taken(const struct pair *pair, uint64_t count) {
    while (shared->taken < count) {
        if (pair->core == 0) {
            sched_yield();
        } else {
            pause_once();
        }
    }
}

static void stream(const struct path *path) {
    uint64_t sent = 0;
    struct pair pair = pair_open(path);
    pid_t other = process_fork();
    if (other == 0) {
        take_all(&pair);
    }
    pin(0);
    process_await(1);
    samples_begin();
    while (samples_more()) {
        uint64_t begin = stamp_begin();
        for (int i = 0; i < BURST; i++) {
            await_taken(&pair, sent < WINDOW ? 0 : sent - WINDOW + 1);
            packet_send(pair.mine, &pair);
            sent++;
        }
        await_taken(&pair, sent);
        samples_take(stamp_end() - begin);
    }
    process_dismiss(other);
    pair_close(&pair);
    samples_end(path->name);
}

const struct path udp_paths[] = {
    {"udp-echo-64", echo, 1, -64},
    {"udp-echo-1000", echo, 1, -1000},
    {"udp-stream-1000-256", stream, 1, -1000},
    {"udp-echo-64-across", echo, 2, 64},
    {"udp-echo-1000-across", echo, 2, 1000},
    {"udp-stream-1000-across-256", stream, 2, 1000},
    {0},
};
