/* Each routine stands between these, so that it has a size and the symboliser can name it. */
#define FUNCTION(name) \
    .globl name;       \
    .type name, @function; \
    .balign 16;        \
name:
#define END_FUNCTION(name) .size name, . - name
