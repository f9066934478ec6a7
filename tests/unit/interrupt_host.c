/* kernel/core/interrupt.c on the host, over a model of the local APIC: a vector is taken only above the priority class of the
   highest in service, and an end of interrupt ends that highest. Standard input has an order a line: `arrive V`, `ack V`,
   `bind V`, `unbind V`. Each is answered by its result and the vectors in service, lowest first. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/dispatcher.h"
#include "core/interrupt.h"
#include "x86_64/apic.h"

static bool in_service[256];
static unsigned notified;

static int highest(void) {
    int at = 255;
    while (at >= 0 && !in_service[at]) {
        at--;
    }
    return at;
}

void apic_end(void) {
    int at = highest();
    if (at < 0) {
        (void)fprintf(stderr, "an end of interrupt with none in service\n");
        abort();
    }
    in_service[at] = false;
}

/* A core that has never run: there is nothing to drain. */
bool apic_left_pending(void) {
    return false;
}

void dispatcher_notify(struct dispatcher *d, unsigned bit) {
    (void)d, (void)bit;
    notified++;
}

struct dispatcher *dispatcher_of(const struct cap *cap) {
    static struct dispatcher driver;
    (void)cap;
    return &driver;
}

void panic_assert(const char *condition, const char *file, unsigned line) {
    (void)fprintf(stderr, "%s:%u: %s\n", file, line, condition);
    abort();
}

static const char *arrive(unsigned vector) {
    int above = highest();
    if (above >= 0 && (int)(vector >> 4) <= above >> 4) {
        return "held";
    }
    in_service[vector] = true;
    notified = 0;
    interrupt_arrived(vector);
    return notified != 0 ? "notified" : "dropped";
}

static const char *obey(const char *what, unsigned vector) {
    struct cap notification = {.extra = 1};
    if (strcmp(what, "arrive") == 0) {
        return arrive(vector);
    }
    if (strcmp(what, "ack") == 0) {
        return interrupt_acknowledge(vector) == ERR_OK ? "ok" : "none";
    }
    if (strcmp(what, "bind") == 0) {
        interrupt_bind(vector, &notification);
    } else {
        interrupt_unbind(vector);
    }
    return "ok";
}

int main(void) {
    char what[16];
    unsigned vector;
    while (scanf("%15s %u", what, &vector) == 2) {
        (void)printf("%s", obey(what, vector));
        for (unsigned i = 0; i < 256; i++) {
            if (in_service[i]) {
                (void)printf(" %u", i);
            }
        }
        (void)printf("\n");
    }
    return 0;
}
