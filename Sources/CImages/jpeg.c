#include "edgecc_images.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

/* libjpeg reports errors by a call that must not return. */
typedef struct {
    struct jpeg_error_mgr base;
    edgecc_image *image;
    jmp_buf jump;
} errors;

static void fail(j_common_ptr common) {
    errors *state = (errors *)common->err;
    char text[JMSG_LENGTH_MAX];
    state->base.format_message(common, text);
    snprintf(state->image->reason, sizeof state->image->reason, "%.190s", text);
    longjmp(state->jump, 1);
}

/* Damaged data is a warning to libjpeg, which fills up with grey: here it is an error. */
static void warn(j_common_ptr common, int level) {
    if (level < 0) fail(common);
}

static void decode(struct jpeg_decompress_struct *jpeg, edgecc_image *image) {
    jpeg_read_header(jpeg, TRUE);
    if ((double)jpeg->image_width * jpeg->image_height > EDGECC_IMAGE_LIMIT) {
        snprintf(image->reason, sizeof image->reason, "the picture is too large");
        longjmp(((errors *)jpeg->err)->jump, 1);
    }
    jpeg->out_color_space = jpeg->num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_start_decompress(jpeg);
    image->width = (int)jpeg->output_width;
    image->height = (int)jpeg->output_height;
    image->channels = jpeg->output_components;
    size_t stride = (size_t)jpeg->output_width * (size_t)jpeg->output_components;
    image->pixels = malloc(stride * jpeg->output_height);
    if (!image->pixels) {
        snprintf(image->reason, sizeof image->reason, "out of memory");
        longjmp(((errors *)jpeg->err)->jump, 1);
    }
    while (jpeg->output_scanline < jpeg->output_height) {
        JSAMPROW row = image->pixels + jpeg->output_scanline * stride;
        jpeg_read_scanlines(jpeg, &row, 1);
    }
    jpeg_finish_decompress(jpeg);
}

int edgecc_decode_jpeg(const unsigned char *bytes, size_t count, edgecc_image *image) {
    struct jpeg_decompress_struct jpeg;
    errors state;
    memset(image, 0, sizeof *image);
    memset(&jpeg, 0, sizeof jpeg);
    jpeg.err = jpeg_std_error(&state.base);
    state.base.error_exit = fail;
    state.base.emit_message = warn;
    state.image = image;
    volatile int done = 0;
    if (setjmp(state.jump) == 0) {
        jpeg_create_decompress(&jpeg);
        jpeg_mem_src(&jpeg, bytes, (unsigned long)count);
        decode(&jpeg, image);
        done = 1;
    }
    jpeg_destroy_decompress(&jpeg);
    if (!done) edgecc_image_free(image);
    return done;
}
