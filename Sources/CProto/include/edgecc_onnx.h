/* ONNX files: checked first, then unpacked into the structures of onnx.pb-c.h.
 *
 * The check walks the whole wire format against the message descriptors and refuses what would make
 * the unpacker overrun, recurse without end or allocate out of proportion to the file. */
#ifndef EDGECC_ONNX_H
#define EDGECC_ONNX_H

#include "edgecc_bytes.h"
#include "generated/onnx.pb-c.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Messages inside messages that are still accepted. A graph inside an If or Loop costs three
 * levels; 100 is also the limit of Google's own parsers, so no tool writes deeper files. */
#define EDGECC_ONNX_MAX_DEPTH 100

/* Unpacks a whole model. NULL when the bytes are no well-formed ModelProto: `reason` then holds one
 * sentence (at most capacity - 1 bytes and a zero) and *offset the byte at which it was noticed.
 * Large data of tensors stay where they are, as raw data that point into `bytes`: those must live,
 * unchanged, as long as the result, which is freed with the same bytes. A large float_data or
 * double_data of the type's own tensor becomes raw data, too. Everything else is copied. */
Onnx__ModelProto *_Nullable edgecc_onnx_model_unpack(const void *_Nullable bytes, size_t size,
                                                     char *_Nonnull reason, size_t capacity,
                                                     size_t *_Nonnull offset);
void edgecc_onnx_model_free(Onnx__ModelProto *_Nullable model, const void *_Nullable bytes,
                            size_t size);

/* The same for a file that holds one tensor (test data, separate weights); the result owns copies
 * of everything. */
Onnx__TensorProto *_Nullable edgecc_onnx_tensor_unpack(const void *_Nullable bytes, size_t size,
                                                       char *_Nonnull reason, size_t capacity,
                                                       size_t *_Nonnull offset);
void edgecc_onnx_tensor_free(Onnx__TensorProto *_Nullable tensor);

/* And for files with a value that is no tensor, which test data also hold. */
Onnx__SequenceProto *_Nullable edgecc_onnx_sequence_unpack(const void *_Nullable bytes, size_t size,
                                                           char *_Nonnull reason, size_t capacity,
                                                           size_t *_Nonnull offset);
void edgecc_onnx_sequence_free(Onnx__SequenceProto *_Nullable sequence);
Onnx__OptionalProto *_Nullable edgecc_onnx_optional_unpack(const void *_Nullable bytes, size_t size,
                                                           char *_Nonnull reason, size_t capacity,
                                                           size_t *_Nonnull offset);
void edgecc_onnx_optional_free(Onnx__OptionalProto *_Nullable optional);

/* Name of a TensorProto.DataType or AttributeProto.AttributeType as ONNX spells it, or NULL. */
const char *_Nullable edgecc_onnx_data_type_name(int32_t type);
const char *_Nullable edgecc_onnx_attribute_type_name(int32_t type);

#ifdef __cplusplus
}
#endif
#endif
