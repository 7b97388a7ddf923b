/* A function of int16 values as 512 samples and one behind the last, with interpolation.
 *
 *   out[i] = t[k] + ((t[k + 1] - t[k]) · (in[i] mod 128) + 64) / 128,  k = 256 + floor(in[i] / 128)
 *
 * Layout: any. Source: TFLite internal/common.h, LUTLookup.
 */
#ifndef EDGECC_LOOKUP_S16_H
#define EDGECC_LOOKUP_S16_H

#include <stdint.h>

static inline int32_t edgecc_lookup_s16_value(const int16_t table[513], int32_t value)
{
    const int32_t index = 256 + (value >> 7);
    const int32_t base = table[index];
    const int32_t slope = (int16_t)(table[index + 1] - base);
    return base + ((slope * (value & 0x7f) + 64) >> 7);
}

static inline void edgecc_lookup_s16(
    int32_t count, const int16_t table[513], const int16_t *input, int16_t *output)
{
    for (int32_t i = 0; i < count; i++) {
        const int32_t value = edgecc_lookup_s16_value(table, input[i]);
        output[i] = (int16_t)(value > 32767 ? 32767 : value < -32768 ? -32768 : value);
    }
}

#endif
