/* The scheduler's trace, for the simulator: what it does is seen in its calls. */
#pragma once

#define trace_switch(to) ((void)(to))
