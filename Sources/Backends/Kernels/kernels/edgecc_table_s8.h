/* A function of one int8 value as a table.
 *
 *   out[i] = table[in[i] + 128]
 *
 * The table has 256 entries, the first for -128. Layout: any. Exact.
 */
#ifndef EDGECC_TABLE_S8_H
#define EDGECC_TABLE_S8_H

#include <stdint.h>

static inline void edgecc_table_s8(
    int32_t count, const int8_t table[256], const int8_t *input, int8_t *output)
{
    for (int32_t i = 0; i < count; i++) {
        output[i] = table[input[i] + 128];
    }
}

#endif
