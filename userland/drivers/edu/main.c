/* The driver of QEMU's teaching device `edu`: a factorial unit, and interrupts on demand. [QEMU, docs/specs/edu.txt]

   edu factorial N     by registers, its end told by a message
   edu msi COUNT       as many interrupts by message, one after the other
   edu intx COUNT      by the level-triggered line: each must arrive once, and again only if it is acknowledged too early
   ... after KEY       the same again when that key has a value (kv put): the machine may have got another home meanwhile
   edu die             ends by a fault while its line is raised and in service: the machine must not notice
   edu leave           the same, but says goodbye
   edu hold            keeps it so for ever, for whoever wants to end this domain's core */
#include <abi/stubs.h>
#include <skerry/domain.h>
#include <skerry/driver.h>
#include <skerry/fibre.h>
#include <skerry/keys.h>
#include <skerry/print.h>
#include <skerry/string.h>
#include <skerry/time.h>

#define EDU_VENDOR 0x1234
#define EDU_DEVICE 0x11e8
#define EDU_REGISTERS 0
#define EDU_BIT 1
#define ARRIVAL_MS 2000
#define QUIET_MS 2
#define LOOK_MS 20
#define KEY_MS 30000
#define COUNT_MAX 10000
#define FACTORIAL_MAX 12 /* fits 32 bits */

enum edu_register {
    EDU_ID = 0x00,
    EDU_FACTORIAL = 0x08,
    EDU_STATUS = 0x20,
    EDU_INTERRUPTS = 0x24, /* why the interrupt is raised */
    EDU_RAISE = 0x60,
    EDU_QUIET = 0x64
};
#define EDU_ID_LOW 0xed
#define STATUS_BUSY 0x01
#define STATUS_INTERRUPT 0x80 /* at the end of a factorial */
#define REASON_OURS 0x100

static uint64_t location;
static struct driver_registers registers;
static struct driver_interrupt interrupt;

static uint32_t edu_read(enum edu_register which) {
    return *(volatile uint32_t *)((volatile char *)registers.at + which);
}

static void edu_write(enum edu_register which, uint32_t value) {
    *(volatile uint32_t *)((volatile char *)registers.at + which) = value;
}

static err_t edu_open(enum monitor_interrupt kind) {
    TRY(driver_device(EDU_VENDOR, EDU_DEVICE, &location));
    TRY(driver_registers(location, EDU_REGISTERS, &registers));
    if ((edu_read(EDU_ID) & 0xff) != EDU_ID_LOW) {
        return ERR_FORMAT;
    }
    edu_write(EDU_QUIET, edu_read(EDU_INTERRUPTS)); /* whatever a former driver has left */
    struct driver_request request = {kind, location, EDU_BIT};
    return driver_interrupt(&request, &interrupt);
}

static bool arrives_within(uint64_t ms) {
    return driver_wait(&interrupt, time_deadline(ms));
}

static void quiet(void) {
    edu_write(EDU_QUIET, edu_read(EDU_INTERRUPTS));
}

static int factorial(uint64_t n) {
    edu_write(EDU_STATUS, STATUS_INTERRUPT);
    edu_write(EDU_FACTORIAL, (uint32_t)n);
    if (!arrives_within(ARRIVAL_MS)) {
        printf("edu: no interrupt at the end\n");
        return 1;
    }
    quiet();
    printf("edu: %lu! = %u\n", n, edu_read(EDU_FACTORIAL));
    return 0;
}

static int messages(uint64_t count) {
    uint64_t arrived = 0;
    for (uint64_t i = 0; i < count; i++) {
        edu_write(EDU_RAISE, REASON_OURS);
        arrived += arrives_within(ARRIVAL_MS);
        quiet();
    }
    bool extra = arrives_within(QUIET_MS);
    printf("edu: msi, %lu raised, %lu arrived, %s\n", count, arrived, extra ? "and more" : "no more");
    return arrived == count && !extra ? 0 : 1;
}

/* One turn of the line. NULL, or what went wrong. */
static const char *line_turn(uint64_t *arrived) {
    edu_write(EDU_RAISE, REASON_OURS);
    if (!arrives_within(ARRIVAL_MS)) {
        return "did not arrive";
    }
    ++*arrived;
    quiet();
    if (driver_done(&interrupt) != ERR_OK) {
        return "was not in service";
    }
    return driver_done(&interrupt) == ERR_NOT_READY ? NULL : "was in service twice";
}

/* In service it is silent however long the device holds the line; acknowledged while the line is raised it comes again. */
static const char *line_held(uint64_t *arrived) {
    edu_write(EDU_RAISE, REASON_OURS);
    if (!arrives_within(ARRIVAL_MS)) {
        return "did not arrive";
    }
    ++*arrived;
    if (arrives_within(QUIET_MS)) {
        return "came again while it was in service";
    }
    if (driver_done(&interrupt) != ERR_OK || !arrives_within(ARRIVAL_MS)) {
        return "did not come again when it was acknowledged too early";
    }
    ++*arrived;
    quiet();
    if (driver_done(&interrupt) != ERR_OK) {
        return "was not in service";
    }
    return arrives_within(QUIET_MS) ? "came though nobody raised it" : NULL;
}

static int line(uint64_t count) {
    uint64_t arrived = 0;
    const char *wrong = NULL;
    for (uint64_t i = 0; i < count && wrong == NULL; i++) {
        wrong = line_turn(&arrived);
    }
    uint64_t turns = arrived;
    if (wrong == NULL) {
        wrong = line_held(&arrived);
    }
    if (wrong != NULL) {
        printf("edu: intx, interrupt %lu %s\n", arrived, wrong);
        return 1;
    }
    printf("edu: intx, %lu raised, %lu arrived, no more; held: once, then once again\n", count, turns);
    return 0;
}

static int end_in_service(const char *how) {
    edu_write(EDU_RAISE, REASON_OURS);
    if (!arrives_within(ARRIVAL_MS)) {
        printf("edu: no interrupt\n");
        return 1;
    }
    bool stays = strcmp(how, "hold") == 0;
    printf("edu: the line is raised and in service, %s\n", stays ? "holding it" : "ending now");
    if (stays) {
        event_loop();
    }
    if (strcmp(how, "die") == 0) {
        (void)*(volatile int *)NULL;
    }
    return 0;
}

static int run(const char *what, uint64_t n) {
    if (strcmp(what, "factorial") == 0) {
        return factorial(n);
    }
    if (strcmp(what, "msi") == 0) {
        return messages(n);
    }
    return strcmp(what, "intx") == 0 ? line(n) : end_in_service(what);
}

static int again(const char *what, uint64_t n, uint64_t key) {
    uint64_t value, deadline = time_deadline(KEY_MS);
    while (key_get(key, &value) != ERR_OK) {
        if (time_now() >= deadline) {
            printf("edu: nobody has put that key\n");
            return 1;
        }
        fibre_sleep_until(time_deadline(LOOK_MS));
    }
    return run(what, n);
}

static bool is_one_of(const char *word, const char *const *list) {
    while (*list != NULL && strcmp(word, *list) != 0) {
        list++;
    }
    return *list != NULL;
}

int main(int argc, char **argv) {
    static const char *const counted[] = {"factorial", "msi", "intx", NULL}, *const endings[] = {"die", "leave", "hold",
                                                                                                 NULL};
    uint64_t n = 0, key = 0;
    bool twice = argc == 5 && strcmp(argv[3], "after") == 0 && key_from_text(argv[4], &key) == ERR_OK;
    bool by_message = argc > 1 && (strcmp(argv[1], "factorial") == 0 || strcmp(argv[1], "msi") == 0);
    bool good = ((argc == 3 || twice) && is_one_of(argv[1], counted) && string_to_u64(argv[2], &n) && n <= COUNT_MAX) ||
                (argc == 2 && is_one_of(argv[1], endings));
    if (!good || (strcmp(argv[1], "factorial") == 0 && n > FACTORIAL_MAX)) {
        printf("edu factorial 0..%u | msi COUNT | intx COUNT [after KEY] | die | leave | hold\n", FACTORIAL_MAX);
        return 1;
    }
    err_t err = edu_open(by_message ? MONITOR_INTERRUPT_MSI : MONITOR_INTERRUPT_INTX);
    if (err != ERR_OK) {
        printf("edu: %s\n", err == ERR_NOT_FOUND ? "no such device: boot with --machine edu" : err_doc(err));
        return 1;
    }
    int status = run(argv[1], n);
    return status == 0 && twice ? again(argv[1], n, key) : status;
}
