/* The clamp fused into float32 kernels. */
#ifndef EDGECC_ACTIVATION_F32_H
#define EDGECC_ACTIVATION_F32_H

#include <stdint.h>

/* A lower and an upper bound, each if it is there; NaN passes. */
typedef struct {
    int32_t has_low, has_high;
    float low, high;
} edgecc_activation_f32;

static inline float edgecc_activate_f32(const edgecc_activation_f32 *activation, float value)
{
    if (activation->has_low) {
        value = value < activation->low ? activation->low : value;
    }
    if (activation->has_high) {
        value = value > activation->high ? activation->high : value;
    }
    return value;
}

#endif
