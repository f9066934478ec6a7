/* The last set lies in the journal; before the first one replicas presume one. */
#include "monitor/living.h"

#include <if/knowledge.h>
#include <skerry/string.h>
#include <skerry/time.h>

#include "monitor/agreement.h"
#include "monitor/cores.h"
#include "monitor/knowledge.h"
#include "monitor/told.h"

#define PATIENCE 5 /* times a peer's deadline */

static struct agree_set told_live(void) {
    const struct journal_entry *entry = told_newest(KNOWLEDGE_TOPIC_LIVE);
    struct agree_set live;
    if (entry == NULL || entry->size != sizeof(live)) {
        return knowledge_presumed(core_count());
    }
    memcpy(&live, entry->text, sizeof(live));
    return live;
}

err_t living_tell(void) {
    struct agree_set live = agreement()->live, before = told_live();
    if (agree_same(&live, &before)) {
        return ERR_OK;
    }
    struct journal_text text = {&live, KNOWLEDGE_LIVE, KNOWLEDGE_TOPIC_LIVE, sizeof(live)};
    uint64_t number;
    return told_put(&text, time_deadline(PATIENCE * peer_deadline_ms()), &number);
}
