/* Calls in lines of a channel. Lines come in the order in which they were sent; those of several messages may be mixed. */
#include "lib/rpc.h"

#include <skerry/channel.h>
#include <skerry/string.h>

static err_t send_pieces(struct channel *channel, const struct rpc_message *message) {
    for (uint32_t done = 0; done < message->words; done += RPC_PIECE_WORDS) {
        uint32_t words = MIN(message->words - done, (uint32_t)RPC_PIECE_WORDS);
        struct urpc_message line = {
            .word = {message->head, message->words | (uint64_t)done << 16},
            .type = (uint16_t)(message->type | RPC_LONG | words << 8),
            .words = (uint16_t)(2 + words),
        };
        memcpy(&line.word[2], message->word + done, words * sizeof(uint64_t));
        TRY(channel_send(channel, &line, message->deadline));
    }
    return ERR_OK;
}

err_t rpc_send(struct channel *channel, const struct rpc_message *message) {
    if (message->words > RPC_LINE_WORDS) {
        return send_pieces(channel, message);
    }
    struct urpc_message line;
    line.type = (uint16_t)(message->type | message->words << 8);
    line.words = (uint16_t)(1 + message->words);
    line.word[0] = message->head;
    for (uint32_t i = 0; i < message->words; i++) {
        line.word[1 + i] = message->word[i];
    }
    return channel_send(channel, &line, message->deadline);
}

bool rpc_line_of(const struct urpc_message *message, struct rpc_line *line) {
    uint32_t words = RPC_TYPE_WORDS(message->type);
    if ((message->type & RPC_LONG) == 0) {
        *line = (struct rpc_line){.total = words, .words = words, .word = &message->word[1]};
        return words <= RPC_LINE_WORDS;
    }
    uint64_t place = message->word[1];
    *line = (struct rpc_line){
        .total = (uint32_t)(place & 0xffff),
        .offset = (uint32_t)(place >> 16 & 0xffff),
        .words = words,
        .word = &message->word[2],
    };
    return words != 0 && words <= RPC_PIECE_WORDS && place >> 32 == 0;
}
