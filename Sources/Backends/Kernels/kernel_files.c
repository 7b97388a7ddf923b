/* The text of every kernel, embedded in the binary by C23's #embed, so that a backend can write out
 * just the kernels that a generated model calls. One entry per file of kernels/, in name order;
 * then the files of firmware/. */
#include "edgecc_kernels.h"

#if defined(__clang__)
#pragma clang diagnostic ignored "-Wc23-extensions"
#endif

static const unsigned char text_abs_f32[] = {
#embed "kernels/edgecc_abs_f32.h"
};

static const unsigned char text_activation_f32[] = {
#embed "kernels/edgecc_activation_f32.h"
};

static const unsigned char text_add_f32[] = {
#embed "kernels/edgecc_add_f32.h"
};

static const unsigned char text_add_s16[] = {
#embed "kernels/edgecc_add_s16.h"
};

static const unsigned char text_add_s8[] = {
#embed "kernels/edgecc_add_s8.h"
};

static const unsigned char text_average_pool2d_f32[] = {
#embed "kernels/edgecc_average_pool2d_f32.h"
};

static const unsigned char text_average_pool2d_s16[] = {
#embed "kernels/edgecc_average_pool2d_s16.h"
};

static const unsigned char text_average_pool2d_s8[] = {
#embed "kernels/edgecc_average_pool2d_s8.h"
};

static const unsigned char text_ceil_f32[] = {
#embed "kernels/edgecc_ceil_f32.h"
};

static const unsigned char text_clamp_f32[] = {
#embed "kernels/edgecc_clamp_f32.h"
};

static const unsigned char text_clamp_s16[] = {
#embed "kernels/edgecc_clamp_s16.h"
};

static const unsigned char text_clamp_s8[] = {
#embed "kernels/edgecc_clamp_s8.h"
};

static const unsigned char text_common[] = {
#embed "kernels/edgecc_common.h"
};

static const unsigned char text_conv2d_f32[] = {
#embed "kernels/edgecc_conv2d_f32.h"
};

static const unsigned char text_conv2d_s8[] = {
#embed "kernels/edgecc_conv2d_s8.h"
};

static const unsigned char text_conv2d_stored[] = {
#embed "kernels/edgecc_conv2d_stored.h"
};

static const unsigned char text_conv2d_wide[] = {
#embed "kernels/edgecc_conv2d_wide.h"
};

static const unsigned char text_copy[] = {
#embed "kernels/edgecc_copy.h"
};

static const unsigned char text_copy_nd[] = {
#embed "kernels/edgecc_copy_nd.h"
};

static const unsigned char text_cos_f32[] = {
#embed "kernels/edgecc_cos_f32.h"
};

static const unsigned char text_depthwise_conv2d_f32[] = {
#embed "kernels/edgecc_depthwise_conv2d_f32.h"
};

static const unsigned char text_depthwise_conv2d_s8[] = {
#embed "kernels/edgecc_depthwise_conv2d_s8.h"
};

static const unsigned char text_depthwise_conv2d_stored[] = {
#embed "kernels/edgecc_depthwise_conv2d_stored.h"
};

static const unsigned char text_depthwise_conv2d_wide[] = {
#embed "kernels/edgecc_depthwise_conv2d_wide.h"
};

static const unsigned char text_dequantize[] = {
#embed "kernels/edgecc_dequantize.h"
};

static const unsigned char text_div_f32[] = {
#embed "kernels/edgecc_div_f32.h"
};

static const unsigned char text_dot_s8[] = {
#embed "kernels/edgecc_dot_s8.h"
};

static const unsigned char text_elu_f32[] = {
#embed "kernels/edgecc_elu_f32.h"
};

static const unsigned char text_erf_f32[] = {
#embed "kernels/edgecc_erf_f32.h"
};

static const unsigned char text_exp_f32[] = {
#embed "kernels/edgecc_exp_f32.h"
};

static const unsigned char text_fill[] = {
#embed "kernels/edgecc_fill.h"
};

static const unsigned char text_finish_s8[] = {
#embed "kernels/edgecc_finish_s8.h"
};

static const unsigned char text_floor_f32[] = {
#embed "kernels/edgecc_floor_f32.h"
};

static const unsigned char text_fully_connected_f32[] = {
#embed "kernels/edgecc_fully_connected_f32.h"
};

static const unsigned char text_fully_connected_s8[] = {
#embed "kernels/edgecc_fully_connected_s8.h"
};

static const unsigned char text_fully_connected_stored[] = {
#embed "kernels/edgecc_fully_connected_stored.h"
};

static const unsigned char text_fully_connected_wide[] = {
#embed "kernels/edgecc_fully_connected_wide.h"
};

static const unsigned char text_gather[] = {
#embed "kernels/edgecc_gather.h"
};

static const unsigned char text_gelu_f32[] = {
#embed "kernels/edgecc_gelu_f32.h"
};

static const unsigned char text_hard_sigmoid_f32[] = {
#embed "kernels/edgecc_hard_sigmoid_f32.h"
};

static const unsigned char text_hard_swish_f32[] = {
#embed "kernels/edgecc_hard_swish_f32.h"
};

static const unsigned char text_layer_norm_f32[] = {
#embed "kernels/edgecc_layer_norm_f32.h"
};

static const unsigned char text_leaky_relu_f32[] = {
#embed "kernels/edgecc_leaky_relu_f32.h"
};

static const unsigned char text_log_f32[] = {
#embed "kernels/edgecc_log_f32.h"
};

static const unsigned char text_lookup_s16[] = {
#embed "kernels/edgecc_lookup_s16.h"
};

static const unsigned char text_matmul_f32[] = {
#embed "kernels/edgecc_matmul_f32.h"
};

static const unsigned char text_matmul_s16[] = {
#embed "kernels/edgecc_matmul_s16.h"
};

static const unsigned char text_matmul_s8[] = {
#embed "kernels/edgecc_matmul_s8.h"
};

static const unsigned char text_max_f32[] = {
#embed "kernels/edgecc_max_f32.h"
};

static const unsigned char text_max_pool2d_f32[] = {
#embed "kernels/edgecc_max_pool2d_f32.h"
};

static const unsigned char text_max_pool2d_s16[] = {
#embed "kernels/edgecc_max_pool2d_s16.h"
};

static const unsigned char text_max_pool2d_s8[] = {
#embed "kernels/edgecc_max_pool2d_s8.h"
};

static const unsigned char text_max_s16[] = {
#embed "kernels/edgecc_max_s16.h"
};

static const unsigned char text_max_s8[] = {
#embed "kernels/edgecc_max_s8.h"
};

static const unsigned char text_min_f32[] = {
#embed "kernels/edgecc_min_f32.h"
};

static const unsigned char text_min_s16[] = {
#embed "kernels/edgecc_min_s16.h"
};

static const unsigned char text_min_s8[] = {
#embed "kernels/edgecc_min_s8.h"
};

static const unsigned char text_mul_f32[] = {
#embed "kernels/edgecc_mul_f32.h"
};

static const unsigned char text_mul_s16[] = {
#embed "kernels/edgecc_mul_s16.h"
};

static const unsigned char text_mul_s8[] = {
#embed "kernels/edgecc_mul_s8.h"
};

static const unsigned char text_neg_f32[] = {
#embed "kernels/edgecc_neg_f32.h"
};

static const unsigned char text_pad[] = {
#embed "kernels/edgecc_pad.h"
};

static const unsigned char text_pool2d[] = {
#embed "kernels/edgecc_pool2d.h"
};

static const unsigned char text_pow_f32[] = {
#embed "kernels/edgecc_pow_f32.h"
};

static const unsigned char text_prelu_f32[] = {
#embed "kernels/edgecc_prelu_f32.h"
};

static const unsigned char text_quantize_f32[] = {
#embed "kernels/edgecc_quantize_f32.h"
};

static const unsigned char text_reciprocal_f32[] = {
#embed "kernels/edgecc_reciprocal_f32.h"
};

static const unsigned char text_reduce_max_f32[] = {
#embed "kernels/edgecc_reduce_max_f32.h"
};

static const unsigned char text_reduce_max_s16[] = {
#embed "kernels/edgecc_reduce_max_s16.h"
};

static const unsigned char text_reduce_max_s8[] = {
#embed "kernels/edgecc_reduce_max_s8.h"
};

static const unsigned char text_reduce_min_f32[] = {
#embed "kernels/edgecc_reduce_min_f32.h"
};

static const unsigned char text_reduce_min_s16[] = {
#embed "kernels/edgecc_reduce_min_s16.h"
};

static const unsigned char text_reduce_min_s8[] = {
#embed "kernels/edgecc_reduce_min_s8.h"
};

static const unsigned char text_reduction[] = {
#embed "kernels/edgecc_reduction.h"
};

static const unsigned char text_requantise[] = {
#embed "kernels/edgecc_requantise.h"
};

static const unsigned char text_rescale[] = {
#embed "kernels/edgecc_rescale.h"
};

static const unsigned char text_round_f32[] = {
#embed "kernels/edgecc_round_f32.h"
};

static const unsigned char text_rsqrt_f32[] = {
#embed "kernels/edgecc_rsqrt_f32.h"
};

static const unsigned char text_sigmoid_f32[] = {
#embed "kernels/edgecc_sigmoid_f32.h"
};

static const unsigned char text_sigmoid_s16[] = {
#embed "kernels/edgecc_sigmoid_s16.h"
};

static const unsigned char text_sign_f32[] = {
#embed "kernels/edgecc_sign_f32.h"
};

static const unsigned char text_silu_f32[] = {
#embed "kernels/edgecc_silu_f32.h"
};

static const unsigned char text_sin_f32[] = {
#embed "kernels/edgecc_sin_f32.h"
};

static const unsigned char text_softmax_f32[] = {
#embed "kernels/edgecc_softmax_f32.h"
};

static const unsigned char text_softmax_s16[] = {
#embed "kernels/edgecc_softmax_s16.h"
};

static const unsigned char text_softmax_s8[] = {
#embed "kernels/edgecc_softmax_s8.h"
};

static const unsigned char text_softplus_f32[] = {
#embed "kernels/edgecc_softplus_f32.h"
};

static const unsigned char text_sqrt_f32[] = {
#embed "kernels/edgecc_sqrt_f32.h"
};

static const unsigned char text_stored_weights[] = {
#embed "kernels/edgecc_stored_weights.h"
};

static const unsigned char text_sub_f32[] = {
#embed "kernels/edgecc_sub_f32.h"
};

static const unsigned char text_sub_s16[] = {
#embed "kernels/edgecc_sub_s16.h"
};

static const unsigned char text_sub_s8[] = {
#embed "kernels/edgecc_sub_s8.h"
};

static const unsigned char text_sum_f32[] = {
#embed "kernels/edgecc_sum_f32.h"
};

static const unsigned char text_sum_s16[] = {
#embed "kernels/edgecc_sum_s16.h"
};

static const unsigned char text_sum_s8[] = {
#embed "kernels/edgecc_sum_s8.h"
};

static const unsigned char text_table_s8[] = {
#embed "kernels/edgecc_table_s8.h"
};

static const unsigned char text_tanh_f32[] = {
#embed "kernels/edgecc_tanh_f32.h"
};

static const unsigned char text_tile_f32[] = {
#embed "kernels/edgecc_tile_f32.h"
};

static const unsigned char text_wide[] = {
#embed "kernels/edgecc_wide.h"
};

#define KERNEL(name) {"edgecc_" #name ".h", (const char *)text_##name, sizeof text_##name}

static const edgecc_kernel_file files[] = {
    KERNEL(abs_f32),
    KERNEL(activation_f32),
    KERNEL(add_f32),
    KERNEL(add_s16),
    KERNEL(add_s8),
    KERNEL(average_pool2d_f32),
    KERNEL(average_pool2d_s16),
    KERNEL(average_pool2d_s8),
    KERNEL(ceil_f32),
    KERNEL(clamp_f32),
    KERNEL(clamp_s16),
    KERNEL(clamp_s8),
    KERNEL(common),
    KERNEL(conv2d_f32),
    KERNEL(conv2d_s8),
    KERNEL(conv2d_stored),
    KERNEL(conv2d_wide),
    KERNEL(copy),
    KERNEL(copy_nd),
    KERNEL(cos_f32),
    KERNEL(depthwise_conv2d_f32),
    KERNEL(depthwise_conv2d_s8),
    KERNEL(depthwise_conv2d_stored),
    KERNEL(depthwise_conv2d_wide),
    KERNEL(dequantize),
    KERNEL(div_f32),
    KERNEL(dot_s8),
    KERNEL(elu_f32),
    KERNEL(erf_f32),
    KERNEL(exp_f32),
    KERNEL(fill),
    KERNEL(finish_s8),
    KERNEL(floor_f32),
    KERNEL(fully_connected_f32),
    KERNEL(fully_connected_s8),
    KERNEL(fully_connected_stored),
    KERNEL(fully_connected_wide),
    KERNEL(gather),
    KERNEL(gelu_f32),
    KERNEL(hard_sigmoid_f32),
    KERNEL(hard_swish_f32),
    KERNEL(layer_norm_f32),
    KERNEL(leaky_relu_f32),
    KERNEL(log_f32),
    KERNEL(lookup_s16),
    KERNEL(matmul_f32),
    KERNEL(matmul_s16),
    KERNEL(matmul_s8),
    KERNEL(max_f32),
    KERNEL(max_pool2d_f32),
    KERNEL(max_pool2d_s16),
    KERNEL(max_pool2d_s8),
    KERNEL(max_s16),
    KERNEL(max_s8),
    KERNEL(min_f32),
    KERNEL(min_s16),
    KERNEL(min_s8),
    KERNEL(mul_f32),
    KERNEL(mul_s16),
    KERNEL(mul_s8),
    KERNEL(neg_f32),
    KERNEL(pad),
    KERNEL(pool2d),
    KERNEL(pow_f32),
    KERNEL(prelu_f32),
    KERNEL(quantize_f32),
    KERNEL(reciprocal_f32),
    KERNEL(reduce_max_f32),
    KERNEL(reduce_max_s16),
    KERNEL(reduce_max_s8),
    KERNEL(reduce_min_f32),
    KERNEL(reduce_min_s16),
    KERNEL(reduce_min_s8),
    KERNEL(reduction),
    KERNEL(requantise),
    KERNEL(rescale),
    KERNEL(round_f32),
    KERNEL(rsqrt_f32),
    KERNEL(sigmoid_f32),
    KERNEL(sigmoid_s16),
    KERNEL(sign_f32),
    KERNEL(silu_f32),
    KERNEL(sin_f32),
    KERNEL(softmax_f32),
    KERNEL(softmax_s16),
    KERNEL(softmax_s8),
    KERNEL(softplus_f32),
    KERNEL(sqrt_f32),
    KERNEL(stored_weights),
    KERNEL(sub_f32),
    KERNEL(sub_s16),
    KERNEL(sub_s8),
    KERNEL(sum_f32),
    KERNEL(sum_s16),
    KERNEL(sum_s8),
    KERNEL(table_s8),
    KERNEL(tanh_f32),
    KERNEL(tile_f32),
    KERNEL(wide),
};

static const unsigned char text_startup[] = {
#embed "firmware/startup.c"
};

static const unsigned char text_semihosting[] = {
#embed "firmware/semihosting.c"
};

static const unsigned char text_semihosting_header[] = {
#embed "firmware/semihosting.h"
};

static const edgecc_kernel_file firmware[] = {
    {"semihosting.c", (const char *)text_semihosting, sizeof text_semihosting},
    {"semihosting.h", (const char *)text_semihosting_header, sizeof text_semihosting_header},
    {"startup.c", (const char *)text_startup, sizeof text_startup},
};

static edgecc_kernel_file file_at(const edgecc_kernel_file *list, size_t count, size_t index)
{
    const edgecc_kernel_file none = {0, 0, 0};
    return index < count ? list[index] : none;
}

size_t edgecc_kernel_file_count(void)
{
    return sizeof files / sizeof files[0];
}

edgecc_kernel_file edgecc_kernel_file_at(size_t index)
{
    return file_at(files, edgecc_kernel_file_count(), index);
}

size_t edgecc_firmware_file_count(void)
{
    return sizeof firmware / sizeof firmware[0];
}

edgecc_kernel_file edgecc_firmware_file_at(size_t index)
{
    return file_at(firmware, edgecc_firmware_file_count(), index);
}
