/* The frame of a URPC channel: its set-up line, and where the rest is. The shape in that line is the word of whoever formatted the
   frame: it is read once, and must be one that fits. */
#include "lib/urpc_internal.h"

#define LINE_ACK 1
#define MAGIC 0x33435052555953 /* "SYURPC3" */

struct setup_line {
    uint64_t magic;
    uint64_t slots, slot; /* slots of a ring; bytes of a slot */
    uint64_t apic[2];
    uint64_t label;
};

static uint32_t slot_of(const struct urpc_shape *shape) {
    return shape->slot != 0 ? shape->slot : URPC_LINE;
}

size_t urpc_size(const struct urpc_shape *shape, uint32_t slots) {
    return URPC_HEAD_LINES * URPC_LINE + 2 * ALIGN_UP((size_t)slots * slot_of(shape), (size_t)URPC_LINE);
}

/* Both rings begin with a line, so they have whole lines. 0: there is no room, or no such shape. */
static uint64_t slots_in(size_t size, uint64_t slot) {
    uint64_t head = URPC_HEAD_LINES * URPC_LINE;
    if ((slot != 16 && slot != 32 && slot != URPC_LINE) || size < head) {
        return 0;
    }
    uint64_t slots = (size - head) / (2 * URPC_LINE) * (URPC_LINE / slot);
    return slots < URPC_SLOTS_MIN ? 0 : MIN(slots, (uint64_t)URPC_SLOTS_MAX);
}

err_t urpc_format_as(void *frame, size_t size, const struct urpc_shape *shape) {
    struct setup_line *setup = frame;
    uint64_t slots = slots_in(size, slot_of(shape));
    if (slots == 0) {
        return ERR_ARGUMENT;
    }
    urpc_store(&setup->slots, slots);
    urpc_store(&setup->slot, slot_of(shape));
    urpc_store(&setup->apic[0], shape->apic[0]);
    urpc_store(&setup->apic[1], shape->apic[1]);
    urpc_store(&setup->label, shape->label);
    urpc_store_release(&setup->magic, MAGIC);
    return ERR_OK;
}

void urpc_format(void *frame, size_t size, const uint32_t apic[2]) {
    struct urpc_shape shape = {.apic = {apic[0], apic[1]}};
    shape.label = (uint32_t)(__builtin_ia32_rdtsc() << 8 | (apic[1] & 0xff));
    (void)urpc_format_as(frame, size, &shape); /* a frame too small is refused when it is opened */
}

uint32_t urpc_apic(const void *frame, unsigned side) {
    const struct setup_line *setup = frame;
    return (uint32_t)urpc_load(&setup->apic[side]);
}

uint32_t urpc_label(const void *frame) {
    return (uint32_t)urpc_load(&((const struct setup_line *)frame)->label);
}

static void place(struct urpc *channel, char *frame, unsigned side) {
    uint64_t ring = channel->slots * channel->slot_bytes;
    char *rings = frame + URPC_HEAD_LINES * URPC_LINE;
    channel->tx_first = (uint64_t *)(void *)(rings + side * ring);
    channel->rx_first = (uint64_t *)(void *)(rings + (1 - side) * ring);
    channel->tx_end = (uint64_t *)(void *)((char *)channel->tx_first + ring);
    channel->rx_end = (uint64_t *)(void *)((char *)channel->rx_first + ring);
    channel->my_ack = (uint64_t *)(void *)(frame + (LINE_ACK + side) * URPC_LINE);
    channel->peer_ack = (uint64_t *)(void *)(frame + (LINE_ACK + 1 - side) * URPC_LINE);
}

err_t urpc_open(struct urpc *channel, void *frame, size_t size, unsigned side) {
    const struct setup_line *setup = frame;
    if (size < sizeof(*setup) || side > 1 || urpc_load_acquire(&setup->magic) != MAGIC) {
        return ERR_FORMAT;
    }
    uint64_t slots = urpc_load(&setup->slots), slot = urpc_load(&setup->slot);
    if (slots == 0 || slots != slots_in(size, slot)) {
        return ERR_FORMAT;
    }
    *channel = (struct urpc){.slots = (uint32_t)slots, .slot_bytes = slot};
    place(channel, frame, side);
    channel->tx = channel->tx_stop = channel->tx_first;
    channel->rx = channel->rx_first;
    channel->rx_stop = urpc_middle(channel);
    channel->header.lap = channel->rx_lap = urpc_lap(0);
    return ERR_OK;
}
