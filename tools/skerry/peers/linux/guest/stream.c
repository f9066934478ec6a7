/* Round trips of 64 bytes to another process over a pair of pipes or a UNIX socket. `argument`: the other one's core. */
#include "bench.h"

#include <sys/socket.h>
#include <unistd.h>

#include "process.h"
#include "samples.h"

#define MESSAGE 64

/* Both directions: read end, write end. */
struct stream {
    int there[2], back[2];
};

static void answer_all(const struct stream *stream, int core) {
    char message[MESSAGE];
    pin(core);
    for (int i = 0; i < samples_rounds(); i++) {
        read_all(stream->there[0], message, MESSAGE);
        write_all(stream->back[1], message, MESSAGE);
    }
    _exit(0);
}

static void round_trips(const struct path *path, const struct stream *stream) {
    char message[MESSAGE] = {1};
    pid_t other = process_fork();
    if (other == 0) {
        answer_all(stream, path->argument);
    }
    pin(0);
    samples_begin();
    while (samples_more()) {
        uint64_t begin = stamp_begin();
        write_all(stream->there[1], message, MESSAGE);
        read_all(stream->back[0], message, MESSAGE);
        samples_take(stamp_end() - begin);
    }
    process_reap(other);
    for (int i = 0; i < 2; i++) {
        close(stream->there[i]);
        close(stream->back[i]);
    }
    samples_end(path->name);
}

static void pipes(const struct path *path) {
    struct stream stream;
    if (pipe(stream.there) != 0 || pipe(stream.back) != 0) {
        die("pipe");
    }
    round_trips(path, &stream);
}

static void sockets(const struct path *path) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) {
        die("socketpair");
    }
    struct stream stream = {{ends[1], ends[0]}, {dup(ends[0]), dup(ends[1])}};
    round_trips(path, &stream);
}

const struct path stream_paths[] = {
    {"pipe", pipes, 1, 0},
    {"unix-socket", sockets, 1, 0},
    {"pipe-across", pipes, 2, 1},
    {"unix-socket-across", sockets, 2, 1},
    {0},
};
