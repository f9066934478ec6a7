/* The sample interface's generated stubs and dispatch, without a transport: this program is what is between them.
   Asked with   SERVE, operation, words ...        -> error, words of the reply ...
                ADD, error, 7 arguments, words ... -> error, words of the request: count, words ..., 4 results
                QUICK, operation, head, words ...  -> head, error, words of the reply ..., 1
                ECHO, error, count, words of a request as arguments ..., words ... of the reply -> the same with 4 rows
                FILL, place of room, its size, place of least, its size -> words of the request if there are any, error
   The client shares a bulk of just the right size. */
#include <if/sample_client.h>
#include <if/sample_server.h>
#include <stdio.h>
#include <stdlib.h>

enum { SERVE, ADD, ECHO, QUICK, FILL };

#define BULK_SIZE (4 * 4096)

#define WORDS_MAX 2048

static uint64_t in[WORDS_MAX], out[WORDS_MAX];
static uint64_t in_count, out_count;

/* What the server is to answer, and what it was asked. */
static const uint64_t *answer;
static size_t answer_words;
static err_t answer_error;
static struct binding_call asked;

static struct bulk bulk;

static void say(uint64_t word) {
    out[out_count++] = word;
}

static void say_all(const uint64_t *words, size_t count) {
    memcpy(out + out_count, words, count * sizeof(uint64_t));
    out_count += count;
}

uint64_t time_deadline(uint64_t ms) {
    return ms;
}

err_t binding_open(struct binding *binding, const struct binding_interface *interface, const char *name, uint64_t ms) {
    (void)binding, (void)interface, (void)name, (void)ms;
    return ERR_UNSUPPORTED;
}

const struct bulk *binding_bulk(const struct binding *binding) {
    (void)binding;
    return &bulk;
}

err_t binding_refuse(const struct binding_call *call) {
    (void)call;
    return ERR_FORMAT;
}

err_t binding_send(struct binding *binding, struct binding_call *message) {
    (void)binding, (void)message;
    return ERR_OK;
}

err_t binding_call(struct binding *binding, struct binding_call *call) {
    (void)binding;
    asked = *call;
    say(call->request_words);
    say_all(call->request, call->request_words);
    call->reply_words = (uint32_t)MIN(answer_words, (size_t)call->reply_room);
    if (call->reply_words > 0) {
        memcpy(call->reply, answer, call->reply_words * sizeof(uint64_t));
    }
    return answer_error;
}

err_t sample_serve_add(struct service_call *call, uint64_t a, int64_t b, uint16_t c, uint32_t d, bool e,
                       enum sample_colour f, uint64_t g, uint64_t *sum, int64_t *least, enum sample_colour *paint,
                       uint64_t *ways) {
    (void)call;
    *sum = a + c + d + e;
    *least = b;
    *paint = f;
    *ways = g;
    return ERR_OK;
}

err_t sample_serve_echo(struct service_call *call, const char *text, const void *data, size_t data_size,
                        const uint16_t *list, size_t list_count, const uint32_t four[static 4],
                        char text_back[static SAMPLE_TEXT_MAX + 1], uint8_t data_back[static 30],
                        size_t *data_back_size, uint16_t list_back[static 9], size_t *list_back_count,
                        uint32_t four_back[static 4]) {
    (void)call;
    memcpy(text_back, text, strlen(text) + 1);
    memcpy(data_back, data, data_size);
    memcpy(list_back, list, list_count * sizeof(uint16_t));
    memcpy(four_back, four, 4 * sizeof(uint32_t));
    *data_back_size = data_size;
    *list_back_count = list_count;
    return ERR_OK;
}

err_t sample_serve_swap(struct service_call *call, capaddr_t given, const void *page, size_t page_size,
                        uint8_t page_back[static 4096], size_t *page_back_size, capaddr_t *taken) {
    (void)call;
    memcpy(page_back, page, page_size);
    *page_back_size = page_size;
    *taken = given;
    return ERR_OK;
}

void sample_take_tick(struct service_call *call, uint64_t n, enum sample_colour colour) {
    (void)call;
    say(n);
    say(colour);
}

err_t sample_serve_mix(struct service_call *call, enum sample_colour one, uint64_t ways, enum sample_colour *mixed) {
    (void)call;
    *mixed = ways == 0 ? one : SAMPLE_BLUE;
    return ERR_OK;
}

/* Touches every byte that it is given. */
err_t sample_serve_fill(struct service_call *call, void *room, size_t room_size, void *least, size_t least_size,
                        uint64_t *filled) {
    (void)call;
    memset(room, 1, room_size);
    memset(least, 1, least_size);
    *filled = room_size + least_size;
    return ERR_OK;
}

bool service_quick_answer(struct service_call *call, uint64_t head, err_t err) {
    say(head);
    say(err);
    say_all(call->reply, err == ERR_OK ? call->reply_words : 0);
    return true;
}

/* Copies of exactly the right size, so that the sanitizer sees a read or write beyond them. */
static void serve(void) {
    const struct service_operation *operation = &sample_service.operations[in[1]];
    size_t words = in_count - 2;
    uint64_t *request = malloc(words * sizeof(uint64_t)), *reply = malloc(operation->reply_words * sizeof(uint64_t));
    memcpy(request, in + 2, words * sizeof(uint64_t));
    struct service_client client = {.bulk = bulk};
    struct service_call call = {
        .client = &client, .request = request, .request_words = (uint32_t)words, .reply = reply, .cap = 7};
    say(operation->run(&call));
    if (out[0] == ERR_OK) {
        say_all(reply, call.reply_words);
    }
    free(request);
    free(reply);
}

/* The head, then the words, as they lie in a line. */
static void quick(void) {
    const struct service_operation *operation = &sample_service.operations[in[1]];
    uint64_t reply[6];
    struct service_call call = {.reply = reply};
    say(operation->quick(&call, in + 2));
}

static void be_answered(const uint64_t *words) {
    answer_error = (err_t)in[1];
    answer = words;
    answer_words = (size_t)(in + in_count - words);
}

static void add(void) {
    const uint64_t *a = in + 2;
    uint64_t sum = 0, ways = 0;
    int64_t least = 0;
    enum sample_colour paint = SAMPLE_RED;
    struct binding binding = {0};
    be_answered(a + 7);
    say(sample_call_add(&binding, a[0], (int64_t)a[1], (uint16_t)a[2], (uint32_t)a[3], a[4] != 0,
                        (enum sample_colour)a[5], a[6], &sum, &least, &paint, &ways));
    say(sum), say((uint64_t)least), say(paint), say(ways);
}

/* The arguments come as words of a request that is right, or too long. */
static void echo(void) {
    char text[65] = {0}, text_back[SAMPLE_TEXT_MAX + 1] = {0};
    uint8_t data_back[30] = {0};
    uint16_t list_back[9] = {0};
    uint32_t four_back[4] = {0};
    size_t data_size = 0, list_count = 0;
    struct wire wire = wire_of(in + 3, in[2]);
    const char *given = wire_take_string(&wire, sizeof(text) - 1);
    size_t given_size, given_count;
    const void *data = wire_take_list(&wire, 64, 1, &given_size);
    const uint16_t *list = wire_take_list(&wire, 64, sizeof(uint16_t), &given_count);
    const uint32_t *four = wire_take_array(&wire, 4, sizeof(uint32_t));
    struct binding binding = {0};
    be_answered(in + 3 + in[2]);
    say(sample_call_echo(&binding, given, data, given_size, list, given_count, four, text_back, data_back, &data_size,
                         list_back, &list_count, four_back));
    uint64_t words[WORDS_MAX];
    struct wire back = wire_over(words, WORDS_MAX);
    wire_put_string(&back, text_back, SAMPLE_TEXT_MAX);
    wire_put_list(&back, data_back, 30, 1, data_size);
    wire_put_list(&back, list_back, 9, sizeof(uint16_t), list_count);
    wire_put_array(&back, four_back, 4, sizeof(uint32_t));
    say_all(words, wire_used(&back, words));
}

static void fill(void) {
    struct binding binding = {0};
    uint64_t filled;
    char *room = (char *)((uintptr_t)bulk.at + in[1]), *least = (char *)((uintptr_t)bulk.at + in[3]);
    be_answered(in + in_count);
    answer_error = ERR_OK;
    say(sample_call_fill(&binding, room, in[2], least, in[4], &filled));
}

int main(void) {
    static void (*const requests[])(void) = {
        [SERVE] = serve, [ADD] = add, [ECHO] = echo, [QUICK] = quick, [FILL] = fill};
    bulk = (struct bulk){malloc(BULK_SIZE), BULK_SIZE};
    while (fread(&in_count, sizeof(in_count), 1, stdin) == 1) {
        if (in_count > WORDS_MAX || fread(in, sizeof(uint64_t), in_count, stdin) != in_count) {
            return 1;
        }
        out_count = 0;
        requests[in[0]]();
        fwrite(&out_count, sizeof(out_count), 1, stdout);
        fwrite(out, sizeof(uint64_t), out_count, stdout);
        fflush(stdout);
    }
    free(bulk.at);
    return 0;
}
