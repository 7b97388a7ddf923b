/* Small integer helpers shared by the kernels. C99, no state, no libc.
 *
 * Signed right shifts are arithmetic and narrowing conversions wrap on every compiler supported
 * (gcc, clang); left shifts are done on unsigned values.
 */
#ifndef EDGECC_COMMON_H
#define EDGECC_COMMON_H

#include <stdint.h>

/* The greatest rank of a kernel that walks a tensor by strides. */
#define EDGECC_RANK 6

static inline int32_t edgecc_min_s32(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static inline int32_t edgecc_max_s32(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

static inline int32_t edgecc_clamp_s32(int32_t value, int32_t low, int32_t high)
{
    return edgecc_min_s32(edgecc_max_s32(value, low), high);
}

/* An element-wise walk over two inputs. The output is dense; an input's stride of 0 broadcasts it.
 * Unused leading dimensions are 1. Strides count elements. */
typedef struct {
    int32_t dims[EDGECC_RANK];
    int32_t a_strides[EDGECC_RANK];
    int32_t b_strides[EDGECC_RANK];
} edgecc_broadcast;

/* The number of innermost rows of a walk. */
static inline int32_t edgecc_broadcast_rows(const edgecc_broadcast *shape)
{
    int32_t rows = 1;
    for (int32_t i = 0; i < EDGECC_RANK - 1; i++) {
        rows *= shape->dims[i];
    }
    return rows;
}

/* The offset of innermost row `row`, for one input's strides. */
static inline int32_t edgecc_row_offset(const int32_t *dims, const int32_t *strides, int32_t row)
{
    int32_t offset = 0;
    for (int32_t i = EDGECC_RANK - 2; i >= 0; i--) {
        if (dims[i] > 1) {
            offset += (row % dims[i]) * strides[i];
            row /= dims[i];
        }
    }
    return offset;
}

#endif
