/* Ends by the fault that its argument names: what happens to a domain then is a test of the system, and practice for
   whoever has to read such a report. Each kind must end this domain and nothing else. */
#include <skerry/domain.h>
#include <skerry/print.h>
#include <skerry/string.h>

static void read_null(void) {
    (void)*(const volatile int *)NULL;
}

static void write_code(void) {
    *(volatile char *)(uintptr_t)main = 0;
}

static void run_data(void) {
    static char data[16] = {(char)0xc3};
    ((void (*)(void))(uintptr_t)data)();
}

static void read_kernel(void) {
    (void)*(const volatile int *)KERNEL_WINDOW;
}

static void undefined_instruction(void) {
    __asm__ volatile("ud2");
}

static void privileged_instruction(void) {
    __asm__ volatile("cli");
}

static void use_port(void) {
    __asm__ volatile("outb %%al, $0xf4" : : "a"(0));
}

static void deep(volatile char *above) {
    volatile char frame[512];
    frame[0] = *above;
    if (frame[0] != 0) {
        deep(frame);
    }
    frame[1] = frame[0]; /* after the call, so that it is one */
}

static void overflow_stack(void) {
    volatile char start = 1;
    deep(&start);
}

static void bad_status(void) {
    exit(3);
}

static const struct {
    const char *name;
    void (*run)(void);
} kinds[] = {
    {"null", read_null},
    {"code", write_code},
    {"data", run_data},
    {"kernel", read_kernel},
    {"undefined", undefined_instruction},
    {"privileged", privileged_instruction},
    {"port", use_port},
    {"stack", overflow_stack},
    {"status", bad_status},
};

int main(int argc, char **argv) {
    for (unsigned i = 0; argc == 2 && i < ARRAY_SIZE(kinds); i++) {
        if (strcmp(kinds[i].name, argv[1]) == 0) {
            kinds[i].run();
            printf("%s: went through\n", argv[1]);
            return 2;
        }
    }
    printf("fault KIND: null, code, data, kernel, undefined, privileged, port, stack or status\n");
    return 1;
}
