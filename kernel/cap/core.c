/*
 * CORE capabilities: ranges of other cores by APIC id. They are all that a CPU driver knows of other cores.
 */
#include "cap/invoke.h"
#include "x86_64/startup.h"

/* The one core that the capability names. */
static err_t core_decode(const struct cap *cap, uint32_t *apic) {
    if (cap->size != 1 || cap->base >= CORE_APIC_BROADCAST) {
        return ERR_ARGUMENT;
    }
    *apic = (uint32_t)cap->base;
    return ERR_OK;
}

static err_t start_decode(const struct invocation *inv, uint32_t *apic) {
    const struct cap *page = &inv->cte[0]->cap;
    TRY(core_decode(&inv->cap->cap, apic));
    return page->size == PAGE_SIZE && page->base < LOW_MEMORY_TOP && *apic != startup_own_apic() ? ERR_OK
                                                                                                 : ERR_ARGUMENT;
}

err_t inv_core_start(struct invocation *inv) {
    uint32_t apic;
    TRY(start_decode(inv, &apic));
    startup_core(apic, inv->cte[0]->cap.base);
    return ERR_OK;
}

err_t inv_core_notify(struct invocation *inv) {
    uint32_t apic;
    uint64_t vector = inv->cap->cap.extra;
    TRY(core_decode(&inv->cap->cap, &apic));
    if (vector < VECTOR_USER_FIRST || vector > VECTOR_USER_LAST) {
        return ERR_ARGUMENT;
    }
    startup_interrupt(apic, (uint8_t)vector);
    return ERR_OK;
}

err_t inv_core_nmi(struct invocation *inv) {
    uint32_t apic;
    TRY(core_decode(&inv->cap->cap, &apic));
    startup_nmi(apic);
    return ERR_OK;
}
