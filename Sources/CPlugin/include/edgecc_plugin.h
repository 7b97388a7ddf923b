/* edgecc_plugin.h - what a plugin in C sees of edgecc. C99, C++.
 *
 * A C plugin is a shared library that exports one function:
 *
 *     #include "edgecc_plugin.h"
 *
 *     static edgecc_status run(const edgecc_host *host, edgecc_context *context, void *user) { … }
 *
 *     edgecc_status edgecc_plugin_register(const edgecc_host *host)
 *     {
 *         static const edgecc_identity identity = {
 *             EDGECC_PLUGIN_API_VERSION, "drop-identity", "1.0.0"};
 *         static const edgecc_pass pass = {
 *             .name = "drop-identity", .summary = "removes operations that do nothing", .run = run};
 *         if (host->identify(host, &identity) != EDGECC_OK) return EDGECC_FAILED;
 *         return host->register_pass(host, &pass);
 *     }
 *
 * Everything goes through the table of functions `edgecc_host`, so a plugin links against nothing.
 * The table only grows at its end within one EDGECC_PLUGIN_API_VERSION; `size` tells how far it
 * reaches.
 *
 * Rules that hold throughout:
 *
 * - Every callback returns a status. Before it returns EDGECC_FAILED, it says why with `fail`; edgecc
 *   then reports that sentence with the plugin's name. A function of the table that fails has said
 *   why by itself: the callback just returns EDGECC_FAILED.
 * - A context belongs to one call of one callback, and so does everything that is read through it:
 *   handles, strings and lists are good until the callback returns. edgecc copies what a plugin
 *   hands over. Callbacks of one plugin may run in several threads at once, each with a context of
 *   its own.
 * - Strings are UTF-8 and end with a zero byte. Messages are lower-case sentences without a full
 *   stop.
 * - Tensors are dense, the last axis fastest. Activations are NHWC, filters OHWI.
 */
#ifndef EDGECC_PLUGIN_H
#define EDGECC_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this interface. */
#define EDGECC_PLUGIN_API_VERSION 1

/* In front of the entry function, for libraries that hide their symbols by default. */
#if defined(__GNUC__)
#define EDGECC_EXPORT __attribute__((visibility("default")))
#else
#define EDGECC_EXPORT
#endif

typedef struct edgecc_host edgecc_host;
typedef struct edgecc_context edgecc_context;

/* An operation and a value (an argument, a constant, a result) of the graph at hand. */
typedef int32_t edgecc_operation;
typedef int32_t edgecc_value;

/* No operation or value: an argument has no producer, an optional input may be left out. */
#define EDGECC_NONE (-1)
/* What the callback is about: the pass and its options, the operation that is evaluated, the node
 * that is imported. Only `attribute`, `mnemonic` and `source` take it. */
#define EDGECC_SELF (-2)

typedef enum { EDGECC_OK = 0, EDGECC_FAILED = 1 } edgecc_status;

typedef enum { EDGECC_REMARK = 0, EDGECC_WARNING = 1, EDGECC_ERROR = 2 } edgecc_severity;

typedef enum {
    EDGECC_F64 = 0, EDGECC_F32 = 1, EDGECC_F16 = 2, EDGECC_BF16 = 3,
    EDGECC_I64 = 10, EDGECC_I32 = 11, EDGECC_I16 = 12, EDGECC_I8 = 13,
    EDGECC_U64 = 20, EDGECC_U32 = 21, EDGECC_U16 = 22, EDGECC_U8 = 23,
    EDGECC_BOOLEAN = 30,
    /* An element type that this interface has no number for; `type_text` names it. */
    EDGECC_OTHER_ELEMENT = 255
} edgecc_element;

/* The type of a value. */
typedef struct edgecc_type {
    edgecc_element element;
    uint32_t rank;
    /* `rank` extents, outermost first; -1 where one is not known before the model runs. */
    const int64_t *extents;
    /* How integers stand for reals, real = scale * (stored - zero_point): 0 where they do not, 1 for
     * the whole tensor, else one per index of `axis`. */
    uint32_t scale_count;
    const float *scales;
    const int32_t *zero_points;
    /* -1 unless the parameters run along an axis. */
    int32_t axis;
} edgecc_type;

/* A tensor: a constant, an operand, or a result that is to be filled. */
typedef struct edgecc_tensor {
    edgecc_type type;
    /* Read only, except where a callback is given it to fill. */
    void *data;
    size_t byte_count;
} edgecc_tensor;

typedef enum {
    EDGECC_BOOL = 0, EDGECC_INT = 1, EDGECC_FLOAT = 2, EDGECC_STRING = 3,
    EDGECC_INTS = 4, EDGECC_FLOATS = 5, EDGECC_STRINGS = 6
} edgecc_kind;

/* A named value: an attribute of an operation, an option of a pass; or the declaration of one, whose
 * value is then the default. */
typedef struct edgecc_attribute {
    const char *name;
    edgecc_kind kind;
    /* EDGECC_BOOL (0 or 1) and EDGECC_INT. */
    int64_t integer;
    /* EDGECC_FLOAT. */
    double real;
    /* EDGECC_STRING. */
    const char *string;
    /* `count` elements of EDGECC_INTS, EDGECC_FLOATS or EDGECC_STRINGS. */
    const int64_t *integers;
    const float *reals;
    const char *const *strings;
    size_t count;
    /* In a declaration: a sentence for the listings. */
    const char *help;
} edgecc_attribute;

/* Who the plugin is. */
typedef struct edgecc_identity {
    /* EDGECC_PLUGIN_API_VERSION. */
    uint32_t api_version;
    /* Kebab-case. */
    const char *name;
    /* The plugin's own: "1.0.0". */
    const char *version;
} edgecc_identity;

/* A transformation of a function. */
typedef struct edgecc_pass {
    /* Kebab-case, as typed in --pass-pipeline. */
    const char *name;
    /* One sentence for `edgecc passes`. */
    const char *summary;
    /* No lists. */
    const edgecc_attribute *options;
    size_t option_count;
    /* Works on one function; options are read with `attribute` of EDGECC_SELF. */
    edgecc_status (*run)(const edgecc_host *host, edgecc_context *context, void *user);
    void *user;
} edgecc_pass;

/* An operation of the plugin's own. `attribute` of EDGECC_SELF reads its attributes. */
typedef struct edgecc_operation_kind {
    /* The name in text IR, snake_case. */
    const char *mnemonic;
    /* One sentence with the formula, for `edgecc ops`. */
    const char *summary;
    uint32_t min_operands;
    uint32_t max_operands;
    uint32_t result_count;
    const edgecc_attribute *attributes;
    size_t attribute_count;
    /* Sets the `result_count` types of `results`, or fails where the operands do not fit. What the
     * result is to be quantised as, where it is asked for, is in `results` when the call begins;
     * extents and the like may be those of the operands, or memory from `allocate`. */
    edgecc_status (*infer)(
        const edgecc_host *host, edgecc_context *context, void *user, const edgecc_type *operands,
        size_t operand_count, edgecc_type *results);
    /* The reference: fills the data of `results`, which have the types that `infer` gave. */
    edgecc_status (*evaluate)(
        const edgecc_host *host, edgecc_context *context, void *user, const edgecc_tensor *operands,
        size_t operand_count, const edgecc_tensor *results);
    /* Says which call computes the operation in generated C, with `c_function` and `c_operand`,
     * `c_result`, … for each argument in order; fails where it has none for these types. NULL for an
     * operation that runs in the interpreter only. One result. */
    edgecc_status (*emit_c)(
        const edgecc_host *host, edgecc_context *context, void *user, const edgecc_type *operands,
        size_t operand_count, const edgecc_type *result);
    /* A header of static C99 functions without a heap: its name and its text. NULL without emit_c. */
    const char *c_file;
    const char *c_source;
    void *user;
} edgecc_operation_kind;

/* How a custom operator of a model file becomes operations. */
typedef struct edgecc_import {
    /* "onnx" or "tflite". */
    const char *format;
    /* ONNX's domain; "" for TFLite. */
    const char *domain;
    /* ONNX's operator type, TFLite's custom code. */
    const char *name;
    uint32_t min_inputs;
    uint32_t max_inputs;
    /* Inserts operations for a node and sets `outputs`. Inputs that are left out are EDGECC_NONE. */
    edgecc_status (*import)(
        const edgecc_host *host, edgecc_context *context, void *user, const edgecc_value *inputs,
        size_t input_count, edgecc_value *outputs, size_t output_count);
    void *user;
} edgecc_import;

/* An operation to be inserted. */
typedef struct edgecc_insertion {
    const char *mnemonic;
    const edgecc_value *operands;
    size_t operand_count;
    /* Those that differ from their defaults. */
    const edgecc_attribute *attributes;
    size_t attribute_count;
    /* Before which operation; EDGECC_NONE for the end. */
    edgecc_operation before;
    /* Whose place in the source model it takes; EDGECC_NONE for none, EDGECC_SELF for the node that
     * is imported. */
    edgecc_operation location_of;
    /* How its first result is to be quantised; NULL or a scale_count of 0 for not. */
    const edgecc_type *quantization;
} edgecc_insertion;

struct edgecc_host {
    /* EDGECC_PLUGIN_API_VERSION of the host. */
    uint32_t api_version;
    /* sizeof(edgecc_host) of the host. */
    uint32_t size;
    /* The context of edgecc_plugin_register, for `fail`. */
    edgecc_context *registration;
    /* "0.1.0". */
    const char *edgecc_version;

    /* --- Registration: only inside edgecc_plugin_register, `identify` first. --- */

    edgecc_status (*identify)(const edgecc_host *host, const edgecc_identity *identity);
    edgecc_status (*register_pass)(const edgecc_host *host, const edgecc_pass *pass);
    edgecc_status (*register_operation)(
        const edgecc_host *host, const edgecc_operation_kind *operation);
    edgecc_status (*register_import)(const edgecc_host *host, const edgecc_import *import);

    /* --- Telling --- */

    /* Why the callback is about to return EDGECC_FAILED. */
    void (*fail)(edgecc_context *context, const char *message);
    /* A diagnostic at an operation's source node, or at none (EDGECC_NONE). The callback goes on;
     * after an EDGECC_ERROR edgecc stops at the end of the stage. */
    void (*report)(
        edgecc_context *context, edgecc_severity severity, edgecc_operation operation,
        const char *message);
    /* Zeroed memory until the callback returns; aligned for every type. */
    void *(*allocate)(edgecc_context *context, size_t size);

    /* --- Reading a graph. Lists are snapshots: they do not follow later changes. --- */

    /* The function's name: "main". */
    const char *(*function_name)(edgecc_context *context);
    /* Every operation in program order; returns how many. */
    size_t (*operations)(edgecc_context *context, const edgecc_operation **list);
    /* The function's arguments and what it returns. */
    size_t (*arguments)(edgecc_context *context, const edgecc_value **list);
    size_t (*returned)(edgecc_context *context, const edgecc_value **list);
    /* Whether the operation is still there. */
    int (*exists)(edgecc_context *context, edgecc_operation operation);
    /* "conv2d"; "" for an operation that is not there. */
    const char *(*mnemonic)(edgecc_context *context, edgecc_operation operation);
    /* The source nodes' names, joined by " + "; "" where there are none. */
    const char *(*source)(edgecc_context *context, edgecc_operation operation);
    size_t (*operands)(
        edgecc_context *context, edgecc_operation operation, const edgecc_value **list);
    size_t (*results)(
        edgecc_context *context, edgecc_operation operation, const edgecc_value **list);
    /* The operation that makes `value`, or EDGECC_NONE. */
    edgecc_operation (*producer)(edgecc_context *context, edgecc_value value);
    /* The operations that use `value`, each once. What the function returns is not among them. */
    size_t (*users)(
        edgecc_context *context, edgecc_value value, const edgecc_operation **list);
    /* How many operands and returned values are `value`. */
    size_t (*use_count)(edgecc_context *context, edgecc_value value);
    edgecc_status (*type)(edgecc_context *context, edgecc_value value, edgecc_type *type);
    /* "tensor<1x8x8x16xf32>". */
    const char *(*type_text)(edgecc_context *context, edgecc_value value);
    /* 1 and the tensor where `value` is a constant, else 0. */
    int (*constant)(edgecc_context *context, edgecc_value value, edgecc_tensor *tensor);
    /* 1 and the attribute (or its default) where the operation has it, else 0. */
    int (*attribute)(
        edgecc_context *context, edgecc_operation operation, const char *name,
        edgecc_attribute *attribute);

    /* --- Changing a graph: in `run` of a pass and in `import`. --- */

    edgecc_status (*make_constant)(
        edgecc_context *context, const edgecc_tensor *tensor, edgecc_value *value);
    /* `results` has room for as many values as the operation has results. */
    edgecc_status (*insert)(
        edgecc_context *context, const edgecc_insertion *insertion, edgecc_value *results,
        size_t result_count);
    /* Result types follow. */
    edgecc_status (*set_attribute)(
        edgecc_context *context, edgecc_operation operation, const edgecc_attribute *attribute);
    edgecc_status (*set_operand)(
        edgecc_context *context, edgecc_operation operation, size_t index, edgecc_value value);
    /* Lets all uses of the operation's results use `values`, one per result, and erases it. */
    edgecc_status (*replace)(
        edgecc_context *context, edgecc_operation operation, const edgecc_value *values,
        size_t count);
    edgecc_status (*replace_uses)(edgecc_context *context, edgecc_value old, edgecc_value value);
    /* Fails where one of its results is in use. */
    edgecc_status (*erase)(edgecc_context *context, edgecc_operation operation);

    /* --- Generated C: only inside `emit_c`, one `c_function`, then each argument in order. --- */

    edgecc_status (*c_function)(edgecc_context *context, const char *name);
    /* A pointer to the first element of an operand, of the result. */
    edgecc_status (*c_operand)(edgecc_context *context, size_t index);
    edgecc_status (*c_result)(edgecc_context *context);
    edgecc_status (*c_integer)(edgecc_context *context, int64_t value);
    edgecc_status (*c_real)(edgecc_context *context, float value);
    /* A pointer to constants, const int32_t * and const float *. */
    edgecc_status (*c_integers)(edgecc_context *context, const int64_t *values, size_t count);
    edgecc_status (*c_reals)(edgecc_context *context, const float *values, size_t count);
};

/* The entry function that a C plugin defines. */
EDGECC_EXPORT edgecc_status edgecc_plugin_register(const edgecc_host *host);

#ifdef __cplusplus
}
#endif

#endif
