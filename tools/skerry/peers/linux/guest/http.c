/* A static page of 4.1 kB over HTTP, a new connection each time. `argument`: the server's core. */
#define _GNU_SOURCE
#include "bench.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net.h"
#include "process.h"
#include "samples.h"

#define PORT 8080
#define PAGE_BYTES 4100
#define HEAD_MAX 256

static const char request[] = "GET /index.html HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n";
static char page[HEAD_MAX + PAGE_BYTES];
static int page_size;

static int listen_here(void) {
    static const char head[] = "HTTP/1.0 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n";
    int one = 1, made = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in here = net_address(PORT);
    setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(made, (void *)&here, sizeof(here)) != 0 || listen(made, 128) != 0) {
        die("listen");
    }
    page_size = snprintf(page, HEAD_MAX, head, PAGE_BYTES);
    memset(page + page_size, 'x', PAGE_BYTES);
    page_size += PAGE_BYTES;
    return made;
}

static void request_read(int connection) {
    char text[2048];
    size_t got = 0;
    do {
        ssize_t more = read(connection, text + got, sizeof(text) - 1 - got);
        if (more <= 0) {
            die("request");
        }
        got += (size_t)more;
        text[got] = 0;
    } while (strstr(text, "\r\n\r\n") == NULL);
}

static void serve_all(int listener, int core) {
    pin(core);
    for (int i = 0; i < samples_rounds(); i++) {
        int connection = accept(listener, NULL, NULL);
        if (connection < 0) {
            die("accept");
        }
        request_read(connection);
        write_all(connection, page, (size_t)page_size);
        close(connection);
    }
    _exit(0);
}

static void page_get(void) {
    char text[8192];
    struct sockaddr_in there = net_address(PORT);
    int connection = socket(AF_INET, SOCK_STREAM, 0);
    ssize_t got = 0, more;
    if (connect(connection, (void *)&there, sizeof(there)) != 0) {
        die("connect");
    }
    write_all(connection, request, sizeof(request) - 1);
    while ((more = read(connection, text, sizeof(text))) > 0) {
        got += more;
    }
    close(connection);
    if (got != page_size) {
        die("a short page");
    }
}

static void pages(const struct path *path) {
    net_up();
    int listener = listen_here();
    pid_t other = process_fork();
    if (other == 0) {
        serve_all(listener, path->argument);
    }
    pin(0);
    settle();
    samples_begin();
    while (samples_more()) {
        uint64_t begin = stamp_begin();
        page_get();
        samples_take(stamp_end() - begin);
    }
    process_reap(other);
    close(listener);
    samples_end(path->name);
}

const struct path http_paths[] = {
    {"http-4k", pages, 1, 0},
    {"http-4k-across", pages, 2, 1},
    {0},
};
