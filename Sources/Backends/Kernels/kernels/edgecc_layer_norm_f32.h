/* Layer normalisation, float32.
 *
 *   out[r,c] = scale[c] · (in[r,c] - mean) / sqrt(variance + epsilon) + bias[c]
 *
 * mean and variance are those of row r, found in two passes. Layout: [rows, length]; scale and bias
 * are [length], bias may be null.
 *
 * Source: Ba, Kiros and Hinton, "Layer Normalization" (2016).
 */
#ifndef EDGECC_LAYER_NORM_F32_H
#define EDGECC_LAYER_NORM_F32_H

#include <math.h>
#include <stdint.h>

typedef struct {
    int32_t rows, length;
    float epsilon;
} edgecc_layer_norm_f32_params;

static inline void edgecc_layer_norm_f32(const edgecc_layer_norm_f32_params *p,
    const float *input, const float *scale, const float *bias, float *output)
{
    for (int32_t r = 0; r < p->rows; r++) {
        float sum = 0.0f;
        float squares = 0.0f;
        for (int32_t c = 0; c < p->length; c++) {
            sum += input[c];
        }
        const float mean = sum / (float)p->length;
        for (int32_t c = 0; c < p->length; c++) {
            const float distance = input[c] - mean;
            squares += distance * distance;
        }
        const float factor = 1.0f / sqrtf(squares / (float)p->length + p->epsilon);
        for (int32_t c = 0; c < p->length; c++) {
            const float value = (input[c] - mean) * factor * scale[c];
            output[c] = bias ? value + bias[c] : value;
        }
        input += p->length;
        output += p->length;
    }
}

#endif
