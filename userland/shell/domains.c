/* `kill` and `wait`: domains by the number that `ps` shows. */
#include <skerry/print.h>
#include <skerry/string.h>

#include "shell/shell.h"

/* CORE.COUNT, as `ps` has it. */
static bool parse_domain(const char *word, uint32_t *domain) {
    char core[8] = "";
    const char *dot = strchr(word, '.');
    uint64_t core_number, count;
    if (dot != NULL && (size_t)(dot - word) < sizeof(core)) {
        memcpy(core, word, (size_t)(dot - word));
    }
    if (!string_to_u64(core, &core_number) || !string_to_u64(dot + 1, &count) || count == 0 || count > 0xffff) {
        (void)complain("'%s' is not a domain: `ps` lists them, such as 1.2", word);
        return false;
    }
    if (core_number >= machine->cores) {
        (void)complain("no core %lu: this machine has %u", core_number, machine->cores);
        return false;
    }
    *domain = (uint32_t)(core_number << 16 | count);
    return true;
}

enum status command_kill(unsigned count, char **words) {
    uint32_t domain;
    uint64_t reply[LRPC_PAYLOAD - 1];
    if (count != 2) {
        return complain("kill wants one domain: `kill 1.2`");
    }
    if (!parse_domain(words[1], &domain)) {
        return STATUS_FAILED;
    }
    if (domain == machine->domain) {
        return complain("%s is this shell: `poweroff` ends the machine", words[1]);
    }
    uint64_t request = domain;
    err_t err = ask(MONITOR_KILL, &request, 1, reply);
    if (err == ERR_NOT_FOUND) {
        return complain("no domain %s runs: `ps` lists them", words[1]);
    }
    return err == ERR_OK ? STATUS_OK : complain("domain %s: %s", words[1], core_trouble(err));
}

enum status command_wait(unsigned count, char **words) {
    uint32_t domain;
    if (count != 2) {
        return complain("wait wants one domain: `wait 1.2`");
    }
    return parse_domain(words[1], &domain) ? await_domain(domain, WAIT_MS) : STATUS_FAILED;
}
