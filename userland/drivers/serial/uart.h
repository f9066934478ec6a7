/* The 16550 behind COM1, through this domain's port capability and interrupt. */
#ifndef SERIAL_UART_H
#define SERIAL_UART_H

#include <skerry/base.h>

#define UART_IRQ_BIT 1 /* notification bit of the interrupt */

/* Takes the ports and the interrupt, programs the UART. */
[[nodiscard]] err_t uart_open(void);

/* Writes bytes as they are. */
void uart_write(const char *bytes, size_t size);

/* The next byte received. */
[[nodiscard]] bool uart_read(char *byte);

#endif
