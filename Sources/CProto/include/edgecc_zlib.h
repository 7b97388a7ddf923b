/* The little of zlib that .npz files need, bounded by what the caller says. */
#ifndef EDGECC_ZLIB_H
#define EDGECC_ZLIB_H

#include "edgecc_bytes.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Inflates raw deflate data (no zlib or gzip header) into exactly `size` bytes, never past them.
 * NULL on success, else a sentence: the data are damaged, or give fewer or more bytes. */
const char *_Nullable edgecc_inflate(const void *_Nullable deflated, size_t deflated_size,
                                     void *_Nullable bytes, size_t size);

/* CRC-32 as zip stores it. */
uint32_t edgecc_crc32(const void *_Nullable bytes, size_t size);

#ifdef __cplusplus
}
#endif
#endif
