/* What has no counterpart is an input/output error: the service at the other end failed. */
#include "libc/errors.h"

#include <errno.h>

int errno_failed(err_t err) {
    switch (err) {
    case ERR_NOT_FOUND:
        errno = ENOENT;
        break;
    case ERR_ARGUMENT:
        errno = ENAMETOOLONG;
        break;
    case ERR_NO_MEMORY:
        errno = ENOMEM;
        break;
    case ERR_TIMEOUT:
        errno = ETIMEDOUT;
        break;
    default:
        errno = EIO;
    }
    return -1;
}
