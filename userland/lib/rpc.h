/* What a client's and a server's library say to each other: operations besides the interface's own, and how calls lie in the
   lines of a channel. (In LRPCs: lrpc_internal.h.) */
#ifndef LIB_RPC_H
#define LIB_RPC_H

#include <skerry/base.h>

#define RPC_NUMBER_BITS 8 /* an operation's number; above it the service's index in its domain */
#define RPC_NUMBER(operation) ((operation) & 0xff)
#define RPC_INDEX(operation) ((operation) >> RPC_NUMBER_BITS)

#define RPC_LIBRARY 0xf0 /* numbers from here on, at index 0 */
#define RPC_OPEN 0xf0    /* version, hash, name (2) -> base */
#define RPC_CANCEL 0xf1  /* token; no reply */
#define RPC_UNBIND 0xf2  /* no reply */
#define RPC_BULK 0xf3    /* pages; capability: the client's bulk (bulk.h). 0 pages: it takes that back */

/* A line of a channel. Type: 0-7 number, 8-10 words of data, 11-15 flags. Word 0: token; in the upper half a reply's error, or
   the number under which a request's capability has been sent: a reply's goes under its token.
   Then the data, up to RPC_LINE_WORDS; in a piece of a longer message after a word with the whole's length and, from bit 16
   on, the first word's place. */
#define RPC_TYPE(number, words) ((uint16_t)((number) | (words) << 8))
#define RPC_TYPE_NUMBER(type) ((type) & 0xff)
#define RPC_TYPE_WORDS(type) ((type) >> 8 & 7)
#define RPC_REFUSED 0x0800 /* in a reply: not now, ask again */
#define RPC_CAP 0x1000     /* a capability goes with it, which has gone ahead (bind_send_cap) */
#define RPC_LONG 0x4000
#define RPC_REPLY 0x8000
#define RPC_LINE_WORDS 6
#define RPC_PIECE_WORDS 5
#define RPC_HEAD(token, err) ((uint64_t)(uint32_t)(token) | (uint64_t)(uint32_t)(err) << 32)

#define RPC_OPEN_WORDS 4
#define RPC_NAME_BYTES 16

struct channel;
struct urpc_message;

/* A message of any length, in as many lines as it takes. */
struct rpc_message {
    uint16_t type; /* without the words */
    uint64_t head;
    const uint64_t *word;
    uint32_t words;
    uint64_t deadline;
};
[[nodiscard]] err_t rpc_send(struct channel *channel, const struct rpc_message *message);

/* One line, where nobody may wait. False: there is no room. */
[[nodiscard]] bool rpc_try_send(struct channel *channel, const struct urpc_message *line);

/* What a line holds. False: it is none that rpc_send makes. */
struct rpc_line {
    uint32_t total, offset, words;
    const uint64_t *word;
};
[[nodiscard]] bool rpc_line_of(const struct urpc_message *message, struct rpc_line *line);

#endif
