/* Files of the machine that a debugger or emulator runs on, by Arm semihosting.
 *
 * Source: Arm, "Semihosting for AArch32 and AArch64" (Release 2.0), sections 4 and 5.
 */
#ifndef EDGECC_SEMIHOSTING_H
#define EDGECC_SEMIHOSTING_H

#include <stdint.h>

/* A handle of the open file; -1 if it cannot be opened. */
int32_t edgecc_open(const char *name, int32_t for_writing);

void edgecc_close(int32_t file);

/* The number of bytes read: fewer than `count` at the end of the file. */
int32_t edgecc_read(int32_t file, void *target, int32_t count);

/* 0 if all was written. */
int32_t edgecc_write(int32_t file, const void *source, int32_t count);

/* Ends the emulator; status 0 is success. Does not return. */
void edgecc_exit(int32_t status);

#endif
