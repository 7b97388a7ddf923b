/* Large tensor data that unpacking leaves where they are.
 *
 * protobuf-c copies every byte of a message. The check notes the payloads of tensors that are worth
 * leaving out (cuts) and the lengths of the messages around them; a copy of the file without those
 * payloads, a token in the place of each, is unpacked; the tokens are then replaced by pointers into
 * the file. Half a gigabyte of weights costs its bytes once, not twice. */
#ifndef EDGECC_CUTS_H
#define EDGECC_CUTS_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A payload below this is copied like everything else. */
#define EDGECC_CUT_SMALLEST 1024
#define EDGECC_CUT_TOKEN 16

/* A length on the wire that changes; for a cut, also a payload that a token replaces. */
typedef struct {
    size_t at;    /* where the length stands in the file */
    size_t width; /* bytes of it: the new length is padded to as many */
    size_t value; /* the new length */
    bool is_cut;
    size_t size; /* of a cut: the payload's bytes */
} edgecc_edit;

typedef struct {
    edgecc_edit *edits;
    size_t count;
    size_t capacity;
    size_t removed; /* bytes that the cuts take out of the file so far */
    bool off;       /* something cannot be cut: unpack the whole file */
} edgecc_cuts;

/* Whether a payload looks like a token: it is then cut whatever its size, so that no file can make
 * one up. */
bool edgecc_cuts_is_token(const uint8_t *payload, size_t size);

/* Both turn cutting off where memory runs out. */
void edgecc_cuts_add_payload(edgecc_cuts *cuts, size_t length_at, size_t payload_at, size_t size);
void edgecc_cuts_add_length(edgecc_cuts *cuts, size_t length_at, size_t payload_at, size_t value);

/* The file without the cut payloads, of *compact_size bytes; to be freed. NULL without memory. */
uint8_t *edgecc_cuts_compact(edgecc_cuts *cuts, const uint8_t *bytes, size_t size,
                             size_t *compact_size);

/* Replaces the tokens in an unpacked message by pointers into `bytes`. False without memory. */
bool edgecc_cuts_restore(const edgecc_cuts *cuts, ProtobufCMessage *message, const uint8_t *bytes);

/* Takes all pointers into `bytes` out of a message, so that it can be freed. */
void edgecc_cuts_forget(ProtobufCMessage *message, const uint8_t *bytes, size_t size);

void edgecc_cuts_free(edgecc_cuts *cuts);

#endif
