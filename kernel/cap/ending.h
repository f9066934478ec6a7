/*
 * The end of objects, in bounded steps. For delete.c; see ending.c for how it goes.
 */
#pragma once

#include "cap/cap.h"

/* Deleting this capability ends an object that takes steps to empty: the last own one of a CNode, table, dispatcher. */
bool ending_needed(const struct cte *slot);

/* Some object is ending. Until it has ended no other can begin to, unless it lies in what is ending. */
bool ending_active(void);

/*
 * Delete a capability. If its object must end, that begins here and the slot stays filled, marked going; not allowed
 * while ending_active(). `work` is what is left of this kernel entry's units.
 */
void ending_delete(struct cte *slot, unsigned *work);

/* Go on with what is ending until it has ended or no work is left. */
void ending_run(unsigned *work);
