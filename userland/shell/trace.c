/* `trace`: what goes to the cores' trace ports. */
#include <skerry/print.h>
#include <skerry/string.h>

#include "shell/shell.h"

enum status command_trace(unsigned count, char **words) {
    uint64_t on = count == 2 && strcmp(words[1], "on") == 0, reply[LRPC_PAYLOAD - 1];
    if (count != 2 || (!on && strcmp(words[1], "off") != 0)) {
        return complain("trace wants one word: `trace on` or `trace off`");
    }
    err_t err = ask(MONITOR_TRACE, &on, 1, reply);
    if (err == ERR_NOT_FOUND) {
        return complain("this machine has no trace ports: start it with `invoke trace`");
    }
    if (err != ERR_OK) {
        return complain("%s", err_doc(err));
    }
    printf("tracing is %s: %lu core%s\n", on ? "on" : "off", reply[0], reply[0] == 1 ? "" : "s");
    return STATUS_OK;
}
