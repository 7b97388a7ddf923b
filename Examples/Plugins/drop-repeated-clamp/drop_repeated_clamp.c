/* clamp(clamp(x)) → clamp(x), where the outer bounds are no tighter than the inner ones. */
#include "edgecc_plugin.h"

#include <string.h>

/* The bounds of a clamp, or 0 where `operation` is none. */
static int bounds(
    const edgecc_host *host, edgecc_context *context, edgecc_operation operation, double *low,
    double *high)
{
    edgecc_attribute minimum, maximum;
    if (operation == EDGECC_NONE) return 0;
    if (strcmp(host->mnemonic(context, operation), "clamp") != 0) return 0;
    if (!host->attribute(context, operation, "minimum", &minimum)) return 0;
    if (!host->attribute(context, operation, "maximum", &maximum)) return 0;
    *low = minimum.real;
    *high = maximum.real;
    return 1;
}

static edgecc_status run(const edgecc_host *host, edgecc_context *context, void *user)
{
    const edgecc_operation *operations;
    size_t count = host->operations(context, &operations);
    edgecc_attribute limit;
    int64_t left = -1;
    (void)user;
    if (host->attribute(context, EDGECC_SELF, "limit", &limit)) left = limit.integer;
    for (size_t index = 0; index < count && left != 0; index++) {
        double low, high, inner_low, inner_high;
        const edgecc_value *operands;
        edgecc_operation outer = operations[index];
        /* The list is as old as the pass: an operation on it may be gone. */
        if (!host->exists(context, outer)) continue;
        if (!bounds(host, context, outer, &low, &high)) continue;
        host->operands(context, outer, &operands);
        if (!bounds(host, context, host->producer(context, operands[0]), &inner_low, &inner_high))
            continue;
        if (low > inner_low || high < inner_high) {
            host->report(context, EDGECC_REMARK, outer, "kept: its bounds are tighter");
            continue;
        }
        if (host->replace(context, outer, operands, 1) != EDGECC_OK) return EDGECC_FAILED;
        left--;
    }
    return EDGECC_OK;
}

edgecc_status edgecc_plugin_register(const edgecc_host *host)
{
    static const edgecc_identity identity = {
        EDGECC_PLUGIN_API_VERSION, "drop-repeated-clamp", "1.0.0"};
    static const edgecc_attribute options[] = {
        {.name = "limit",
         .kind = EDGECC_INT,
         .integer = -1,
         .help = "drop at most so many; -1: all"}};
    static const edgecc_pass pass = {
        .name = "drop-repeated-clamp",
        .summary = "removes a clamp behind one that is at least as tight",
        .options = options,
        .option_count = 1,
        .run = run};
    if (host->identify(host, &identity) != EDGECC_OK) return EDGECC_FAILED;
    return host->register_pass(host, &pass);
}
