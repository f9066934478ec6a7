/* Marks for the emulator: instructions that do nothing on a processor and in plain QEMU. Where a run is watched by the plugin
   tools/skerry/plugins/coherence.c, they say which interval is to be measured; it has the same numbers. */
#ifndef SKERRY_MARK_H
#define SKERRY_MARK_H

/* nopl 0x4d4b50NN(%rax) */
#define MARK_TEXT(number) ".byte 0x0f, 0x1f, 0x80; .long 0x4d4b5000 + " #number
#define MARK_BEGIN_TEXT MARK_TEXT(1)
#define MARK_END_TEXT MARK_TEXT(2)
#define MARK_ARRIVE_TEXT MARK_TEXT(5)
#define MARK(text) __asm__ volatile(text : : : "memory")

/* An interval: from begin to end on one core, or to `arrive` on whichever core that is executed. */
static inline void mark_begin(void) {
    MARK(MARK_BEGIN_TEXT);
}

static inline void mark_end(void) {
    MARK(MARK_END_TEXT);
}

/* What was measured so far is whole: what follows belongs to the next group. */
static inline void mark_next(void) {
    MARK(MARK_TEXT(3));
}

/* Once, before the first interval: memory is watched from now on. */
static inline void mark_arm(void) {
    MARK(MARK_TEXT(4));
}

static inline void mark_arrive(void) {
    MARK(MARK_ARRIVE_TEXT);
}

/* This core's last interval was spoiled. */
static inline void mark_drop(void) {
    MARK(MARK_TEXT(6));
}

/* An interval that this core has begun and not ended is none; what has ended stays. */
static inline void mark_cancel(void) {
    MARK(MARK_TEXT(8));
}

/* All of this group so far was to warm up. */
static inline void mark_forget(void) {
    MARK(MARK_TEXT(7));
}

#endif
