/* What the readers share: nullability words for every compiler, and borrowed lists. */
#ifndef EDGECC_BYTES_H
#define EDGECC_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Nullability is a clang extension that Swift reads; other compilers see nothing. */
#if !defined(__clang__)
#define _Nonnull
#define _Nullable
#endif

/* Views into memory that another object owns; values is NULL when count is 0. */
typedef struct {
    const uint8_t *_Nullable values;
    size_t count;
} edgecc_bytes;

typedef struct {
    const int32_t *_Nullable values;
    size_t count;
} edgecc_int32_list;

typedef struct {
    const int64_t *_Nullable values;
    size_t count;
} edgecc_int64_list;

typedef struct {
    const float *_Nullable values;
    size_t count;
} edgecc_float_list;

#endif
