#ifndef EDGECC_IMAGES_H
#define EDGECC_IMAGES_H

#include <stddef.h>

/// A picture of 8-bit samples, row by row: 1 channel (grey) or 3 (red, green, blue). What a file has
/// of transparency is dropped, 16-bit samples keep their upper half.
typedef struct {
    int width;
    int height;
    int channels;
    unsigned char *pixels;
    /// Why there are no pixels.
    char reason[200];
} edgecc_image;

/// Most pixels that a picture may have: what a few bytes may otherwise claim to unpack to.
#define EDGECC_IMAGE_LIMIT (1 << 26)

/// Decodes `count` bytes. Returns 0 and sets `reason` where they are no whole picture; the pixels
/// are then NULL.
int edgecc_decode_png(const unsigned char *bytes, size_t count, edgecc_image *image);
int edgecc_decode_jpeg(const unsigned char *bytes, size_t count, edgecc_image *image);

void edgecc_image_free(edgecc_image *image);

#endif
