/* An operation in C: y = x − lambda where x > lambda, x + lambda where x < −lambda, else 0.
 * Models name it `SoftShrink` of the domain com.example. */
#include "edgecc_plugin.h"

static edgecc_status infer(
    const edgecc_host *host, edgecc_context *context, void *user, const edgecc_type *operands,
    size_t operand_count, edgecc_type *results)
{
    (void)user;
    (void)operand_count;
    if (operands[0].element != EDGECC_F32) {
        host->fail(context, "'soft_shrink' needs f32");
        return EDGECC_FAILED;
    }
    results[0] = operands[0];
    return EDGECC_OK;
}

static float lambda_of(const edgecc_host *host, edgecc_context *context)
{
    edgecc_attribute lambda = {0};
    host->attribute(context, EDGECC_SELF, "lambda", &lambda);
    return (float)lambda.real;
}

static edgecc_status evaluate(
    const edgecc_host *host, edgecc_context *context, void *user, const edgecc_tensor *operands,
    size_t operand_count, const edgecc_tensor *results)
{
    const float lambda = lambda_of(host, context);
    const float *x = operands[0].data;
    float *y = results[0].data;
    size_t count = results[0].byte_count / sizeof *y;
    (void)user;
    (void)operand_count;
    for (size_t i = 0; i < count; i++)
        y[i] = x[i] > lambda ? x[i] - lambda : x[i] < -lambda ? x[i] + lambda : 0.0f;
    return EDGECC_OK;
}

static edgecc_status emit_c(
    const edgecc_host *host, edgecc_context *context, void *user, const edgecc_type *operands,
    size_t operand_count, const edgecc_type *result)
{
    int64_t count = 1;
    (void)user;
    (void)operands;
    (void)operand_count;
    for (uint32_t axis = 0; axis < result->rank; axis++) count *= result->extents[axis];
    host->c_function(context, "soft_shrink_f32");
    host->c_operand(context, 0);
    host->c_result(context);
    host->c_integer(context, count);
    host->c_real(context, lambda_of(host, context));
    return EDGECC_OK;
}

static const char source[] =
    "#ifndef SOFT_SHRINK_H\n"
    "#define SOFT_SHRINK_H\n"
    "\n"
    "#include <stdint.h>\n"
    "\n"
    "static inline void soft_shrink_f32(const float *x, float *y, int32_t count, float lambda)\n"
    "{\n"
    "    for (int32_t i = 0; i < count; i++)\n"
    "        y[i] = x[i] > lambda ? x[i] - lambda : x[i] < -lambda ? x[i] + lambda : 0.0f;\n"
    "}\n"
    "\n"
    "#endif\n";

static edgecc_status import(
    const edgecc_host *host, edgecc_context *context, void *user, const edgecc_value *inputs,
    size_t input_count, edgecc_value *outputs, size_t output_count)
{
    edgecc_attribute lambda;
    edgecc_insertion insertion = {
        .mnemonic = "soft_shrink",
        .operands = inputs,
        .operand_count = input_count,
        .before = EDGECC_NONE,
        .location_of = EDGECC_SELF};
    (void)user;
    if (host->attribute(context, EDGECC_SELF, "lambda", &lambda)) {
        insertion.attributes = &lambda;
        insertion.attribute_count = 1;
    }
    return host->insert(context, &insertion, outputs, output_count);
}

edgecc_status edgecc_plugin_register(const edgecc_host *host)
{
    static const edgecc_identity identity = {EDGECC_PLUGIN_API_VERSION, "soft-shrink", "1.0.0"};
    static const edgecc_attribute attributes[] = {
        {.name = "lambda", .kind = EDGECC_FLOAT, .real = 0.5, .help = "what is taken away"}};
    static const edgecc_operation_kind operation = {
        .mnemonic = "soft_shrink",
        .summary = "y = x > lambda ? x - lambda : x < -lambda ? x + lambda : 0",
        .min_operands = 1,
        .max_operands = 1,
        .result_count = 1,
        .attributes = attributes,
        .attribute_count = 1,
        .infer = infer,
        .evaluate = evaluate,
        .emit_c = emit_c,
        .c_file = "soft_shrink.h",
        .c_source = source};
    static const edgecc_import rule = {
        .format = "onnx",
        .domain = "com.example",
        .name = "SoftShrink",
        .min_inputs = 1,
        .max_inputs = 1,
        .import = import};
    if (host->identify(host, &identity) != EDGECC_OK) return EDGECC_FAILED;
    if (host->register_operation(host, &operation) != EDGECC_OK) return EDGECC_FAILED;
    return host->register_import(host, &rule);
}
