/* TFLite files: verified as a whole when opened, then read through plain C.
 *
 * Every pointer in a result belongs to the model and lives until edgecc_tflite_close. An index out
 * of range gives a zeroed result; no index found in the file itself is ever out of range. Strings
 * end in zero but need not be UTF-8. The host must be little endian. */
#ifndef EDGECC_TFLITE_H
#define EDGECC_TFLITE_H

#include "edgecc_bytes.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct edgecc_tflite_model edgecc_tflite_model;

/* Copies the bytes (any alignment) and checks them: flatbuffers' own verification, the identifier
 * TFL3, and every index between tables. NULL when something is wrong: `reason` then holds one
 * sentence with the place (at most capacity - 1 bytes and a zero). */
edgecc_tflite_model *_Nullable edgecc_tflite_open(const void *_Nullable bytes, size_t size,
                                                  char *_Nonnull reason, size_t capacity);
void edgecc_tflite_close(edgecc_tflite_model *_Nullable model);

/* Names as the TFLite schema spells them; NULL for a number it does not know. */
const char *_Nullable edgecc_tflite_type_name(int32_t type);
const char *_Nullable edgecc_tflite_operator_name(int32_t builtin_code);

/* --- Model --- */

uint32_t edgecc_tflite_version(const edgecc_tflite_model *_Nonnull model);
const char *_Nonnull edgecc_tflite_description(const edgecc_tflite_model *_Nonnull model);

size_t edgecc_tflite_buffer_count(const edgecc_tflite_model *_Nonnull model);
edgecc_bytes edgecc_tflite_buffer(const edgecc_tflite_model *_Nonnull model, size_t buffer);

typedef struct {
    const char *_Nonnull name;
    edgecc_bytes data;
} edgecc_tflite_metadata_entry;

size_t edgecc_tflite_metadata_count(const edgecc_tflite_model *_Nonnull model);
edgecc_tflite_metadata_entry edgecc_tflite_metadata(const edgecc_tflite_model *_Nonnull model,
                                                    size_t entry);

typedef struct {
    const char *_Nonnull key;
    size_t subgraph;
    size_t input_count;
    size_t output_count;
} edgecc_tflite_signature;

/* A signature's name for a tensor of its subgraph. */
typedef struct {
    const char *_Nonnull name;
    int32_t tensor;
} edgecc_tflite_tensor_name;

size_t edgecc_tflite_signature_count(const edgecc_tflite_model *_Nonnull model);
edgecc_tflite_signature edgecc_tflite_signature_at(const edgecc_tflite_model *_Nonnull model,
                                                   size_t signature);
edgecc_tflite_tensor_name edgecc_tflite_signature_input(const edgecc_tflite_model *_Nonnull model,
                                                        size_t signature, size_t input);
edgecc_tflite_tensor_name edgecc_tflite_signature_output(const edgecc_tflite_model *_Nonnull model,
                                                         size_t signature, size_t output);

/* --- Subgraph --- */

typedef struct {
    const char *_Nonnull name;
    edgecc_int32_list inputs;
    edgecc_int32_list outputs;
    size_t tensor_count;
    size_t operator_count;
} edgecc_tflite_subgraph;

size_t edgecc_tflite_subgraph_count(const edgecc_tflite_model *_Nonnull model);
edgecc_tflite_subgraph edgecc_tflite_subgraph_at(const edgecc_tflite_model *_Nonnull model,
                                                 size_t subgraph);

/* --- Tensor --- */

/* How the quantisation is described: by the lists, or by one of the tables of newer schemas. */
typedef enum {
    EDGECC_TFLITE_AFFINE = 0,
    EDGECC_TFLITE_CUSTOM = 1,
    EDGECC_TFLITE_BLOCKWISE = 2,
    EDGECC_TFLITE_MULTI_AXIS = 3
} edgecc_tflite_quantization_details;

/* real = scale * (stored - zero_point). The two lists may differ in length, and scales may be any
 * float: what they mean together is the importer's question. */
typedef struct {
    bool present;
    edgecc_float_list scale;
    edgecc_int64_list zero_point;
    edgecc_float_list minimum;
    edgecc_float_list maximum;
    int32_t dimension;
    int32_t details; /* an edgecc_tflite_quantization_details, or a number from a newer schema */
    /* Blockwise and multi-axis: tensors of the same subgraph (-1 none), block length, axes. */
    int32_t scale_tensor;
    int32_t zero_point_tensor;
    int32_t block_size;
    edgecc_int32_list dimensions;
} edgecc_tflite_quantization;

typedef struct {
    const char *_Nonnull name;
    int32_t type;
    bool has_rank;
    bool is_variable;
    bool is_sparse;
    edgecc_int32_list shape;
    edgecc_int32_list shape_signature; /* -1 where a dimension is free; empty when not given */
    size_t buffer;                     /* tensors that share a buffer share its bytes */
    edgecc_bytes data;                 /* empty unless the tensor is constant */
    uint32_t external_buffer;          /* not 0: the bytes stand in another file */
    edgecc_tflite_quantization quantization;
} edgecc_tflite_tensor;

edgecc_tflite_tensor edgecc_tflite_tensor_at(const edgecc_tflite_model *_Nonnull model,
                                             size_t subgraph, size_t tensor);

/* Integers of any width in the file; edgecc_tflite_integers_read widens them. */
typedef struct {
    const void *_Nullable values;
    size_t count;
    int32_t width; /* bytes of one */
    bool is_signed;
} edgecc_tflite_integers;

/* Copies at most `capacity` of them; gives how many there are. */
size_t edgecc_tflite_integers_read(edgecc_tflite_integers integers, int64_t *_Nullable values,
                                   size_t capacity);

typedef struct {
    edgecc_int32_list traversal_order;
    edgecc_int32_list block_map;
    size_t dimension_count;
} edgecc_tflite_sparsity;

/* One level of a sparse tensor: dense with a size, or compressed with segments and indices. */
typedef struct {
    bool is_compressed;
    int32_t dense_size;
    edgecc_tflite_integers segments;
    edgecc_tflite_integers indices;
} edgecc_tflite_sparse_dimension;

edgecc_tflite_sparsity edgecc_tflite_sparsity_of(const edgecc_tflite_model *_Nonnull model,
                                                 size_t subgraph, size_t tensor);
edgecc_tflite_sparse_dimension edgecc_tflite_sparse_dimension_at(
    const edgecc_tflite_model *_Nonnull model, size_t subgraph, size_t tensor, size_t dimension);

/* --- Operator --- */

typedef struct {
    int32_t builtin_code;
    const char *_Nullable builtin_name; /* NULL for a code of a newer schema */
    const char *_Nonnull custom_code;   /* "" unless the operator is CUSTOM */
    int32_t version;
    edgecc_int32_list inputs; /* -1: left out */
    edgecc_int32_list outputs;
    edgecc_int32_list intermediates;
    edgecc_bytes mutating_inputs; /* one byte for each input, or none */
    edgecc_bytes custom_options;
    const char *_Nullable options_name; /* the table, "Conv2DOptions"; NULL without one */
    size_t option_count;                /* of options present in the file */
    bool has_unknown_options;           /* a table of a newer schema, which cannot be read */
} edgecc_tflite_operator;

edgecc_tflite_operator edgecc_tflite_operator_at(const edgecc_tflite_model *_Nonnull model,
                                                 size_t subgraph, size_t operation);

typedef enum {
    EDGECC_TFLITE_OPTION_INT,
    EDGECC_TFLITE_OPTION_FLOAT,
    EDGECC_TFLITE_OPTION_BOOL,
    EDGECC_TFLITE_OPTION_STRING,
    EDGECC_TFLITE_OPTION_INTS,
    EDGECC_TFLITE_OPTION_FLOATS
} edgecc_tflite_option_kind;

/* One field of the options table, by its schema name. A field that equals the schema's default is
 * usually not in the file; every default is 0 except: dilation_*_factor = 1, pot_scale_int16 =
 * true, time_major = true (BidirectionalSequenceLSTMOptions only). */
typedef struct {
    const char *_Nonnull name;
    edgecc_tflite_option_kind kind;
    int64_t integer;                 /* INT, BOOL */
    const char *_Nullable symbol;    /* INT of an enumeration: its name, "SAME", "RELU6", "INT8" */
    double real;                     /* FLOAT */
    const char *_Nullable string;    /* STRING */
    edgecc_tflite_integers integers; /* INTS */
    edgecc_float_list floats;        /* FLOATS */
} edgecc_tflite_option;

edgecc_tflite_option edgecc_tflite_option_at(const edgecc_tflite_model *_Nonnull model,
                                             size_t subgraph, size_t operation, size_t option);

/* --- Numbers of the schema by its names, for what writes files --- */

/* Where a field stands in its table. A union has two fields: its name with "_type" behind it holds
 * the number of the member, edgecc_tflite_options_number for an operator's options. */
typedef struct {
    int32_t slot;  /* -1: no such table or field */
    int32_t width; /* bytes of a number, or of one in a list; 0 for strings and tables */
    bool is_list;
} edgecc_tflite_field;

edgecc_tflite_field edgecc_tflite_field_named(const char *_Nonnull table,
                                              const char *_Nonnull field);

/* The number of a value of the enumeration that a field holds: ("Tensor", "type", "INT8"),
 * ("OperatorCode", "builtin_code", "CONV_2D"). -1 where there is none. */
int32_t edgecc_tflite_symbol_number(const char *_Nonnull table, const char *_Nonnull field,
                                    const char *_Nonnull symbol);
int32_t edgecc_tflite_options_number(const char *_Nonnull table);

#ifdef __cplusplus
}
#endif
#endif
