/* What a monitor does for the domains of its core, by LRPC (lrpc.h). Each line: request payload -> reply after the error.
   By hand, for the library that generated stubs stand on (binding, service) is itself a client of this.
   Names and texts travel as bytes in the words, zero-filled. */
#ifndef IF_MONITOR_H
#define IF_MONITOR_H

#include <stdint.h>

#define MONITOR_NAME_BYTES 16
#define MONITOR_NAME_WORDS 2
#define MONITOR_SPAWN_TEXT 256 /* program and arguments, a NUL between any two */
#define MONITOR_SPAWN_PIECE 56
#define MONITOR_CONSOLE_PIECE 64
#define MONITOR_BUILD_ID_WORDS 3
#define MONITOR_PING_MAX 100
#define MONITOR_PRACTICE_MAX 1000
#define MONITOR_SPAN_PAGES 1024 /* from USER_SPAN_BASE on */

enum monitor_operation {
    /* 0 is the hello */
    MONITOR_ABOUT = 1, /* -> core, cores in this machine, peers' deadline in ms, run id */
    MONITOR_EXPORT,    /* name (2), 1: clients of other cores too (DOMAIN_ACCEPT); capability: endpoint */
    MONITOR_LOOKUP,    /* name (2) -> capability: endpoint */
    MONITOR_PROBE_ALL, /* asks every core for a sign of life -> answering, not answering, not started */
    MONITOR_CORE,      /* core -> enum monitor_core_state, apic, uptime us, build id (3), why (err_t) */
    MONITOR_PING,      /* core A, core B, rounds -> min, median, mean, max (TSC ticks) */
    MONITOR_MEM,       /* core -> enum monitor_mem order below (7 words) */
    MONITOR_PS, /* core, n-th domain from 0 -> domain, state, ticks, upcalls, name (2); NOT_FOUND past the last */
    /* core | capabilities that go along << 8 | pages of its own << 32, offset << 32 | whole length of the text, text (7) ->
       domain, once the text is whole. Pages: 0, the usual; others are the shell's to ask for. FOREIGN: capabilities go along
       only to this core */
    MONITOR_SPAWN,
    MONITOR_WAIT,     /* domain, deadline ms -> enum monitor_end, exit status */
    MONITOR_CRASH,    /* core, crash_kind, argument: answered before it is done. The shell's */
    MONITOR_POWEROFF, /* guest exit code. The shell's */
    MONITOR_TRACE, /* on or off, on every core -> cores that did so; NOT_FOUND: the machine has no trace ports. The shell's */
    MONITOR_CONSOLE, /* bytes, text (8): to the machine's console, in order */
    MONITOR_EXIT,    /* status: the sender's own end; no reply */
    MONITOR_FAULT, /* kind | flags | vector << 16 | err_t why << 32, error, address, rip, thread's name (2); no reply */
    /* Hardware, as far as etc/devices grants it to the sender's program; taken back when the sender ends. */
    MONITOR_PORTS,  /* first port -> count, capability: the ports from there on */
    MONITOR_DEVICE, /* vendor << 16 | device -> location (pci.h): the PCI function is the sender's from now on */
    MONITOR_BAR,    /* location, bar -> base, size, pci_bar_flag, capability: its device memory or ports */
    MONITOR_INTERRUPT, /* monitor_interrupt, line, location or message -> vector, capability: the vector, not yet arriving */
    MONITOR_INTERRUPT_ON, /* vector: it arrives from now on. Asked for once it is bound */
    MONITOR_LISTEN, /* monitor_listen, capability: notification for the wake-ups of the sender's channels -> vector or 0, place or 0 */
    MONITOR_WAKE,           /* place: signals who listens there, on whatever core */
    MONITOR_CORE_STOP,      /* core. The shell's */
    MONITOR_CORE_START,     /* core, class of the image (2), none: its own. The shell's */
    MONITOR_RAM,            /* bytes, 1 for pool memory -> capability: so much RAM more, until the sender ends */
    MONITOR_LEAKS,          /* core -> enum monitor_leak, two a word (int32_t) */
    MONITOR_LEAKS_BASELINE, /* start-up is over: compare with what this core has now. The shell's */
    MONITOR_KILL, /* domain: ends it; who started it, or the shell, may. Answered when all that it had has returned */
    /* name (2), bytes of a channel's frame, deadline ms -> monitor_bind, channel, domain there, bytes, place, 1: its core can be
       interrupted; capability: endpoint or frame. NOT_READY: it would be a channel, and the sender does not listen */
    MONITOR_BIND,
    MONITOR_BIND_WAKE, /* channel -> capability: the core at the other end, with the vector that wakes who is there */
    MONITOR_UNBIND,    /* channel: the sender has unmapped it, or loses it now */
    /* channel, word; capability: one for the same memory goes to the other end, with the word. CAP_TYPE: it is for no memory;
       FOREIGN: for another core's */
    MONITOR_LEND,
    MONITOR_PROVIDE, /* place of the capability among those that go along, or MONITOR_PROVIDE_RAM; capability: for the next
                        MONITOR_SPAWN of the sender */
    MONITOR_COMMONS,   /* pages -> capability: the frame that all cores' domains share, where etc/devices grants it */
    MONITOR_SUPERVISE, /* monitor_supervision -> when all cores know */
    MONITOR_CHANNEL,   /* core, n-th channel there from 0 -> enum monitor_channel; NOT_FOUND past the last */
    MONITOR_RETURN,    /* channel; capability that came over it: this core is done with that memory -> */
    MONITOR_MEMBERS, /* core -> epoch of its view | transactions that it has brought to their end << 32, live cores (4) */
    MONITOR_FILE,    /* path with its NUL (9) -> offset, size; capability: the boot archive, to read */
    MONITOR_RECALL, /* capability: what other cores have of its memory is revoked there -> */
    MONITOR_PRACTICE, /* cores, topology (agree_tree.h), phases, at once, rounds -> TSC ticks in all: agreements about nothing */
    /* A domain that spans cores (domain_span.h): pages are counted from USER_SPAN_BASE, topologies are agree_tree.h's. */
    MONITOR_SPAN, /* capability: the sender's top page table, in which what lies there is the monitor's from now on -> */
    MONITOR_SPAN_START, /* core, entry, argument: the sender's program, there -> domain. FOREIGN: the sender is not the home's */
    /* page (MONITOR_SPAN_PAGES: any free ones), pages, offset in the frame, MAP_*, topology, 1: in place of what is mapped there;
       capability: frame -> page */
    MONITOR_SPAN_MAP,
    MONITOR_SPAN_CHANGE, /* page, pages, monitor_span_change, MAP_*, topology -> when it holds on all cores */
    MONITOR_SPAN_FAULT,  /* page, FAULT_* (region.h) -> when there is a translation */
    MONITOR_KEY_PUT,     /* key, value (0: deletes it), deadline ms -> when every replica of the table has it */
    MONITOR_KEY_GET,     /* key, 1: linearisable, deadline ms -> value */
    MONITOR_TELL, /* enum knowledge_kind, topic, bytes, deadline ms: what lies on the desk (knowledge.h), to all replicas -> its
                     number. The knowledge base's */
    MONITOR_TOLD, /* core -> texts told, a hash of all, bytes kept | room << 32, 1: its knowledge base runs, texts that that has
                     taken in. NOT_READY: the core has no copy yet */
    /* Memory that domains of several cores have a capability for (shared_cap.h). The capability shown is one for it; ARGUMENT: it is
       not. */
    MONITOR_SHARE, /* capability: RAM, FRAME or DEVICE of this core -> capability: the same, shared; in case of failure as it was */
    MONITOR_SHARED_SEND,   /* channel, word; capability: the other end gets one, with the word -> */
    MONITOR_SHARED_RETYPE, /* type, offset, size; capability -> capability: what was made */
    MONITOR_SHARED_REVOKE, /* capability, or one of this core's that was divided: all relatives on all cores are gone -> capability: it */
    MONITOR_SHARED_DELETE, /* capability: it is gone; the core gives the memory up if nobody here needs it -> */
    MONITOR_SHARED_MOVE,   /* core; capability: that one owns it -> */
    MONITOR_SHARED_INFO,   /* capability -> owner, home (256: it has died), holders (4) */
    MONITOR_AUDIT, /* core, enum monitor_audit_practice: the shell's -> enum monitor_audit. NOT_READY: the core has no record yet */
    /* core, enum monitor_trees | group << 8 | first << 16 -> groups | enum monitor_trees_source << 8 | topology of spans << 16 |
       a hash of all << 32, and four words: see enum monitor_trees. NOT_FOUND: no such group, or core */
    MONITOR_TREES,
    MONITOR_OPERATIONS
};

#define MONITOR_PROVIDE_RAM 0xff /* RAM that the new domain is made of and that limits it; its end gives it back */

enum monitor_bind { MONITOR_BIND_LRPC, MONITOR_BIND_CHANNEL };

/* What a monitor asks of a domain of its core, over the endpoint that the domain gave it for replies. */
enum domain_operation {
    DOMAIN_ACCEPT = 1, /* channel, domain there, bytes, place, 1: its core can be interrupted; capability: frame */
    DOMAIN_CLOSED, /* channel, why (err_t): the other end is gone; answered when the channel is not touched any more */
    DOMAIN_CLIENT_ENDED, /* domain of this core: it calls no more; to those who offer a name to other cores, too */
    DOMAIN_SERVER_ENDED, /* domain of this core that offered a name: it answers no more; to everybody there */
    DOMAIN_LENT,         /* channel, word; capability: from the other end, until the channel ends */
    DOMAIN_CHANNEL       /* channel -> the words of enum monitor_channel that are about its use */
};

enum monitor_span_change { MONITOR_SPAN_UNMAP, MONITOR_SPAN_PROTECT };

/* Instead of a topology: by what this monitor knows of the machine. */
#define MONITOR_SPAN_TOPOLOGY 0xff

/* What is asked of the groups of cores that messages to many go by: a group's cores, a bit each; how far it is from the `first` one
   and those after it, 16 bits each. */
enum monitor_trees { MONITOR_TREES_MEMBERS, MONITOR_TREES_APART };
enum monitor_trees_source { MONITOR_TREES_TABLES, MONITOR_TREES_KNOWLEDGE };

/* A line of the ISA devices; a PCI function's level-triggered line; one of its messages: location | number << 16, MSI-X where
   it has that, else MSI, which has number 0 only. Level-triggered ones have a vector up to VECTOR_LEVEL_LAST and want an
   `irq ack` each time. */
enum monitor_interrupt { MONITOR_INTERRUPT_ISA, MONITOR_INTERRUPT_INTX, MONITOR_INTERRUPT_MSI };

/* With a vector of its own if there is one left, or one of those that share the monitor's. */
enum monitor_listen { MONITOR_LISTEN_OWN, MONITOR_LISTEN_SHARED };

/* What becomes of a domain when it faults, or its core stops or dies. Whoever is killed or exits has ended. */
enum monitor_supervision {
    MONITOR_SUPERVISE_END,      /* it has ended */
    MONITOR_SUPERVISE_HERE,     /* its program is started anew on its core, as soon as that is back */
    MONITOR_SUPERVISE_ELSEWHERE /* the same, but at once on another core when its own has gone */
};

enum monitor_core_state {
    MONITOR_CORE_ANSWERING,
    MONITOR_CORE_SILENT,      /* started, and does not answer this monitor */
    MONITOR_CORE_NOT_STARTED, /* `why`: NOT_FOUND no image in the archive, FORMAT damaged image, TIMEOUT no hello ... */
    MONITOR_CORE_UNKNOWN,     /* not asked yet */
    MONITOR_CORE_STOPPED      /* parked, its memory taken back; `why`: PEER_DEAD it had died and was fenced */
};

/* One end of a channel. Two numbers a word, the first one in the low half. */
enum monitor_channel {
    MONITOR_CHANNEL_DOMAINS, /* domain here, there; a monitor's count is 0 */
    MONITOR_CHANNEL_STATE,   /* enum channel_state (channel.h) or monitor_channel_state, label */
    MONITOR_CHANNEL_SENT,    /* slots sent, received */
    MONITOR_CHANNEL_WINDOW,  /* slots that may be under way, times that there was no room */
    MONITOR_CHANNEL_SLEEPS,  /* times that this end slept, that it woke the other */
    MONITOR_CHANNEL_WORDS
};

/* What a monitor says of an end instead of what its domain would. The other words are 0 then. */
enum monitor_channel_state {
    MONITOR_CHANNEL_OPENING = 16,
    MONITOR_CHANNEL_CLOSING,
    MONITOR_CHANNEL_QUARANTINED, /* closed here, and the core at the other end has not said so */
    MONITOR_CHANNEL_SILENT       /* its domain does not answer */
};

enum monitor_mem {
    MONITOR_MEM_POOL,      /* bytes of the CPU driver's pool */
    MONITOR_MEM_CAPS,      /* capabilities in its database */
    MONITOR_MEM_RAM,       /* bytes of RAM behind this monitor's capabilities */
    MONITOR_MEM_FREE,      /* of these, free */
    MONITOR_MEM_POOL_FREE, /* of the free ones, pool memory */
    MONITOR_MEM_WORDS
};

enum monitor_end {
    MONITOR_END_RUNNING, /* not yet */
    MONITOR_END_EXIT,    /* called exit */
    MONITOR_END_FAULT,   /* stopped by a fault */
    MONITOR_END_CORE,    /* ended with its core, which was stopped; status: the domain that it goes on as, 0: none */
    MONITOR_END_KILLED   /* by MONITOR_KILL */
};

/* What there is more of than after start-up. While more or fewer domains run than then, the rest includes theirs. */
enum monitor_leak {
    MONITOR_LEAK_DOMAINS,      /* running */
    MONITOR_LEAK_RAM_PAGES,    /* that are not free */
    MONITOR_LEAK_CAPABILITIES, /* outside the monitor; 0 where domains run that were there at the start */
    MONITOR_LEAK_SLOTS,        /* of the monitor in use */
    MONITOR_LEAK_BLOCKS,       /* of the monitor's heap in use */
    MONITOR_LEAK_NAMES,
    MONITOR_LEAK_CHANNELS, /* ends of this core's domains, and those that are going */
    MONITOR_LEAK_QUARANTINE, /* others, which a core that does not answer may still have; while there are any, the rest includes
                                what they take */
    MONITOR_LEAKS_COUNT
};

/* What a core's record of who owns which memory says (land.h), and whether it is so there. Two numbers a word, the first one in
   the low half. */
enum monitor_audit {
    MONITOR_AUDIT_HASH,   /* of the whole record */
    MONITOR_AUDIT_CHUNKS, /* in the record, of this core */
    MONITOR_AUDIT_OTHERS, /* of all cores in common, or kept for some of them; of cores that are not live */
    MONITOR_AUDIT_WRONG,  /* the core's that it does not have, that it has, but which are other cores' or nobody's */
    MONITOR_AUDIT_FIRST,  /* the first of these; 0: there are none */
    MONITOR_AUDIT_WORDS
};

/* For practice: the core's replica errs about one of its own chunks, or does so no longer. */
enum monitor_audit_practice { MONITOR_AUDIT_LOOK, MONITOR_AUDIT_ERR, MONITOR_AUDIT_MEND };

/* As whom a monitor calls the domains of its core: no domain has this number. */
#define MONITOR_BADGE(core) ((uint64_t)(core) << 16 | 0xffff)

/* Flags of MONITOR_FAULT. Without MONITOR_FAULT_THREAD it is the sender's own end. */
#define MONITOR_FAULT_DISABLED (1u << 8) /* in an upcall */
#define MONITOR_FAULT_THREAD (1u << 9)   /* the thread named has ended, the domain goes on */

/* domain number = core << 16 | count, as the argument page has it */
#define DOMAIN_CORE(domain) ((uint32_t)(domain) >> 16)
#define DOMAIN_COUNT(domain) ((uint32_t)(domain) & 0xffff)

#endif
