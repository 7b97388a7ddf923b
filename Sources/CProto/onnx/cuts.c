#include "cuts.h"

#include <stdlib.h>
#include <string.h>

#include "generated/onnx.pb-c.h"

static const uint8_t token_magic[8] = {0xE1, 'c', 'u', 't', 0xFE, 0xED, 0x0F, 0xF1};

bool edgecc_cuts_is_token(const uint8_t *payload, size_t size) {
    return size == EDGECC_CUT_TOKEN && memcmp(payload, token_magic, sizeof token_magic) == 0;
}

static void add(edgecc_cuts *cuts, edgecc_edit edit) {
    if (cuts->off) return;
    if (cuts->count == cuts->capacity) {
        size_t capacity = cuts->capacity == 0 ? 64 : 2 * cuts->capacity;
        edgecc_edit *edits = realloc(cuts->edits, capacity * sizeof *edits);
        if (edits == NULL) {
            cuts->off = true;
            return;
        }
        cuts->edits = edits;
        cuts->capacity = capacity;
    }
    cuts->edits[cuts->count++] = edit;
}

void edgecc_cuts_add_payload(edgecc_cuts *cuts, size_t length_at, size_t payload_at, size_t size) {
    edgecc_edit edit = {length_at, payload_at - length_at, EDGECC_CUT_TOKEN, true, size};
    add(cuts, edit);
    cuts->removed += size - EDGECC_CUT_TOKEN;
}

void edgecc_cuts_add_length(edgecc_cuts *cuts, size_t length_at, size_t payload_at, size_t value) {
    edgecc_edit edit = {length_at, payload_at - length_at, value, false, 0};
    add(cuts, edit);
}

static int by_place(const void *a, const void *b) {
    size_t left = ((const edgecc_edit *)a)->at, right = ((const edgecc_edit *)b)->at;
    return left < right ? -1 : left > right;
}

/* A varint of exactly `width` bytes: all but the last say that more follow. */
static void write_padded(uint8_t *to, size_t width, size_t value) {
    for (size_t i = 0; i < width; i++, value >>= 7) {
        to[i] = (uint8_t)(value & 0x7f) | (i + 1 < width ? 0x80 : 0);
    }
}

static void write_token(uint8_t *to, uint64_t index) {
    memcpy(to, token_magic, sizeof token_magic);
    memcpy(to + sizeof token_magic, &index, sizeof index);
}

uint8_t *edgecc_cuts_compact(edgecc_cuts *cuts, const uint8_t *bytes, size_t size,
                             size_t *compact_size) {
    /* Lengths were noted when their messages ended; the file has them in front. */
    qsort(cuts->edits, cuts->count, sizeof *cuts->edits, by_place);
    uint8_t *compact = malloc(size - cuts->removed + 1);
    if (compact == NULL) return NULL;
    size_t from = 0, to = 0;
    for (size_t i = 0; i < cuts->count; i++) {
        const edgecc_edit *edit = &cuts->edits[i];
        memcpy(compact + to, bytes + from, edit->at - from);
        to += edit->at - from;
        write_padded(compact + to, edit->width, edit->value);
        to += edit->width;
        from = edit->at + edit->width;
        if (!edit->is_cut) continue;
        write_token(compact + to, i);
        to += EDGECC_CUT_TOKEN;
        from += edit->size;
    }
    memcpy(compact + to, bytes + from, size - from);
    *compact_size = to + size - from;
    return compact;
}

void edgecc_cuts_free(edgecc_cuts *cuts) { free(cuts->edits); }

/* --- Tensors of a message --- */

typedef bool (*tensor_visitor)(Onnx__TensorProto *tensor, const void *context);

static bool visit(ProtobufCMessage *message, tensor_visitor visitor, const void *context);

static bool holds_tensors(const ProtobufCMessageDescriptor *type) {
    return type != &onnx__value_info_proto__descriptor && type != &onnx__type_proto__descriptor &&
           type != &onnx__string_string_entry_proto__descriptor;
}

static bool visit_field(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field,
                        tensor_visitor visitor, const void *context) {
    const uint8_t *base = (const uint8_t *)message;
    const void *member = base + field->offset, *quantifier = base + field->quantifier_offset;
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        size_t count = *(const size_t *)quantifier;
        ProtobufCMessage *const *list = *(ProtobufCMessage *const *const *)member;
        for (size_t i = 0; i < count; i++) {
            if (!visit(list[i], visitor, context)) return false;
        }
        return true;
    }
    if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) &&
        *(const uint32_t *)quantifier != field->id) {
        return true;
    }
    ProtobufCMessage *inner = *(ProtobufCMessage *const *)member;
    return inner == NULL || visit(inner, visitor, context);
}

/* Calls the visitor for every tensor; as deep as the check allowed messages to nest. */
static bool visit(ProtobufCMessage *message, tensor_visitor visitor, const void *context) {
    const ProtobufCMessageDescriptor *type = message->descriptor;
    if (type == &onnx__tensor_proto__descriptor) {
        return visitor((Onnx__TensorProto *)message, context);
    }
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        if (field->type != PROTOBUF_C_TYPE_MESSAGE || !holds_tensors(field->descriptor)) continue;
        if (!visit_field(message, field, visitor, context)) return false;
    }
    return true;
}

typedef struct {
    const edgecc_cuts *cuts;
    const uint8_t *bytes;
} source;

/* The payload that a token stands for; the check leaves none that is not ours. */
static const uint8_t *payload_of(const source *source, const void *token, size_t *size) {
    uint64_t index;
    memcpy(&index, (const uint8_t *)token + sizeof token_magic, sizeof index);
    const edgecc_edit *edit = &source->cuts->edits[index];
    *size = edit->size;
    return source->bytes + edit->at + edit->width;
}

/* A list that is cut becomes the tensor's raw data where that means the same, else a copy: the file
 * does not align it. */
static bool restore_list(Onnx__TensorProto *tensor, const source *source, void **list,
                         size_t *count, size_t width, int32_t raw_type) {
    if (*count * width != EDGECC_CUT_TOKEN || !edgecc_cuts_is_token(*list, EDGECC_CUT_TOKEN)) {
        return true;
    }
    size_t size;
    const uint8_t *payload = payload_of(source, *list, &size);
    bool is_raw = tensor->data_type == raw_type && !tensor->has_raw_data;
    void *copy = NULL;
    if (!is_raw) {
        copy = malloc(size);
        if (copy == NULL) return false;
        memcpy(copy, payload, size);
    }
    free(*list);
    *list = copy;
    *count = is_raw ? 0 : size / width;
    if (is_raw) {
        tensor->has_raw_data = 1;
        tensor->raw_data.data = (uint8_t *)payload;
        tensor->raw_data.len = size;
    }
    return true;
}

static bool restore_tensor(Onnx__TensorProto *tensor, const void *context) {
    const source *source = context;
    ProtobufCBinaryData *raw = &tensor->raw_data;
    if (raw->data != NULL && edgecc_cuts_is_token(raw->data, raw->len)) {
        uint8_t *token = raw->data;
        raw->data = (uint8_t *)payload_of(source, token, &raw->len);
        free(token);
    }
    return restore_list(tensor, source, (void **)&tensor->float_data, &tensor->n_float_data, 4,
                        ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT) &&
           restore_list(tensor, source, (void **)&tensor->double_data, &tensor->n_double_data, 8,
                        ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE);
}

bool edgecc_cuts_restore(const edgecc_cuts *cuts, ProtobufCMessage *message, const uint8_t *bytes) {
    source source = {cuts, bytes};
    return visit(message, restore_tensor, &source);
}

typedef struct {
    const uint8_t *begin;
    const uint8_t *end;
} range;

static bool forget_tensor(Onnx__TensorProto *tensor, const void *context) {
    const range *range = context;
    const uint8_t *data = tensor->raw_data.data;
    if (data != NULL && data >= range->begin && data < range->end) {
        tensor->raw_data.data = NULL;
        tensor->raw_data.len = 0;
    }
    return true;
}

void edgecc_cuts_forget(ProtobufCMessage *message, const uint8_t *bytes, size_t size) {
    range range = {bytes, bytes + size};
    visit(message, forget_tensor, &range);
}
