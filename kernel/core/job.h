/*
 * Jobs: a budget of time to be had before a deadline, one after the other at a rate of budget / period. The rules are those
 * of the constant bandwidth server (Abeni and Buttazzo, RTSS 1998): whatever its owner does, in no interval do jobs with
 * both their beginning and their deadline inside ask for more than the rate gives. So if all rates together are at most 1
 * and the earliest deadline goes first, every deadline is met.
 */
#pragma once

#include "core/base.h"

struct job {
    uint64_t budget, period;
    uint64_t left, deadline;
};

static inline void job_begin(struct job *job, uint64_t start) {
    job->left = job->budget;
    job->deadline = start + job->period;
}

/* The job after this one: without a gap, unless time was lost that nobody planned, more than `late` of it. */
static inline void job_next(struct job *job, uint64_t now, uint64_t late) {
    job_begin(job, job->deadline + late > now ? job->deadline : now);
}

/* After a pause: what is left is kept only if it is no more than the rate gives until the deadline. */
static inline void job_resume(struct job *job, uint64_t now) {
    if (now >= job->deadline ||
        (unsigned __int128)job->left * job->period > (unsigned __int128)job->budget * (job->deadline - now)) {
        job_begin(job, now);
    }
}

static inline void job_charge(struct job *job, uint64_t ticks) {
    job->left -= MIN(job->left, ticks);
}
