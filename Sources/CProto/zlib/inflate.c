#include "edgecc_zlib.h"

#include <string.h>
#include <zlib.h>

/* zlib counts in 32 bits: longer buffers are handed over in pieces. */
#define PIECE ((size_t)1 << 30)

static size_t piece_of(size_t left) {
    return left < PIECE ? left : PIECE;
}

/* Runs until the stream ends; NULL when it ended exactly at the end of the output. */
static const char *inflate_all(z_stream *stream, size_t input_left, size_t output_left) {
    Bytef surplus;
    for (;;) {
        if (stream->avail_in == 0) {
            stream->avail_in = (uInt)piece_of(input_left);
            input_left -= stream->avail_in;
        }
        if (stream->avail_out == 0 && output_left > 0) {
            stream->avail_out = (uInt)piece_of(output_left);
            output_left -= stream->avail_out;
        } else if (stream->avail_out == 0) {
            /* The output is full, yet the end mark may still be to come: give room for one byte
             * elsewhere, which must not be used. */
            stream->next_out = &surplus;
            stream->avail_out = 1;
            int status = inflate(stream, Z_NO_FLUSH);
            if (stream->avail_out == 0) return "the deflated data are longer than declared";
            stream->avail_out = 0;
            if (status == Z_STREAM_END) return NULL;
            if (status == Z_OK && (stream->avail_in > 0 || input_left > 0)) continue;
            return status == Z_OK || status == Z_BUF_ERROR ? "the deflated data are cut off"
                                                           : "the deflated data are damaged";
        }
        int status = inflate(stream, Z_NO_FLUSH);
        if (status == Z_STREAM_END) {
            return stream->avail_out == 0 && output_left == 0
                       ? NULL
                       : "the deflated data are shorter than declared";
        }
        if (status == Z_BUF_ERROR || (status == Z_OK && stream->avail_in == 0 && input_left == 0 &&
                                      stream->avail_out > 0)) {
            return "the deflated data are cut off";
        }
        if (status == Z_MEM_ERROR) return "memory ran out while inflating";
        if (status != Z_OK) return "the deflated data are damaged";
    }
}

const char *edgecc_inflate(const void *deflated, size_t deflated_size, void *bytes, size_t size) {
    if (deflated == NULL && deflated_size > 0) return "there are no deflated data";
    if (bytes == NULL && size > 0) return "there is no room for the inflated data";
    Bytef nothing = 0;
    z_stream stream;
    memset(&stream, 0, sizeof stream);
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return "zlib could not be started";
    /* zlib reads through next_in only; the cast drops a const it declares without Z_CONST. */
    stream.next_in = deflated == NULL ? &nothing : (Bytef *)deflated;
    stream.next_out = bytes == NULL ? &nothing : bytes;
    const char *fault = inflate_all(&stream, deflated_size, size);
    inflateEnd(&stream);
    return fault;
}

uint32_t edgecc_crc32(const void *bytes, size_t size) {
    uLong sum = crc32(0, Z_NULL, 0);
    const Bytef *at = bytes;
    while (bytes != NULL && size > 0) {
        size_t piece = piece_of(size);
        sum = crc32(sum, at, (uInt)piece);
        at += piece;
        size -= piece;
    }
    return (uint32_t)sum;
}
