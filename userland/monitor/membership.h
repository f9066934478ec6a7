/* Who is alive: this core's part in the membership (skerry/membership.h). Core 0 is alone in the first view; all cores that
   have said hello at boot come in with one view, and from then on each start and stop of a core is one. */
#ifndef MONITOR_MEMBERSHIP_H
#define MONITOR_MEMBERSHIP_H

#include <skerry/agree.h>

#include "monitor/peers.h"

/* Begins, in the view of this epoch: alone (core 0), or in none (a core that was welcomed). */
[[nodiscard]] err_t membership_begin(unsigned cores, uint32_t epoch, bool alone);

/* A core has said hello and was welcomed. Before membership_open() it waits for the others. */
void membership_greeted(coreid_t core);
void membership_open(void);

/* Until the core is in a view, or out of all; it is known to run, or to be parked. TIMEOUT: others do not agree in time. */
[[nodiscard]] err_t membership_await_in(coreid_t core);
[[nodiscard]] err_t membership_await_out(coreid_t core);

/* Until this core proposes no view, or waits too long for others to agree. */
void membership_await_settled(void);

/* The core runs no more: a view without it is due. May wait. */
void membership_core_fenced(coreid_t core);

/* PEER_FENCED */
err_t membership_serve_fenced(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]);

/* Somebody waited for this core in vain, or it is time to look after it: it is probed, and fenced if it does not answer. */
void membership_suspect(coreid_t core);

/* What a core takes for the truth: MEMBERSHIP_WORDS, as MONITOR_MEMBERS says. */
#define MEMBERSHIP_WORDS (1 + AGREE_SET_WORDS)
[[nodiscard]] err_t membership_of(coreid_t core, uint64_t words[MEMBERSHIP_WORDS]);
err_t membership_serve(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]);

/* For agreement.c */
void membership_doubts(const struct agree_set *cores);
void membership_turn(void);
uint64_t membership_next(void);

#endif
