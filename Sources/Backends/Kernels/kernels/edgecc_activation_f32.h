/* The clamp fused into float32 kernels. */
#ifndef EDGECC_ACTIVATION_F32_H
#define EDGECC_ACTIVATION_F32_H

#include <stdint.h>

/* Clamp to [low, high] when `enabled`; NaN passes. */
typedef struct {
    int32_t enabled;
    float low, high;
} edgecc_activation_f32;

static inline float edgecc_activate_f32(const edgecc_activation_f32 *activation, float value)
{
    if (!activation->enabled) {
        return value;
    }
    value = value < activation->low ? activation->low : value;
    return value > activation->high ? activation->high : value;
}

#endif
