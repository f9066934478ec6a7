/* The serial console, by LRPC: name "serial", on core 0. Request payload -> reply after the error. */
#ifndef IF_SERIAL_H
#define IF_SERIAL_H

#define SERIAL_NAME "serial"
#define SERIAL_WRITE_PIECE 64
#define SERIAL_READ_PIECE 48
#define SERIAL_LINE_MAX 255
#define SERIAL_PROMPT_MAX 64

enum serial_operation {
    SERIAL_WRITE = 1, /* bytes, text (8): \n becomes \r\n; answered once it is out */
    SERIAL_READLINE,  /* bytes, prompt (8) -> bytes of the line, its first 48 bytes; CANCELLED after ctrl-C */
    SERIAL_READ_MORE  /* offset -> bytes of the line, 48 bytes from the offset on */
};

#endif
