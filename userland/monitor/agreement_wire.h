/* A message of the agreement engine (agree.h) as words: a head that says what follows, then only what is not empty, so that
   most messages on most machines are one line of a link. The message's attempt travels beside the words. */
#ifndef MONITOR_AGREEMENT_WIRE_H
#define MONITOR_AGREEMENT_WIRE_H

#include <skerry/agree.h>

/* Head, number, stamp, two sets, operations. */
#define AGREEMENT_WIRE_WORDS (3 + 2 * AGREE_SET_WORDS + AGREE_BATCH * AGREE_WORDS)

/* Returns the words used. `cores`: of this machine; all sets are below it. */
unsigned agreement_pack(const struct agree_message *message, unsigned cores, uint64_t word[AGREEMENT_WIRE_WORDS]);

/* Words that a message with this head has; 0: no message has it. */
unsigned agreement_words(uint64_t head);

/* `word` has agreement_words(word[0]) of them. What they mean is checked by agree_receive(). Of a VOTE or ACK only type, id,
   result and members, nobody, are set. */
void agreement_unpack(const uint64_t *word, struct agree_message *message);

#endif
