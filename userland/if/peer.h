/* Between monitors, by URPC. The message's type is an operation below, PEER_REPLY added in a reply.
   Word 0: bits 0-7 source core, 8-15 destination core, 32-63 token. Six words of payload; a reply's first is the error.
   A request carries its deadline only with the one who waits; an answer that comes too late is dropped by its token.
   Whatever a peer sends is range checked; no word is ever used as a pointer. */
#ifndef IF_PEER_H
#define IF_PEER_H

#include <stdint.h>

#define PEER_PAYLOAD 6
#define PEER_REPLY 0x8000
#define PEER_TEXT 32 /* bytes of text in one message */
#define PEER_CONSOLE_PIECE 40

enum peer_operation {
    PEER_HELLO = 1, /* the new core's first: contract hash, build id (3), apic -> (no reply: WELCOME) */
    PEER_WELCOME,   /* cores, a bit for each that is stopped (4), epoch */
    PEER_PROBE,     /* -> apic, uptime us, build id (3) */
    PEER_PING,      /* -> */
    PEER_INTRODUCE, /* frame base, frame size: a channel of which the sender is side 0 -> */
    PEER_PING_RUN,  /* other core, rounds -> min, median, mean, max */
    PEER_MEM,       /* -> enum monitor_mem words */
    PEER_PS,        /* n -> domain, state << 32 | upcalls, ticks, name (2) */
    PEER_SPAWN, /* key | who asks << 32, whole length | offset << 16 | pages << 32, text (4) -> domain, once the text is whole */
    PEER_WAIT,    /* domain, for how many ms at most -> enum monitor_end, status */
    PEER_CRASH,   /* crash_kind, argument (no reply) */
    PEER_CONSOLE, /* bytes | whose << 32, text (5) -> */
    PEER_HARDWARE, /* which << 16 | operation, its request (5): to the home, for its interrupt controller or PCI -> its reply (5) */
    PEER_WAKE,  /* place: core << 16 | slot of who listens there (no reply) */
    PEER_TRACE, /* on -> */
    PEER_LEAVE, /* end all domains, take no new ones: the core is about to be stopped -> domains that ended */
    PEER_PARK,  /* park the core (no reply) */
    PEER_RAM,   /* chunks wanted -> chunks: they are the sender's by the record (land.h) */
    PEER_LEAKS, /* -> enum monitor_leak, two a word */
    PEER_KILL,  /* domain, who asks, 1: the shell -> */
    PEER_BIND, /* name (2), frame base, pages << 32 | channel, domain | place << 32, vector -> channel, domain | place << 32,
                      vector */
    PEER_UNBIND, /* channel there, channel here, why (err_t) -> answered when nobody there can touch the frame any more */
    PEER_COMMONS,     /* pages -> base of the frame that all cores share; to the home */
    PEER_LEND,        /* channel there, channel here, type | rights << 8, base, size, the sender's word -> */
    PEER_RETURN,      /* channel there, channel here, base, size: what was lent; nobody here has it any more -> */
    PEER_CHANNEL,     /* n -> enum monitor_channel words */
    PEER_AGREE,       /* the engine's (agreement_wire.h); its token is the message's attempt (no reply) */
    PEER_AGREE_MORE,  /* the rest of it; its token is the place of the first word (no reply) */
    PEER_MEMBERS,     /* -> epoch of its view | transactions that it has brought to their end << 32, live cores (4) */
    PEER_BULLETIN,    /* base of the sender's bulletin, number of its next entry: mapped from now on -> */
    PEER_SPAN_START,  /* domain of the sender's core, entry, argument, program (2): a member of its span -> domain */
    PEER_SPAN_CHANGE, /* span, first page, pages, enum span_wish (span.h), rights, topology: to its home -> */
    PEER_FENCED, /* core: the sender has fenced it; to the lowest of the others, who proposes a view without it -> */
    PEER_STOP,   /* core: the sender, the machine's home, wants to be stopped by its heir (no reply) */
    PEER_SETTLED, /* -> answered when the receiver could go on without its home: it has met the heir, and has the record */
    PEER_TOLD,    /* -> as MONITOR_TOLD */
    PEER_OFFER, /* channel there, channel here, base, rights, the sender's word: a copy of a shared capability, to its domain -> */
    PEER_SURVIVES, /* base, size, 1: held after its core's death, 0: no more; to the home -> */
    PEER_AUDIT,    /* enum monitor_audit_practice -> enum monitor_audit */
    PEER_TREES,    /* as MONITOR_TREES -> likewise */
    PEER_OPERATIONS
};

#endif
