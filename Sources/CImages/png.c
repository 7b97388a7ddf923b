#include "edgecc_images.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libpng reports errors by a jump; what lives across it is in here. */
typedef struct {
    const unsigned char *bytes;
    size_t count;
    size_t next;
    edgecc_image *image;
    png_bytep *rows;
    jmp_buf jump;
} source;

static void fail(png_structp png, png_const_charp message) {
    source *from = png_get_error_ptr(png);
    snprintf(from->image->reason, sizeof from->image->reason, "%s", message);
    longjmp(from->jump, 1);
}

static void ignore(png_structp png, png_const_charp message) {
    (void)png;
    (void)message;
}

static void take(png_structp png, png_bytep out, png_size_t count) {
    source *from = png_get_io_ptr(png);
    if (count > from->count - from->next) png_error(png, "the file ends early");
    memcpy(out, from->bytes + from->next, count);
    from->next += count;
}

/* Asks for 8-bit grey or RGB, whatever is stored. */
static void ask(png_structp png, png_infop info) {
    png_byte kind = png_get_color_type(png, info);
    if (kind == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
    if (kind == PNG_COLOR_TYPE_GRAY) png_set_expand_gray_1_2_4_to_8(png);
    png_set_strip_16(png);
    png_set_packing(png);
    if (kind & PNG_COLOR_MASK_ALPHA || png_get_valid(png, info, PNG_INFO_tRNS)) {
        png_set_strip_alpha(png);
    }
    png_set_interlace_handling(png);
    png_read_update_info(png, info);
}

static void decode(png_structp png, png_infop info, source *from) {
    edgecc_image *image = from->image;
    png_set_read_fn(png, from, take);
    png_read_info(png, info);
    png_uint_32 width = png_get_image_width(png, info);
    png_uint_32 height = png_get_image_height(png, info);
    if ((double)width * height > EDGECC_IMAGE_LIMIT) png_error(png, "the picture is too large");
    ask(png, info);
    image->width = (int)width;
    image->height = (int)height;
    image->channels = png_get_channels(png, info);
    if (image->channels != 1 && image->channels != 3) png_error(png, "unknown channels");
    size_t stride = (size_t)width * (size_t)image->channels;
    if (png_get_rowbytes(png, info) != stride) png_error(png, "unknown sample size");
    image->pixels = malloc(stride * height);
    from->rows = malloc(sizeof *from->rows * height);
    if (!image->pixels || !from->rows) png_error(png, "out of memory");
    for (png_uint_32 row = 0; row < height; row++) from->rows[row] = image->pixels + row * stride;
    png_read_image(png, from->rows);
    png_read_end(png, NULL);
}

int edgecc_decode_png(const unsigned char *bytes, size_t count, edgecc_image *image) {
    source from = {.bytes = bytes, .count = count, .image = image};
    memset(image, 0, sizeof *image);
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &from, fail, ignore);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    volatile int done = 0;
    if (info && setjmp(from.jump) == 0) {
        decode(png, info, &from);
        done = 1;
    }
    png_destroy_read_struct(&png, &info, NULL);
    free(from.rows);
    if (!done) {
        edgecc_image_free(image);
        if (!image->reason[0]) snprintf(image->reason, sizeof image->reason, "out of memory");
    }
    return done;
}

void edgecc_image_free(edgecc_image *image) {
    free(image->pixels);
    image->pixels = NULL;
}
