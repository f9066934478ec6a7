/* The table of commands, and those that are too small for a file. */
#include <skerry/print.h>
#include <skerry/string.h>
#include <skerry/time.h>

#include "shell/shell.h"
#include "shell/text.h"

static const struct command commands[] = {
    {"help", "help", "this list", command_help},
    {"cores", "cores", "every core: does it answer, what does it run, since when", command_cores},
    {"core", "core stop N | start N [image CLASS]", "park a core, or start it again, with another image if asked",
     command_core},
    {"members", "members", "which cores each core takes for live, and whether all agree", command_members},
    {"trees", "trees", "which groups of cores messages to many go by, who said so, and the protocol of shootdowns",
     command_trees},
    {"ping", "ping [all | A B]", "round trips between monitors, over URPC", command_ping},
    {"mem", "mem", "memory of every core", command_mem},
    {"ps", "ps", "the domains of every core", command_ps},
    {"top", "top [MS]", "who has had the cores for so long", command_top},
    {"chan", "chan", "channels: who has them, what they carried, how often they slept", command_chan},
    {"spawn", "spawn NAME [ARGS] [for SECONDS] [with KIB] [on CORE] [&]",
     "run a program of the archive, and wait 10 s, or those given, for its end; with & not at all", command_spawn},
    {"kill", "kill DOMAIN", "end a domain, as `ps` names it", command_kill},
    {"wait", "wait DOMAIN", "wait for a domain's end and say how it ended", command_wait},
    {"leaks", "leaks", "has everything returned that domains took since start-up?", command_leaks},
    {"audit", "audit [err CORE | mend CORE]", "does each chunk of RAM have one owner? For practice a core may err",
     command_audit},
    {"run", "run NAME [ARGS] [on CORE] [&]", "the same", command_spawn},
    {"skb", "skb [on CORE] [ask|tell|retract TEXT | facts | measure], skb replicas",
     "the knowledge base, this core's replica or another's: what is this machine, what follows?", command_skb},
    {"echo", "echo WORDS", "print the words", command_echo},
    {"uptime", "uptime", "seconds since core 0's CPU driver began", command_uptime},
    {"trace", "trace on | off", "record what every core does, for `invoke trace`", command_trace},
    {"panic", "panic CORE", "make a core's CPU driver panic, for practice", command_panic},
    {"crash", "crash CORE KIND [ADDRESS]", "other ways to fail: assert wild hang triple undefined stack deaf",
     command_crash},
    {"poweroff", "poweroff", "end the machine", command_poweroff},
};

const struct command *command_list(unsigned *count) {
    *count = ARRAY_SIZE(commands);
    return commands;
}

enum status shell_run(char *command) {
    char *words[SHELL_WORDS_MAX];
    unsigned count = text_split(command, words);
    if (count == 0) {
        return STATUS_OK;
    }
    if (count > SHELL_WORDS_MAX) {
        return complain("more than %u words in one command", SHELL_WORDS_MAX);
    }
    for (unsigned i = 0; i < ARRAY_SIZE(commands); i++) {
        if (strcmp(commands[i].name, words[0]) == 0) {
            return commands[i].run(count, words);
        }
    }
    return complain("no command '%s': try `help`", words[0]);
}

enum status command_help(unsigned count, char **words) {
    (void)count, (void)words;
    for (unsigned i = 0; i < ARRAY_SIZE(commands); i++) {
        printf("  %-32s %s\n", commands[i].usage, commands[i].help);
    }
    printf("Several commands on one line: `cores; ping all`. A core that does not answer is given up after %lu ms.\n",
           machine->deadline_ms);
    return STATUS_OK;
}

enum status command_echo(unsigned count, char **words) {
    for (unsigned i = 1; i < count; i++) {
        printf(i + 1 < count ? "%s " : "%s", words[i]);
    }
    printf("\n");
    return STATUS_OK;
}

enum status command_uptime(unsigned count, char **words) {
    (void)count, (void)words;
    uint64_t us = time_uptime_us();
    printf("up %lu.%06lu s\n", us / 1000000, us % 1000000);
    return STATUS_OK;
}

enum status command_poweroff(unsigned count, char **words) {
    (void)count, (void)words;
    shell_ends = true;
    return STATUS_OK;
}
