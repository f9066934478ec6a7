/* A function that inlines two others: what the symboliser must see through. */
int counter;
volatile int *sink = &counter;

static inline __attribute__((always_inline)) void deepest(int value) {
    *sink = value;
    __builtin_trap();
}

static inline __attribute__((always_inline)) void middle(int value) {
    deepest(value + 1);
}

void outer(int value);
void outer(int value) {
    *sink = 0;
    middle(value);
}

void start(void);
void start(void) {
    outer(3);
    *sink = 1;
}
