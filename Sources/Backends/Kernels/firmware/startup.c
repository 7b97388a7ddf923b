/* Vectors and start-up for Cortex-M.
 *
 * Copies initialised data, clears the rest, turns the floating-point unit on where the code uses
 * it, paints the stack so that its use can be measured, and calls main. A fault ends the emulator
 * with an error.
 *
 * Source: Arm, "Armv7-M Architecture Reference Manual" (DDI 0403), sections B1.5 and B3.2.20.
 */
#include "semihosting.h"
#include <stdint.h>
#include <string.h>

extern uint32_t edgecc_data_load[];
extern uint32_t edgecc_data_start[];
extern uint32_t edgecc_data_end[];
extern uint32_t edgecc_bss_start[];
extern uint32_t edgecc_bss_end[];
extern uint32_t edgecc_stack_limit[];
extern uint32_t edgecc_stack_top[];

int main(void);
void edgecc_reset(void);
int32_t edgecc_stack_used(void);

static const uint32_t paint = 0xa5c3a5c3u;

static void fault(void)
{
    edgecc_exit(1);
}

typedef union {
    void *stack;
    void (*handler)(void);
} vector;

__attribute__((section(".vectors"), used)) static const vector vectors[16] = {
    {.stack = edgecc_stack_top},
    {.handler = edgecc_reset},
    {.handler = fault},
    {.handler = fault},
    {.handler = fault},
    {.handler = fault},
    {.handler = fault},
};

/* Bytes of stack used since the start. */
int32_t edgecc_stack_used(void)
{
    const uint32_t *word = edgecc_stack_limit;
    while (word < edgecc_stack_top && *word == paint) {
        word++;
    }
    return (int32_t)((const char *)edgecc_stack_top - (const char *)word);
}

void edgecc_reset(void)
{
    uint32_t *const here = (uint32_t *)__builtin_frame_address(0);
    const size_t data = (size_t)((char *)edgecc_data_end - (char *)edgecc_data_start);
    const size_t bss = (size_t)((char *)edgecc_bss_end - (char *)edgecc_bss_start);
#if defined(__ARM_FP)
    /* CPACR: full access to CP10 and CP11. */
    *(volatile uint32_t *)0xe000ed88u |= 0xfu << 20;
    __asm__ volatile("dsb\n\tisb" : : : "memory");
#endif
    memcpy(edgecc_data_start, edgecc_data_load, data);
    memset(edgecc_bss_start, 0, bss);
    /* Below this function's own frame and what it calls. */
    for (volatile uint32_t *word = edgecc_stack_limit; word < here - 32; word++) {
        *word = paint;
    }
    edgecc_exit(main());
}
