/* Decodes streams from standard input and prints what they hold, for comparison with another implementation.
 *
 * Input, repeated: length of the stream and length of a push, both u32 little endian, then the stream.
 * Output, one line each, and "end" after every stream:
 *   frame SIDE SEQUENCE TICK END COUNT...
 *   message TYPE SIDE SEQUENCE TICK END PAYLOAD   the payload as this implementation encodes it again, in hexadecimal
 *   packet HEX                                    every packet whose content was understood, encoded again
 *   counters FRAMES BAD_CRC SKIPPED_BYTES UNKNOWN_TYPE UNKNOWN_VERSION INCOMPLETE MALFORMED
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "insole_protocol.h"

struct session {
    struct insole_decoder decoder;
    struct insole_assembler assembler[3];
    uint32_t frames;
    uint32_t unknown_type;
    uint32_t malformed;
};

static void print_hex(const uint8_t *data, size_t length)
{
    size_t i;
    for (i = 0; i < length; i++) {
        printf("%02x", data[i]);
    }
    printf("\n");
}

static void print_frame(const struct insole_packet *packet, const struct insole_pressure *pressure, unsigned i)
{
    printf("frame %u %" PRIu32 " %" PRIu32 " %" PRIu32, packet->side, packet->sequence + i,
           (uint32_t)(packet->tick_us + (uint32_t)i * pressure->interval_us), packet->end);
}

static void on_pressure(struct session *session, const struct insole_packet *packet)
{
    struct insole_pressure pressure;
    uint16_t counts[INSOLE_MAX_CELLS + INSOLE_MAX_PACKET_BYTES];
    uint8_t again[INSOLE_MAX_PACKET_BYTES];
    unsigned complete;
    unsigned i;
    unsigned cell;
    size_t length;
    if (!insole_read_pressure(packet, &pressure)) {
        session->malformed += 1;
        return;
    }
    complete = insole_assembler_add(&session->assembler[packet->side], packet, &pressure);
    session->frames += complete;
    for (i = 0; i < complete; i++) {
        print_frame(packet, &pressure, i);
        for (cell = 0; cell < pressure.total; cell++) {
            printf(" %u", pressure.cells == pressure.total ? insole_count(&pressure, i, cell)
                                                           : session->assembler[packet->side].counts[cell]);
        }
        printf("\n");
    }
    for (i = 0; i < pressure.frames; i++) {
        for (cell = 0; cell < pressure.cells; cell++) {
            counts[pressure.first + i * pressure.cells + cell] = insole_count(&pressure, i, cell);
        }
    }
    length = pressure.cells == pressure.total
                 ? insole_encode_frames(again, packet->type, packet->side, packet->sequence, packet->tick_us,
                                        pressure.interval_us, counts, pressure.cells, pressure.frames)
                 : insole_encode_fragment(again, packet->type, packet->side, packet->sequence, packet->tick_us,
                                          pressure.interval_us, counts, pressure.total, pressure.first, pressure.cells);
    printf("packet ");
    print_hex(again, length);
}

static void on_packet(void *context, const struct insole_packet *packet)
{
    struct session *const session = context;
    struct insole_message message;
    uint8_t again[INSOLE_MAX_PACKET_BYTES];
    size_t length;
    if (insole_carries_frames(packet->type)) {
        on_pressure(session, packet);
    } else if (!insole_is_message(packet->type)) {
        session->unknown_type += 1;
    } else if (!insole_read_message(packet, &message)) {
        session->malformed += 1;
    } else {
        length = insole_encode_message(again, packet->side, packet->sequence, packet->tick_us, &message);
        printf("message %u %u %" PRIu32 " %" PRIu32 " %" PRIu32 " ", packet->type, packet->side, packet->sequence,
               packet->tick_us, packet->end);
        print_hex(again + INSOLE_HEADER_BYTES, length - INSOLE_HEADER_BYTES - INSOLE_CRC_BYTES);
        printf("packet ");
        print_hex(again, length);
    }
}

static bool read_u32(uint32_t *value)
{
    uint8_t bytes[4];
    if (fread(bytes, 1, 4, stdin) != 4) {
        return false;
    }
    *value = bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
    return true;
}

int main(void)
{
    uint32_t length;
    uint32_t push;
    while (read_u32(&length) && read_u32(&push) && push > 0) {
        struct session session = {0};
        uint8_t *const stream = malloc(length + 1u);
        uint32_t incomplete = 0;
        uint32_t at;
        unsigned side;
        if (stream == NULL || fread(stream, 1, length, stdin) != length) {
            free(stream);
            return 1;
        }
        insole_decoder_init(&session.decoder);
        for (side = 0; side < 3; side++) {
            insole_assembler_init(&session.assembler[side]);
        }
        for (at = 0; at < length; at += push) {
            insole_decoder_push(&session.decoder, stream + at, length - at < push ? length - at : push, on_packet,
                                &session);
        }
        insole_decoder_flush(&session.decoder, on_packet, &session);
        for (side = 0; side < 3; side++) {
            insole_assembler_finish(&session.assembler[side]);
            incomplete += session.assembler[side].incomplete;
        }
        printf("counters %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32 "\nend\n",
               session.frames, session.decoder.bad_crc, session.decoder.skipped_bytes, session.unknown_type,
               session.decoder.unknown_version, incomplete, session.malformed);
        free(stream);
    }
    return 0;
}
