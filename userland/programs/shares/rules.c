/* What is refused and by which name, and what is gone with the memory that the shared part was cut from. */
#include "programs/shares/shares.h"

#include <abi/stubs.h>
#include <if/monitor.h>
#include <skerry/domain.h>
#include <skerry/print.h>
#include <skerry/ram.h>
#include <skerry/slots.h>

#define OFTEN 50
#define PART (4 * PAGE_SIZE)

static void expect(const char *what, err_t err, err_t wanted) {
    if (err != wanted) {
        die("%s: %s, not %s", what, err_name(err), err_name(wanted));
    }
}

static capaddr_t memory(void) {
    struct ram_block block;
    struct ram_request request = {.size = PAGES * PAGE_SIZE};
    capaddr_t cap;
    expect("memory", ram_alloc(&request, &block), ERR_OK);
    expect("a capability", ram_retype(&block, CAP_TYPE_RAM, &cap), ERR_OK);
    return cap;
}

static capaddr_t part_of(capaddr_t cap, unsigned type, uint64_t offset, uint64_t size) {
    capaddr_t part = CAP_NULL;
    expect("a part", shared_cap_retype(cap, type, offset, size, &part), ERR_OK);
    return part;
}

int share_alone(void) {
    capaddr_t whole = memory();
    for (unsigned i = 0; i < OFTEN; i++) {
        capaddr_t frame = part_of(whole, CAP_TYPE_FRAME, 0, PAGE_SIZE);
        expect("a retype of what is there", shared_cap_retype(whole, CAP_TYPE_FRAME, 0, PAGE_SIZE, &frame),
               ERR_RETYPE_BUSY);
        expect("a revoke", shared_cap_revoke(whole), ERR_OK);
        slot_release(frame);
    }
    printf("%u retypes and revokes of memory that nobody else has\n", OFTEN);
    return 0;
}

static void refused_locally(capaddr_t part) {
    capaddr_t slot;
    expect("a slot", slot_alloc(&slot), ERR_OK);
    expect("retyping it alone", cap_retype(part, CAP_TYPE_FRAME, 0, PAGE_SIZE, 1, slot_word(slot)), ERR_FOREIGN);
    expect("revoking it alone", cap_revoke(part), ERR_FOREIGN);
    expect("a copy without GRANT", cap_mint(part, slot_word(slot), RIGHT_READ, 0), ERR_OK);
    expect("revoking with that", shared_cap_revoke(slot), ERR_CAP_RIGHTS);
    slot_release(slot);
}

static void refused_retypes(capaddr_t part) {
    capaddr_t made;
    expect("a retype to nothing", shared_cap_retype(part, CAP_TYPE_IRQ, 0, PAGE_SIZE, &made), ERR_RETYPE_TYPE);
    expect("a retype beyond it", shared_cap_retype(part, CAP_TYPE_FRAME, PART, PAGE_SIZE, &made), ERR_RETYPE_RANGE);
    expect("a retype of bytes", shared_cap_retype(part, CAP_TYPE_FRAME, 1, PAGE_SIZE, &made), ERR_RETYPE_RANGE);
    expect("a retype of nothing", shared_cap_retype(part, CAP_TYPE_FRAME, 0, 0, &made), ERR_RETYPE_RANGE);
}

static void refused_sends(struct bind_channel *channel, capaddr_t whole, capaddr_t part) {
    capaddr_t frame = part_of(part, CAP_TYPE_FRAME, 0, PAGE_SIZE);
    expect("sharing a part of it", shared_cap_send(channel, 0, frame), ERR_SHARED);
    expect("sharing what contains it", shared_cap_send(channel, 0, whole), ERR_SHARED);
    expect("lending a part of it", bind_send_cap(channel, 0, frame), ERR_SHARED);
    expect("revoking that part", cap_revoke(frame), ERR_OK);
    slot_release(frame);
    expect("a retype of what contains it", shared_cap_retype(whole, CAP_TYPE_FRAME, 0, PART, &frame), ERR_SHARED);
}

int share_rules(struct bind_channel *channel) {
    struct shared_cap_info info;
    capaddr_t whole = memory(), part = part_of(whole, CAP_TYPE_RAM, 0, PART), copy;
    unsigned third = 0 + 1 + 2 - domain_args()->core - DOMAIN_CORE(channel->peer); /* of the first three cores */
    expect("asking about what is not shared", shared_cap_info(CAP_DISPATCHER, &info), ERR_ARGUMENT);
    expect("sharing a dispatcher", shared_cap_send(channel, 0, CAP_DISPATCHER), ERR_CAP_TYPE);
    expect("sharing it", shared_cap_send(channel, 0, part), ERR_OK);
    expect("sharing it again", shared_cap_send(channel, 0, part), ERR_OK);
    expect("asking about it", shared_cap_info(part, &info), ERR_OK);
    expect("its owner", info.owner == domain_args()->core && info.home == info.owner ? ERR_OK : ERR_FORMAT, ERR_OK);
    expect("moving it to who has none", shared_cap_move(part, third), ERR_ARGUMENT);
    expect("moving it to no core", shared_cap_move(part, 254), ERR_ARGUMENT);
    refused_locally(part);
    refused_retypes(part);
    refused_sends(channel, whole, part);
    expect("a copy of RAM", slot_copy(part, &copy), ERR_OK);
    capaddr_t frame = part_of(copy, CAP_TYPE_FRAME, PAGE_SIZE, PAGE_SIZE);
    expect("revoking what contains it alone", cap_revoke(whole), ERR_SHARED);
    expect("revoking what contains it", shared_cap_revoke(whole), ERR_OK);
    expect("what was shared", shared_cap_info(part, &info), ERR_CAP_EMPTY);
    expect("its copy", shared_cap_retype(copy, CAP_TYPE_FRAME, 0, PAGE_SIZE, &part), ERR_CAP_EMPTY);
    expect("what was made of it", cap_revoke(frame), ERR_CAP_EMPTY);
    frame = part_of(whole, CAP_TYPE_FRAME, 0, PART);
    printf("refused what must be, and revoked with what it was cut from\n");
    return 0;
}
