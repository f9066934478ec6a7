/* Asks this core's replica of the knowledge base: `ask QUESTION` prints the answers, and whose they are; `ask tell TEXT` tells it,
   and with it every core. */
#include <if/skb_client.h>
#include <skerry/domain.h>
#include <skerry/print.h>
#include <skerry/string.h>

#define FIND_MS 60000 /* it may be started only now, on a machine of many cores */

static struct binding skb;

static const char *way(void) {
    return skb.kind == BINDING_LRPC ? "this core's knowledge base" : "another core's knowledge base";
}

static void check(err_t err) {
    uint32_t line, column;
    char reason[SKB_REASON_MAX + 1];
    if (err == ERR_ARGUMENT && skb_call_refusal(&skb, &line, &column, reason) == ERR_OK) {
        die("%u:%u: %s", line, column, reason);
    }
    if (err != ERR_OK) {
        die("%s: %s", way(), err_doc(err));
    }
}

/* The words with a space between any two. */
static void join(char *text, size_t size, int count, char **words) {
    size_t used = 0;
    for (int i = 0; i < count && used < size; i++) {
        int length = snprintf(text + used, size - used, "%s%s", i > 0 ? " " : "", words[i]);
        used += (size_t)length;
    }
}

static void ask(const char *question) {
    char piece[SKB_PIECE_MAX + 1];
    uint64_t rows, size;
    size_t got;
    check(skb_call_ask(&skb, question, &rows, &size));
    for (uint64_t offset = 0; offset < size; offset += got) {
        check(skb_call_read(&skb, offset, (uint8_t *)piece, &got));
        piece[got] = '\0';
        printf("%s", piece);
    }
    printf("core %u: %lu answers of %s\n", domain_args()->core, rows, way());
}

int main(int argc, char **argv) {
    char text[SKB_TEXT_MAX + 1];
    bool tells = argc > 2 && strcmp(argv[1], "tell") == 0;
    if (argc < 2) {
        die("a question: spawn ask live(C) on 2, or spawn ask tell busy(1). on 2");
    }
    join(text, sizeof(text), argc - 1 - tells, argv + 1 + tells);
    check(skb_bind(&skb, FIND_MS));
    if (tells) {
        check(skb_call_tell(&skb, text));
    } else {
        ask(text);
    }
    return 0;
}
