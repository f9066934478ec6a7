/* Calls in lines of a channel. Lines come in the order in which they were sent; those of several messages may be mixed. */
#include "lib/rpc.h"

#include <skerry/channel.h>
#include <skerry/string.h>

/* The short way of a line: straight into the ring, if it is free and its slots are lines. */
static bool put_line(struct channel *channel, const struct urpc_message *line) {
    struct urpc *urpc = &channel->urpc;
    uint64_t *slot = channel->state == CHANNEL_AWAKE || channel->state == CHANNEL_ASLEEP ? urpc_slot(urpc) : NULL;
    if (slot == NULL || urpc->slot_bytes != URPC_LINE) {
        return false;
    }
    for (uint32_t i = 0; i < line->words; i++) {
        urpc_store(&slot[1 + i], line->word[i]);
    }
    urpc_slot_send(urpc, slot, URPC_HEADER(line->type, line->words));
    return true;
}

static err_t send_line(struct channel *channel, const struct urpc_message *line, uint64_t deadline) {
    return put_line(channel, line) ? ERR_OK : channel_send(channel, line, deadline);
}

static err_t send_pieces(struct channel *channel, const struct rpc_message *message) {
    for (uint32_t done = 0; done < message->words; done += RPC_PIECE_WORDS) {
        uint32_t words = MIN(message->words - done, (uint32_t)RPC_PIECE_WORDS);
        struct urpc_message line;
        line.type = (uint16_t)(message->type | RPC_LONG | words << 8);
        line.words = (uint16_t)(2 + words);
        line.word[0] = message->head;
        line.word[1] = message->words | (uint64_t)done << 16;
        memcpy(&line.word[2], message->word + done, words * sizeof(uint64_t));
        TRY(send_line(channel, &line, message->deadline));
    }
    return ERR_OK;
}

err_t rpc_send(struct channel *channel, const struct rpc_message *message) {
    PINNED();
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
    return send_line(channel, &line, message->deadline);
}

bool rpc_try_send(struct channel *channel, const struct urpc_message *line) {
    return put_line(channel, line) || channel_try_send(channel, line) != ERR_BUSY;
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
