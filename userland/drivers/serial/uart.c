/* [PC16550D datasheet] Received bytes raise the interrupt; sending waits for the FIFO, which QEMU's always has empty. */
#include "drivers/serial/uart.h"

#include <abi/stubs.h>
#include <skerry/driver.h>
#include <skerry/string.h>

#define COM1_ISA_LINE 4
#define FIFO_SIZE 16
#define READY_TRIES 1000000

enum uart_register { UART_DATA = 0, UART_IER = 1, UART_FCR = 2, UART_LCR = 3, UART_MCR = 4, UART_LSR = 5 };
#define LSR_RECEIVED 0x01
#define LSR_CAN_SEND 0x20

static capaddr_t ports;

static void out(enum uart_register which, uint64_t value) {
    (void)ioport_out(ports, PORT_COM1 + which, 1, value);
}

static uint64_t in(enum uart_register which) {
    uint64_t value = 0;
    (void)ioport_in(ports, PORT_COM1 + which, 1, &value);
    return value;
}

static void program(void) {
    out(UART_IER, 0);
    out(UART_LCR, 0x80); /* divisor: 115200 baud */
    out(UART_DATA, 1);
    out(UART_IER, 0);
    out(UART_LCR, 0x03); /* 8 bits, no parity, 1 stop bit */
    out(UART_FCR, 0x07); /* FIFOs on, emptied, interrupt at each byte */
    out(UART_MCR, 0x0b); /* DTR, RTS, interrupt line on */
}

err_t uart_open(void) {
    struct driver_request request = {MONITOR_INTERRUPT_ISA, COM1_ISA_LINE, UART_IRQ_BIT};
    struct driver_interrupt interrupt;
    TRY(driver_ports(PORT_COM1, &ports));
    program();
    TRY(driver_interrupt(&request, &interrupt));
    out(UART_IER, 0x01);
    return ERR_OK;
}

static void wait_ready(void) {
    for (unsigned i = 0; i < READY_TRIES && (in(UART_LSR) & LSR_CAN_SEND) == 0; i++) {
        cpu_pause();
    }
}

void uart_write(const char *bytes, size_t size) {
    for (size_t done = 0; done < size; done += FIFO_SIZE) {
        size_t piece = MIN(size - done, (size_t)FIFO_SIZE);
        uint64_t word[2] = {0};
        memcpy(word, bytes + done, piece);
        wait_ready();
        (void)ioport_write(ports, PORT_COM1 + UART_DATA, piece, word[0], word[1], 0, 0);
    }
}

bool uart_read(char *byte) {
    if ((in(UART_LSR) & LSR_RECEIVED) == 0) {
        return false;
    }
    *byte = (char)in(UART_DATA);
    return true;
}
