/* Dot products of int8 vectors, the inner loop of convolution and fully connected layers.
 *
 *   acc[j] += sum over i < length of (x[i] - zx) · w[j·stride + i], j < count <= 4
 *
 * The differences fit 16 bits, so compilers use 16-bit multiply-accumulate where the core has it.
 */
#ifndef EDGECC_DOT_S8_H
#define EDGECC_DOT_S8_H

#include <stdint.h>

static inline int32_t edgecc_dot_s8(const int8_t *x, const int8_t *w, int32_t length, int32_t zx)
{
    int32_t sum = 0;
    for (int32_t i = 0; i < length; i++) {
        const int16_t value = (int16_t)(x[i] - zx);
        sum += (int32_t)value * (int32_t)w[i];
    }
    return sum;
}

static inline void edgecc_dot4_s8(const int8_t *x, const int8_t *w, int32_t stride, int32_t count,
    int32_t length, int32_t zx, int32_t *acc)
{
    if (count < 4) {
        for (int32_t j = 0; j < count; j++) {
            acc[j] += edgecc_dot_s8(x, w + j * stride, length, zx);
        }
        return;
    }
    const int8_t *w1 = w + stride;
    const int8_t *w2 = w1 + stride;
    const int8_t *w3 = w2 + stride;
    int32_t sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0;
    for (int32_t i = 0; i < length; i++) {
        const int16_t value = (int16_t)(x[i] - zx);
        sum0 += (int32_t)value * (int32_t)w[i];
        sum1 += (int32_t)value * (int32_t)w1[i];
        sum2 += (int32_t)value * (int32_t)w2[i];
        sum3 += (int32_t)value * (int32_t)w3[i];
    }
    acc[0] += sum0;
    acc[1] += sum1;
    acc[2] += sum2;
    acc[3] += sum3;
}

#endif
