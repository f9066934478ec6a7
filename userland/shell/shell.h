/* What the shell's commands share: the machine as the monitor describes it, and complaining. */
#ifndef SHELL_SHELL_H
#define SHELL_SHELL_H

#include <if/monitor.h>
#include <skerry/agree_set.h>
#include <skerry/lrpc.h>

enum status { STATUS_OK = 0, STATUS_FAILED = 1 };

struct command {
    const char *name;
    const char *usage;
    const char *help;
    enum status (*run)(unsigned count, char **words);
};

struct machine {
    coreid_t core;   /* the shell's own */
    uint32_t domain; /* the shell */
    uint32_t cores;
    uint64_t deadline_ms; /* how long a monitor waits for another one's answer */
    uint64_t run_id;
};

extern const struct machine *machine;

/* Set by `poweroff`. */
extern bool shell_ends;

/* Runs one command line without ';'. */
enum status shell_run(char *command);

/* Asks this core's monitor; request words in, reply words (after the error) out. */
[[nodiscard]] err_t ask(uint16_t operation, const uint64_t *request, unsigned words, uint64_t reply[LRPC_PAYLOAD - 1]);

/* One line, `name: text`, and STATUS_FAILED. */
enum status complain(const char *format, ...) PRINTF_LIKE(1, 2);

/* What is wrong when a question about cores had this error. */
const char *core_trouble(err_t err);

/* Which cores take part, as this core's monitor sees it. */
[[nodiscard]] err_t ask_live(struct agree_set *live);

/* Runs of cores, a space before each: 0-3 5 7-8 */
void print_cores(const struct agree_set *set);

/* The word as a core of this machine; complains when it is none. */
[[nodiscard]] bool parse_core(const char *word, coreid_t *core);

/* Waits for a domain's end and says how it was. */
#define WAIT_MS 10000
enum status await_domain(uint32_t domain, uint64_t wait_ms);

/* Waits, not for long, until the knowledge base can be asked: then start-up is over. */
void knowledge_wait(void);

/* `skb replicas` */
enum status knowledge_replicas(void);

/* For `help`. */
const struct command *command_list(unsigned *count);

enum status command_help(unsigned count, char **words);
enum status command_cores(unsigned count, char **words);
enum status command_members(unsigned count, char **words);
enum status command_trees(unsigned count, char **words);
enum status command_core(unsigned count, char **words);
enum status command_ping(unsigned count, char **words);
enum status command_mem(unsigned count, char **words);
enum status command_ps(unsigned count, char **words);
enum status command_top(unsigned count, char **words);
enum status command_chan(unsigned count, char **words);
enum status command_trace(unsigned count, char **words);
enum status command_panic(unsigned count, char **words);
enum status command_crash(unsigned count, char **words);
enum status command_skb(unsigned count, char **words);
enum status command_spawn(unsigned count, char **words);
enum status command_kill(unsigned count, char **words);
enum status command_wait(unsigned count, char **words);
enum status command_leaks(unsigned count, char **words);
enum status command_audit(unsigned count, char **words);
enum status command_echo(unsigned count, char **words);
enum status command_uptime(unsigned count, char **words);
enum status command_poweroff(unsigned count, char **words);

#endif
