/* See semihosting.h. */
#include "semihosting.h"
#include <string.h>

enum { SYS_OPEN = 0x01, SYS_CLOSE = 0x02, SYS_WRITE = 0x05, SYS_READ = 0x06, SYS_EXIT = 0x18 };
enum { OPEN_READ_BINARY = 1, OPEN_WRITE_BINARY = 5 };
enum { APPLICATION_EXIT = 0x20026, RUN_TIME_ERROR = 0x20023 };

static int32_t call(int32_t operation, uintptr_t argument)
{
    register int32_t r0 __asm__("r0") = operation;
    register uintptr_t r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

int32_t edgecc_open(const char *name, int32_t for_writing)
{
    uintptr_t block[3];
    block[0] = (uintptr_t)name;
    block[1] = for_writing ? OPEN_WRITE_BINARY : OPEN_READ_BINARY;
    block[2] = strlen(name);
    return call(SYS_OPEN, (uintptr_t)block);
}

void edgecc_close(int32_t file)
{
    uintptr_t block[1];
    block[0] = (uintptr_t)file;
    call(SYS_CLOSE, (uintptr_t)block);
}

int32_t edgecc_read(int32_t file, void *target, int32_t count)
{
    uintptr_t block[3];
    block[0] = (uintptr_t)file;
    block[1] = (uintptr_t)target;
    block[2] = (uintptr_t)count;
    return count - call(SYS_READ, (uintptr_t)block);
}

int32_t edgecc_write(int32_t file, const void *source, int32_t count)
{
    uintptr_t block[3];
    block[0] = (uintptr_t)file;
    block[1] = (uintptr_t)source;
    block[2] = (uintptr_t)count;
    return call(SYS_WRITE, (uintptr_t)block);
}

void edgecc_exit(int32_t status)
{
    call(SYS_EXIT, status == 0 ? APPLICATION_EXIT : RUN_TIME_ERROR);
    for (;;) {
    }
}
