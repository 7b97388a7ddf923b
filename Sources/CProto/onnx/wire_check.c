#include "wire_check.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

#include "generated/onnx.pb-c.h"

/* The wire types of the protobuf encoding that are still in use. */
enum { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };

/* Bytes protobuf-c holds for each field of a message while it scans that message. */
#define SCAN_COST 48

/* A file may grow eightfold (one-byte varints becoming int64), small files by this much more. */
#define MEMORY_GROWTH 8
#define MEMORY_BASE ((size_t)256 << 20)

typedef struct {
    const uint8_t *bytes;
    size_t memory;
    size_t memory_limit;
    unsigned max_depth;
    edgecc_cuts *cuts;
    edgecc_wire_fault *fault;
} checker;

/* One field as found on the wire; [begin, end) is its payload. */
typedef struct {
    size_t tag_at;
    uint32_t number;
    unsigned wire;
    size_t length_at; /* of WIRE_BYTES: where the length stands */
    size_t begin;
    size_t end;
} wire_field;

static bool check_message(checker *c, const ProtobufCMessageDescriptor *type, size_t begin,
                          size_t end, unsigned depth);

static bool fail(checker *c, size_t offset, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    if (c->fault->capacity > 0) {
        vsnprintf(c->fault->reason, c->fault->capacity, format, arguments);
    }
    va_end(arguments);
    c->fault->offset = offset;
    return false;
}

static bool charge(checker *c, size_t bytes, size_t offset) {
    /* Neither side can wrap: payloads are below 2 GB and the sum is compared at every step. */
    c->memory += bytes;
    if (c->memory <= c->memory_limit) return true;
    return fail(c, offset, "unpacking would need more than %zu MB, far beyond the file's own size",
                c->memory_limit >> 20);
}

/* "ModelProto.graph", or "field 99 of ModelProto" for a number the descriptor does not have. */
typedef struct {
    char text[96];
} field_name;

static field_name name_of(const ProtobufCMessageDescriptor *type, uint32_t number) {
    const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field(type, number);
    field_name name;
    if (field != NULL) {
        snprintf(name.text, sizeof name.text, "%s.%s", type->short_name, field->name);
    } else {
        snprintf(name.text, sizeof name.text, "field %u of %s", number, type->short_name);
    }
    return name;
}

/* Length of the varint at `at`, 0 when it does not end within `longest` bytes or before `end`. */
static size_t varint_length(const checker *c, size_t at, size_t end, size_t longest) {
    size_t length = 0;
    while (length < longest && at + length < end) {
        if (c->bytes[at + length++] < 0x80) return length;
    }
    return 0;
}

static uint64_t varint_value(const checker *c, size_t at, size_t length) {
    uint64_t value = 0;
    for (size_t i = 0; i < length; i++) {
        value |= (uint64_t)(c->bytes[at + i] & 0x7f) << (7 * i);
    }
    return value;
}

/* Reads the tag at `at` and finds where the payload stands. */
static bool read_field(checker *c, const ProtobufCMessageDescriptor *type, size_t at, size_t end,
                       wire_field *field) {
    field->tag_at = at;
    size_t length = varint_length(c, at, end, 5);
    if (length == 0) {
        return fail(c, at, "a field tag of %s is cut off or too long", type->short_name);
    }
    uint64_t tag = varint_value(c, at, length);
    if ((tag >> 3) == 0 || (tag >> 3) >= (1u << 29)) {
        return fail(c, at, "a field tag of %s has the impossible number %llu", type->short_name,
                    (unsigned long long)(tag >> 3));
    }
    field->number = (uint32_t)(tag >> 3);
    field->wire = (unsigned)(tag & 7);
    field->begin = at + length;
    field->length_at = field->begin;

    uint64_t payload = 0;
    switch (field->wire) {
        case WIRE_VARINT:
            payload = varint_length(c, field->begin, end, 10);
            if (payload > 0) break;
            return fail(c, field->begin, "the number in %s is cut off or too long",
                        name_of(type, field->number).text);
        case WIRE_64: payload = 8; break;
        case WIRE_32: payload = 4; break;
        case WIRE_BYTES:
            length = varint_length(c, field->begin, end, 5);
            if (length == 0) {
                return fail(c, field->begin, "the length of %s is cut off or too long",
                            name_of(type, field->number).text);
            }
            payload = varint_value(c, field->begin, length);
            field->begin += length;
            break;
        default:
            return fail(c, at, "%s has wire type %u, which ONNX does not use",
                        name_of(type, field->number).text, field->wire);
    }
    if (payload > INT_MAX || payload > end - field->begin) {
        return fail(c, at, "%s has %llu bytes, but only %zu are left",
                    name_of(type, field->number).text, (unsigned long long)payload,
                    end - field->begin);
    }
    field->end = field->begin + (size_t)payload;
    return true;
}

static unsigned wire_type_of(ProtobufCType type) {
    switch (type) {
        case PROTOBUF_C_TYPE_SFIXED32:
        case PROTOBUF_C_TYPE_FIXED32:
        case PROTOBUF_C_TYPE_FLOAT: return WIRE_32;
        case PROTOBUF_C_TYPE_SFIXED64:
        case PROTOBUF_C_TYPE_FIXED64:
        case PROTOBUF_C_TYPE_DOUBLE: return WIRE_64;
        case PROTOBUF_C_TYPE_STRING:
        case PROTOBUF_C_TYPE_BYTES:
        case PROTOBUF_C_TYPE_MESSAGE: return WIRE_BYTES;
        default: return WIRE_VARINT;
    }
}

/* Whether the payload stays in the file: data of a tensor, given once. */
static bool cut(checker *c, const ProtobufCMessageDescriptor *type,
                const ProtobufCFieldDescriptor *field, const wire_field *found, uint64_t seen) {
    bool has_data = field->type == PROTOBUF_C_TYPE_BYTES || field->type == PROTOBUF_C_TYPE_FLOAT ||
                    field->type == PROTOBUF_C_TYPE_DOUBLE;
    if (c->cuts == NULL || type != &onnx__tensor_proto__descriptor || !has_data ||
        (field->type == PROTOBUF_C_TYPE_BYTES && field->label == PROTOBUF_C_LABEL_REPEATED)) {
        return false;
    }
    /* A list in parts would be joined. */
    if (seen >> (unsigned)(field - type->fields) & 1) c->cuts->off = true;
    size_t size = found->end - found->begin;
    if (size < EDGECC_CUT_SMALLEST && !edgecc_cuts_is_token(c->bytes + found->begin, size)) {
        return false;
    }
    edgecc_cuts_add_payload(c->cuts, found->length_at, found->begin, size);
    return true;
}

/* A packed list: whole elements only. Each is charged eight bytes, the widest element. */
static bool check_packed(checker *c, const ProtobufCMessageDescriptor *type,
                         const ProtobufCFieldDescriptor *field, const wire_field *found,
                         uint64_t seen) {
    size_t bytes = found->end - found->begin;
    unsigned wire = wire_type_of(field->type);
    if (wire != WIRE_VARINT) {
        size_t width = wire == WIRE_32 ? 4 : 8;
        if (bytes % width == 0) {
            return cut(c, type, field, found, seen) || charge(c, bytes, found->tag_at);
        }
        return fail(c, found->tag_at, "%s.%s has %zu bytes, no multiple of %zu", type->short_name,
                    field->name, bytes, width);
    }
    size_t count = 0;
    for (size_t at = found->begin; at < found->end; count++) {
        size_t length = varint_length(c, at, found->end, 10);
        if (length == 0) {
            return fail(c, at, "element %zu of %s.%s is cut off or too long", count,
                        type->short_name, field->name);
        }
        at += length;
    }
    return charge(c, 8 * count, found->tag_at);
}

/* A sub-message: at most once unless the field is repeated; a oneof holds one of its members. */
static bool check_submessage(checker *c, const ProtobufCMessageDescriptor *type,
                             const ProtobufCFieldDescriptor *field, const wire_field *found,
                             uint64_t seen, unsigned depth) {
    for (unsigned i = 0; field->label != PROTOBUF_C_LABEL_REPEATED && i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *other = &type->fields[i];
        bool same = other == field || ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) &&
                                       (other->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) &&
                                       other->quantifier_offset == field->quantifier_offset);
        if (same && (seen >> i & 1)) {
            return fail(c, found->tag_at, "%s.%s is given twice", type->short_name, field->name);
        }
    }
    if (depth >= c->max_depth) {
        return fail(c, found->tag_at, "%s.%s is nested deeper than %u messages", type->short_name,
                    field->name, c->max_depth);
    }
    size_t removed = c->cuts == NULL ? 0 : c->cuts->removed;
    if (!check_message(c, field->descriptor, found->begin, found->end, depth + 1)) return false;
    if (c->cuts != NULL && c->cuts->removed > removed) {
        size_t left = found->end - found->begin - (c->cuts->removed - removed);
        edgecc_cuts_add_length(c->cuts, found->length_at, found->begin, left);
    }
    return true;
}

static bool check_known(checker *c, const ProtobufCMessageDescriptor *type,
                        const ProtobufCFieldDescriptor *field, const wire_field *found,
                        uint64_t seen, unsigned depth) {
    bool repeated = field->label == PROTOBUF_C_LABEL_REPEATED;
    unsigned expected = wire_type_of(field->type);
    if (repeated && expected != WIRE_BYTES && found->wire == WIRE_BYTES) {
        return check_packed(c, type, field, found, seen);
    }
    if (found->wire != expected) {
        return fail(c, found->tag_at, "%s.%s has wire type %u where %u belongs", type->short_name,
                    field->name, found->wire, expected);
    }
    if (expected == WIRE_BYTES && cut(c, type, field, found, seen)) return true;
    /* Elements one by one could add up to what looks like a token. */
    if (c->cuts != NULL && repeated && expected != WIRE_BYTES && expected != WIRE_VARINT) {
        c->cuts->off = true;
    }
    size_t payload = expected == WIRE_BYTES && field->type != PROTOBUF_C_TYPE_MESSAGE
                         ? found->end - found->begin + 1
                         : 0;
    if (!charge(c, payload + (repeated ? sizeof(ProtobufCBinaryData) : 0), found->tag_at)) {
        return false;
    }
    if (field->type != PROTOBUF_C_TYPE_MESSAGE) return true;
    return check_submessage(c, type, field, found, seen, depth);
}

static bool check_message(checker *c, const ProtobufCMessageDescriptor *type, size_t begin,
                          size_t end, unsigned depth) {
    if (!charge(c, type->sizeof_message, begin)) return false;
    /* One bit a field; every message of onnx.proto has fewer than 64. */
    uint64_t seen = 0;
    for (size_t at = begin; at < end;) {
        wire_field found;
        if (!read_field(c, type, at, end, &found)) return false;
        if (!charge(c, SCAN_COST, at)) return false;
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field(type, found.number);
        if (field == NULL) {
            if (!charge(c, sizeof(ProtobufCMessageUnknownField) + (found.end - at), at)) {
                return false;
            }
        } else {
            if (!check_known(c, type, field, &found, seen, depth)) return false;
            seen |= (uint64_t)1 << (unsigned)(field - type->fields);
        }
        at = found.end;
    }
    return true;
}

bool edgecc_wire_check(const ProtobufCMessageDescriptor *type, const uint8_t *bytes, size_t size,
                       unsigned max_depth, edgecc_cuts *cuts, edgecc_wire_fault *fault) {
    checker c = {bytes, 0, 0, max_depth, cuts, fault};
    if (size > INT_MAX) {
        return fail(&c, 0, "the file has %zu bytes, but protobuf ends at 2 GB", size);
    }
    c.memory_limit = MEMORY_BASE + MEMORY_GROWTH * size;
    return check_message(&c, type, 0, size, 1);
}
