/* `skb`: asks and tells the knowledge base, of this core or another; without words, line by line. */
#include <if/serial_client.h>
#include <if/skb_client.h>
#include <skerry/domain.h>
#include <skerry/print.h>
#include <skerry/string.h>

#include "shell/shell.h"

#define FIND_MS 5000
#define START_MS(cores) (1000 + 100 * (cores))     /* all of them may be emulated by one */
#define COME_MS(cores) (FIND_MS + START_MS(cores)) /* a replica that is started only now */
#define MEASURE_ROUNDS 10
#define PROMPT "skb> "

static struct binding own;
static struct binding *skb = &own; /* that the commands below are about */

/* Other cores' replicas are asked over channels, for which the shell listens from the start: so that it takes no more later. */
void knowledge_wait(void) {
    (void)channel_listen_shared();
    if (machine->core == 0) {
        (void)skb_bind(&own, START_MS(machine->cores));
    }
}

/* It may have ended since; then its monitor starts another. */
static bool is_there(void) {
    uint32_t line, column;
    char reason[SKB_REASON_MAX + 1];
    if (own.kind == BINDING_NONE) {
        return false;
    }
    if (skb_call_refusal(&own, &line, &column, reason) == ERR_OK) {
        return true;
    }
    binding_unbind(&own);
    return false;
}

static bool find_skb(void) {
    skb = &own;
    err_t err = is_there() ? ERR_OK : skb_bind(skb, COME_MS(machine->cores));
    if (err != ERR_OK) {
        (void)complain("the knowledge base cannot be reached: %s", err_doc(err));
    }
    return err == ERR_OK;
}

/* What went wrong with a text; a refusal is told with its place. */
static enum status trouble(err_t err) {
    uint32_t line, column;
    char reason[SKB_REASON_MAX + 1];
    if (err == ERR_ARGUMENT && skb_call_refusal(skb, &line, &column, reason) == ERR_OK && line != 0) {
        return complain("%u:%u: %s", line, column, reason);
    }
    if (err == ERR_NO_MEMORY) {
        return complain("there is no room for that: `skb replicas` shows how much was told");
    }
    return complain("%s", err_doc(err));
}

static enum status print_answers(uint64_t size) {
    uint8_t piece[SKB_PIECE_MAX];
    size_t got;
    for (uint64_t offset = 0; offset < size; offset += got) {
        err_t err = skb_call_read(skb, offset, piece, &got);
        if (err == ERR_OK) {
            err = console_write((const char *)piece, got);
        }
        if (err != ERR_OK) {
            return trouble(err);
        }
    }
    return STATUS_OK;
}

static enum status ask_question(const char *text) {
    uint64_t rows, size;
    err_t err = skb_call_ask(skb, text, &rows, &size);
    if (err != ERR_OK) {
        return trouble(err);
    }
    enum status status = print_answers(size);
    printf("%lu answer%s\n", rows, rows == 1 ? "" : "s");
    return status;
}

static enum status tell_text(const char *text) {
    err_t err = skb_call_tell(skb, text);
    return err == ERR_OK ? STATUS_OK : trouble(err);
}

static enum status take_back(const char *text) {
    uint64_t taken;
    err_t err = skb_call_retract(skb, text, &taken);
    if (err != ERR_OK) {
        return trouble(err);
    }
    printf("%lu fact%s taken back\n", taken, taken == 1 ? "" : "s");
    return STATUS_OK;
}

static enum status print_facts(void) {
    uint64_t rows, size;
    err_t err = skb_call_facts(skb, &rows, &size);
    return err == ERR_OK ? print_answers(size) : trouble(err);
}

static enum status measure_costs(void) {
    uint64_t pairs;
    err_t err = skb_call_measure(skb, MEASURE_ROUNDS, &pairs);
    if (err != ERR_OK) {
        return trouble(err);
    }
    printf("%lu ordered pairs of cores measured\n", pairs);
    return STATUS_OK;
}

/* A line ends in ? to ask, in . to tell; after - its facts are taken back. */
static void one_line(const char *line) {
    size_t size = strlen(line);
    if (line[0] == '-') {
        (void)take_back(line + 1);
    } else if (line[size - 1] == '?') {
        (void)ask_question(line);
    } else {
        (void)tell_text(line);
    }
}

static enum status interact(void) {
    static struct binding serial;
    char line[SERIAL_LINE_MAX + 1];
    if (serial.kind == BINDING_NONE && serial_bind(&serial, FIND_MS) != ERR_OK) {
        return complain("no console to ask from: give the question behind `skb ask`");
    }
    printf("`core(C, A)?` asks, `pin(8, 2).` tells, `-pin(8, _).` takes back; an empty line leaves\n");
    while (serial_call_readline(&serial, PROMPT, line) == ERR_OK && line[0] != '\0') {
        one_line(line);
    }
    return STATUS_OK;
}

/* The words as they were typed. */
static const char *text_of(unsigned count, char **words) {
    for (unsigned i = 0; i + 1 < count; i++) {
        for (char *at = words[i] + strlen(words[i]); at < words[i + 1]; at++) {
            *at = ' ';
        }
    }
    return words[0];
}

static enum status run_words(unsigned count, char **words) {
    static const struct {
        const char *name;
        enum status (*run)(const char *text);
    } with_text[] = {{"ask", ask_question}, {"tell", tell_text}, {"retract", take_back}};
    if (count == 0) {
        return interact();
    }
    for (unsigned i = 0; i < ARRAY_SIZE(with_text) && count > 1; i++) {
        if (strcmp(words[0], with_text[i].name) == 0) {
            return with_text[i].run(text_of(count - 1, words + 1));
        }
    }
    if (count == 1 && strcmp(words[0], "facts") == 0) {
        return print_facts();
    }
    if (count == 1 && strcmp(words[0], "measure") == 0) {
        return measure_costs();
    }
    return complain("say `skb ask core(C, A)`, `skb tell FACT.`, `skb retract FACT.`, `skb facts`, `skb measure`, "
                    "`skb replicas`, `skb on CORE ...`, or `skb`");
}

/* Over a channel, which goes again. */
static enum status run_words_on(const char *word, unsigned count, char **words) {
    static struct binding there;
    char name[MONITOR_NAME_BYTES + 1];
    coreid_t core;
    if (!parse_core(word, &core)) {
        return STATUS_FAILED;
    }
    snprintf(name, sizeof(name), SKB_SERVICE "@%u", core);
    err_t err = binding_open(&there, &skb_interface, name, COME_MS(machine->cores));
    if (err != ERR_OK) {
        return complain("core %u's knowledge base cannot be reached: %s", core, err_doc(err));
    }
    skb = &there;
    enum status status = run_words(count, words);
    binding_unbind(&there);
    return status;
}

enum status command_skb(unsigned count, char **words) {
    if (count == 2 && strcmp(words[1], "replicas") == 0) {
        return knowledge_replicas();
    }
    if (count > 2 && strcmp(words[1], "on") == 0) {
        return run_words_on(words[2], count - 3, words + 3);
    }
    return find_skb() ? run_words(count - 1, words + 1) : STATUS_FAILED;
}
