/* `core stop` and `core start`. */
#include <skerry/fibre.h>
#include <skerry/print.h>
#include <skerry/string.h>
#include <skerry/time.h>

#include "shell/progress.h"
#include "shell/shell.h"

#define OWN_CORE_MS 20000 /* it may have domains to end that wait for others */

static const char *stop_trouble(err_t err) {
    switch (err) {
    case ERR_NOT_READY:
        return "it is stopped already";
    case ERR_UNSUPPORTED:
        return "the last core cannot be stopped; `poweroff` ends the machine";
    case ERR_PEER_DEAD:
        return "it cannot be fenced: neither a non-maskable interrupt nor a reset parks it; it keeps its memory";
    case ERR_TIMEOUT:
        return "it is parked, but another core did not let go of its memory, which stays out of use: this core's log "
               "says more";
    case ERR_NOT_FOUND:
        return "it was not started: `cores` says why";
    default:
        return err_doc(err);
    }
}

static const char *start_trouble(err_t err) {
    switch (err) {
    case ERR_NOT_READY:
        return "it runs";
    case ERR_NOT_FOUND:
        return "the archive has no such image for it";
    case ERR_FORMAT:
        return "its image in the archive is damaged";
    case ERR_TIMEOUT:
        return "started, but it said no hello: it is stopped again";
    default:
        return err_doc(err);
    }
}

static enum status stop(coreid_t core) {
    uint64_t request = core, reply[LRPC_PAYLOAD - 1];
    bool own = core == machine->core;
    if (own) {
        progress_keep();
    }
    err_t err = ask(MONITOR_CORE_STOP, &request, 1, reply);
    if (err != ERR_OK) {
        return complain("core %u: %s", core, stop_trouble(err));
    }
    if (own) {
        fibre_sleep_until(time_deadline(OWN_CORE_MS));
        return complain("core %u lives on", core);
    }
    printf("core %u: stopped\n", core);
    return STATUS_OK;
}

static enum status start(coreid_t core, const char *image_class) {
    uint64_t request[1 + MONITOR_NAME_WORDS] = {core}, reply[LRPC_PAYLOAD - 1];
    size_t length = image_class == NULL ? 0 : strlen(image_class);
    if (length > MONITOR_NAME_BYTES) {
        return complain("no image of a core is called '%s'", image_class);
    }
    memcpy(&request[1], image_class == NULL ? "" : image_class, length);
    err_t err = ask(MONITOR_CORE_START, request, ARRAY_SIZE(request), reply);
    if (err != ERR_OK) {
        return complain("core %u: %s", core, start_trouble(err));
    }
    printf("core %u: started\n", core);
    return STATUS_OK;
}

enum status command_core(unsigned count, char **words) {
    coreid_t core;
    bool stops = count == 3 && strcmp(words[1], "stop") == 0;
    bool starts = (count == 3 || count == 5) && strcmp(words[1], "start") == 0;
    if (!stops && !(starts && (count == 3 || strcmp(words[3], "image") == 0))) {
        return complain("one of `core stop 2`, `core start 2`, `core start 2 image tickless`");
    }
    if (!parse_core(words[2], &core)) {
        return STATUS_FAILED;
    }
    return stops ? stop(core) : start(core, count == 5 ? words[4] : NULL);
}
