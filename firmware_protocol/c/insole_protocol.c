#include "insole_protocol.h"

#include <string.h>

/* ---- Bytes ---------------------------------------------------------------------------------------------------- */

static void put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value & 0xFFu);
    at[1] = (uint8_t)(value >> 8 & 0xFFu);
}

static void put32(uint8_t *at, uint32_t value)
{
    put16(at, value & 0xFFFFu);
    put16(at + 2, value >> 16);
}

static void put64(uint8_t *at, uint64_t value)
{
    put32(at, (uint32_t)(value & 0xFFFFFFFFu));
    put32(at + 4, (uint32_t)(value >> 32));
}

static uint16_t get16(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

static uint32_t get32(const uint8_t *at)
{
    return get16(at) | (uint32_t)get16(at + 2) << 16;
}

static uint64_t get64(const uint8_t *at)
{
    return get32(at) | (uint64_t)get32(at + 4) << 32;
}

static int16_t get_signed16(const uint8_t *at)
{
    const int32_t value = get16(at);
    return (int16_t)(value < 0x8000 ? value : value - 0x10000);
}

/* Half a byte at a time: 64 bytes of table. Where the chip has a CRC unit, or flash for a table of 1 KiB, replace it. */
uint32_t insole_crc(uint32_t crc, const uint8_t *data, size_t length)
{
    static const uint32_t table[16] = {
        0x00000000u, 0x1DB71064u, 0x3B6E20C8u, 0x26D930ACu, 0x76DC4190u, 0x6B6B51F4u, 0x4DB26158u, 0x5005713Cu,
        0xEDB88320u, 0xF00F9344u, 0xD6D6A3E8u, 0xCB61B38Cu, 0x9B64C2B0u, 0x86D3D2D4u, 0xA00AE278u, 0xBDBDF21Cu,
    };
    while (length-- > 0) {
        crc ^= *data++;
        crc = crc >> 4 ^ table[crc & 0x0Fu];
        crc = crc >> 4 ^ table[crc & 0x0Fu];
    }
    return crc;
}

/* ---- Encoder -------------------------------------------------------------------------------------------------- */

/* Header and CRC around a payload that is already in its place. */
static size_t finish_packet(uint8_t *out, uint8_t type, uint8_t side, uint32_t sequence, uint32_t tick_us,
                            size_t payload_bytes)
{
    const size_t body_bytes = INSOLE_HEADER_BYTES + payload_bytes;
    if (side > INSOLE_BOTH || payload_bytes > INSOLE_MAX_PAYLOAD_BYTES) {
        return 0;
    }
    out[0] = 0xA5;
    out[1] = 0x5A;
    out[2] = INSOLE_VERSION;
    out[3] = type;
    put16(out + 4, (uint32_t)payload_bytes);
    out[6] = side;
    out[7] = 0;
    put32(out + 8, sequence);
    put32(out + 12, tick_us);
    put32(out + body_bytes, insole_crc(0, out, body_bytes));
    return body_bytes + INSOLE_CRC_BYTES;
}

static unsigned frame_bytes(uint8_t type, unsigned cells)
{
    return type == INSOLE_PRESSURE_12 ? (3 * cells + 1) / 2 : 2 * cells;
}

unsigned insole_frames_per_packet(uint8_t type, unsigned cells)
{
    return cells == 0 ? 0 : (INSOLE_MAX_PAYLOAD_BYTES - INSOLE_PREFIX_BYTES) / frame_bytes(type, cells);
}

unsigned insole_cells_per_packet(uint8_t type)
{
    const unsigned room = INSOLE_MAX_PAYLOAD_BYTES - INSOLE_PREFIX_BYTES;
    return type == INSOLE_PRESSURE_12 ? room * 2 / 3 : room / 2;
}

static bool put_counts(uint8_t *at, uint8_t type, const uint16_t *counts, unsigned cells)
{
    unsigned i;
    if (type == INSOLE_PRESSURE_16) {
        for (i = 0; i < cells; i++) {
            put16(at + 2 * i, counts[i]);
        }
        return true;
    }
    for (i = 0; i < cells; i++) {
        uint8_t *const pair = at + i / 2 * 3;
        if (counts[i] > 0x0FFF) {
            return false;
        }
        if (i % 2 == 0) {
            pair[0] = (uint8_t)(counts[i] & 0xFFu);
            pair[1] = (uint8_t)(counts[i] >> 8);
        } else {
            pair[1] = (uint8_t)(pair[1] | (counts[i] & 0x0Fu) << 4);
            pair[2] = (uint8_t)(counts[i] >> 4);
        }
    }
    return true;
}

static void put_prefix(uint8_t *payload, unsigned total, unsigned first, unsigned cells, unsigned frames,
                       uint16_t interval_us)
{
    put16(payload, total);
    put16(payload + 2, first);
    payload[4] = (uint8_t)cells;
    payload[5] = (uint8_t)frames;
    put16(payload + 6, interval_us);
}

size_t insole_encode_frames(uint8_t *out, uint8_t type, uint8_t side, uint32_t sequence, uint32_t tick_us,
                            uint16_t interval_us, const uint16_t *counts, unsigned cells, unsigned frames)
{
    uint8_t *const payload = out + INSOLE_HEADER_BYTES;
    const unsigned each = frame_bytes(type, cells);
    unsigned i;
    if (!insole_carries_frames(type) || cells == 0 || cells > INSOLE_MAX_CELLS || frames == 0 ||
        frames > insole_frames_per_packet(type, cells) || (frames > 1 && interval_us == 0)) {
        return 0;
    }
    put_prefix(payload, cells, 0, cells, frames, interval_us);
    for (i = 0; i < frames; i++) {
        if (!put_counts(payload + INSOLE_PREFIX_BYTES + i * each, type, counts + (size_t)i * cells, cells)) {
            return 0;
        }
    }
    return finish_packet(out, type, side, sequence, tick_us, INSOLE_PREFIX_BYTES + (size_t)frames * each);
}

size_t insole_encode_fragment(uint8_t *out, uint8_t type, uint8_t side, uint32_t sequence, uint32_t tick_us,
                              uint16_t interval_us, const uint16_t *counts, unsigned total, unsigned first,
                              unsigned cells)
{
    uint8_t *const payload = out + INSOLE_HEADER_BYTES;
    if (!insole_carries_frames(type) || total > INSOLE_MAX_CELLS || cells == 0 || first >= total ||
        cells > total - first || cells > insole_cells_per_packet(type)) {
        return 0;
    }
    put_prefix(payload, total, first, cells, 1, interval_us);
    if (!put_counts(payload + INSOLE_PREFIX_BYTES, type, counts + first, cells)) {
        return 0;
    }
    return finish_packet(out, type, side, sequence, tick_us, INSOLE_PREFIX_BYTES + (size_t)frame_bytes(type, cells));
}

static bool is_printable(const char *text, size_t length)
{
    size_t i;
    for (i = 0; i < length; i++) {
        if (text[i] < 0x20 || text[i] > 0x7E) {
            return false;
        }
    }
    return length <= INSOLE_MAX_TEXT;
}

/* Length byte and text; returns the bytes written, 0 if the text cannot be sent. */
static size_t put_text(uint8_t *at, const char *text)
{
    size_t length = 0;
    while (length <= INSOLE_MAX_TEXT && text[length] != 0) {
        length++;
    }
    if (!is_printable(text, length)) {
        return 0;
    }
    at[0] = (uint8_t)length;
    memcpy(at + 1, text, length);
    return length + 1;
}

static size_t put_motion(uint8_t *payload, const struct insole_motion *motion)
{
    const unsigned counts = (unsigned)motion->samples * motion->axes;
    uint32_t scale_bits;
    unsigned i;
    if (motion->samples == 0 || motion->axes == 0 || motion->axes > 4 || counts > INSOLE_MAX_MOTION_COUNTS ||
        motion->interval_us == 0 || !(motion->scale >= 0x1p-100f && motion->scale <= 0x1p100f)) {
        return 0;
    }
    memcpy(&scale_bits, &motion->scale, 4);
    payload[0] = motion->sensor;
    payload[1] = motion->axes;
    payload[2] = motion->samples;
    payload[3] = 0;
    put32(payload + 4, motion->first_sample);
    put32(payload + 8, scale_bits);
    put16(payload + 12, motion->interval_us);
    put16(payload + 14, 0);
    for (i = 0; i < counts; i++) {
        put16(payload + 16 + 2 * i, (uint16_t)motion->counts[i]);
    }
    return 16 + 2 * (size_t)counts;
}

static bool information_is_possible(const struct insole_device_information *information)
{
    return information->cells >= 1 && information->cells <= INSOLE_MAX_CELLS && information->bits >= 1 &&
           information->bits <= 16 && information->rate_mhz > 0;
}

static size_t put_information(uint8_t *payload, const struct insole_device_information *information)
{
    const char *const texts[3] = {information->model, information->serial_number, information->firmware_version};
    size_t length = 24;
    unsigned i;
    if (!information_is_possible(information)) {
        return 0;
    }
    put16(payload, information->cells);
    payload[2] = information->bits;
    payload[3] = 0;
    put32(payload + 4, information->rate_mhz);
    memcpy(payload + 8, information->layout_hash, 8);
    memcpy(payload + 16, information->calibration_id, 8);
    for (i = 0; i < 3; i++) {
        const size_t added = put_text(payload + length, texts[i]);
        if (added == 0) {
            return 0;
        }
        length += added;
    }
    return length;
}

static size_t put_state(uint8_t *payload, const struct insole_device_state *state)
{
    if (state->battery_percent > 100 && state->battery_percent != INSOLE_NO_PERCENT) {
        return 0;
    }
    payload[0] = state->battery_percent;
    payload[1] = state->charging ? 1 : 0;
    put16(payload + 2, state->battery_mv);
    put16(payload + 4, (uint16_t)state->temperature_hundredths);
    put16(payload + 6, 0);
    return 8;
}

static size_t put_error(uint8_t *payload, const struct insole_error_report *error)
{
    const size_t text = put_text(payload + 8, error->text);
    put16(payload, error->code);
    payload[2] = error->fatal ? 1 : 0;
    payload[3] = 0;
    put32(payload + 4, error->detail);
    return text == 0 ? 0 : 8 + text;
}

size_t insole_encode_message(uint8_t *out, uint8_t side, uint32_t sequence, uint32_t tick_us,
                             const struct insole_message *message)
{
    uint8_t *const payload = out + INSOLE_HEADER_BYTES;
    size_t length = 0;
    bool good = true;
    switch (message->type) {
    case INSOLE_MOTION:
        length = put_motion(payload, &message->body.motion);
        good = length > 0;
        break;
    case INSOLE_DEVICE_INFORMATION:
        length = put_information(payload, &message->body.information);
        good = length > 0;
        break;
    case INSOLE_DEVICE_STATE:
        length = put_state(payload, &message->body.state);
        good = length > 0;
        break;
    case INSOLE_ERROR_REPORT:
        length = put_error(payload, &message->body.error);
        good = length > 0;
        break;
    case INSOLE_COMMAND_REPLY:
        payload[0] = message->body.reply.command;
        payload[1] = message->body.reply.result;
        put16(payload + 2, 0);
        put32(payload + 4, message->body.reply.number);
        put32(payload + 8, message->body.reply.value);
        length = 12;
        break;
    case INSOLE_TIME_REPLY:
        put64(payload, message->body.time_reply.token);
        put32(payload + 8, message->body.time_reply.received_tick_us);
        length = 12;
        break;
    case INSOLE_SET_RATE:
        put32(payload, message->body.rate_mhz);
        length = 4;
        good = message->body.rate_mhz > 0;
        break;
    case INSOLE_SET_ZERO:
        put16(payload, message->body.duration_ms);
        length = 2;
        break;
    case INSOLE_TIME_PING:
        put64(payload, message->body.token);
        length = 8;
        break;
    case INSOLE_START:
    case INSOLE_STOP:
    case INSOLE_REQUEST_INFORMATION:
        break;
    default:
        good = false;
    }
    return good ? finish_packet(out, message->type, side, sequence, tick_us, length) : 0;
}

/* ---- Decoder -------------------------------------------------------------------------------------------------- */

void insole_decoder_init(struct insole_decoder *decoder)
{
    memset(decoder, 0, sizeof *decoder);
}

/* Resolve as much of the buffer as possible; at the end of the stream, all of it. */
static void resolve(struct insole_decoder *decoder, bool final, insole_on_packet on_packet, void *context)
{
    const uint8_t *const buffer = decoder->buffer;
    const size_t filled = decoder->filled;
    size_t at = 0;
    while (at < filled) {
        const uint8_t *const head = buffer + at;
        const size_t left = filled - at;
        size_t bytes = INSOLE_MAX_PACKET_BYTES;
        if (head[0] != 0xA5 || (left > 1 && head[1] != 0x5A) || (left == 1 && final)) {
            at += 1;
            decoder->skipped_bytes += 1;
            continue;
        }
        if (left >= 6) {
            bytes = (size_t)INSOLE_HEADER_BYTES + get16(head + 4) + INSOLE_CRC_BYTES;
        }
        if (bytes > INSOLE_MAX_PACKET_BYTES || (left < bytes && final)) {
            at += 2; /* the sync word only: a good packet may begin inside */
            decoder->skipped_bytes += 2;
            continue;
        }
        if (left < bytes) {
            break;
        }
        if (insole_crc(0, head, bytes) != 0) {
            at += 2;
            decoder->skipped_bytes += 2;
            decoder->bad_crc += 1;
            continue;
        }
        at += bytes;
        if (head[2] != INSOLE_VERSION) {
            decoder->unknown_version += 1;
        } else {
            struct insole_packet packet;
            packet.type = head[3];
            packet.length = get16(head + 4);
            packet.side = head[6];
            packet.sequence = get32(head + 8);
            packet.tick_us = get32(head + 12);
            packet.payload = head + INSOLE_HEADER_BYTES;
            packet.end = (uint32_t)(decoder->position + at);
            on_packet(context, &packet);
        }
    }
    memmove(decoder->buffer, buffer + at, filled - at);
    decoder->filled = (uint16_t)(filled - at);
    decoder->position = (uint32_t)(decoder->position + at);
}

void insole_decoder_push(struct insole_decoder *decoder, const uint8_t *data, size_t length,
                         insole_on_packet on_packet, void *context)
{
    while (length > 0) {
        size_t taken = (size_t)INSOLE_MAX_PACKET_BYTES - decoder->filled;
        if (taken > length) {
            taken = length;
        }
        memcpy(decoder->buffer + decoder->filled, data, taken);
        decoder->filled = (uint16_t)(decoder->filled + taken);
        data += taken;
        length -= taken;
        resolve(decoder, false, on_packet, context);
    }
}

void insole_decoder_flush(struct insole_decoder *decoder, insole_on_packet on_packet, void *context)
{
    resolve(decoder, true, on_packet, context);
}

bool insole_carries_frames(uint8_t type)
{
    return type == INSOLE_PRESSURE_16 || type == INSOLE_PRESSURE_12;
}

bool insole_is_message(uint8_t type)
{
    switch (type) {
    case INSOLE_MOTION:
    case INSOLE_DEVICE_INFORMATION:
    case INSOLE_DEVICE_STATE:
    case INSOLE_ERROR_REPORT:
    case INSOLE_COMMAND_REPLY:
    case INSOLE_TIME_REPLY:
    case INSOLE_START:
    case INSOLE_STOP:
    case INSOLE_SET_RATE:
    case INSOLE_SET_ZERO:
    case INSOLE_REQUEST_INFORMATION:
    case INSOLE_TIME_PING:
        return true;
    default:
        return false;
    }
}

/* Length byte and text at `*at`, which moves behind it. */
static bool get_text(const struct insole_packet *packet, size_t *at, char *text)
{
    size_t length;
    if (*at >= packet->length) {
        return false;
    }
    length = packet->payload[*at];
    if (length > INSOLE_MAX_TEXT || *at + 1 + length > packet->length) {
        return false;
    }
    memcpy(text, packet->payload + *at + 1, length);
    text[length] = 0;
    *at += 1 + length;
    return is_printable(text, length);
}

static bool get_motion(const struct insole_packet *packet, struct insole_motion *motion)
{
    const uint8_t *const payload = packet->payload;
    uint32_t scale_bits;
    unsigned counts;
    unsigned i;
    if (packet->length < 16) {
        return false;
    }
    motion->sensor = payload[0];
    motion->axes = payload[1];
    motion->samples = payload[2];
    motion->first_sample = get32(payload + 4);
    scale_bits = get32(payload + 8);
    memcpy(&motion->scale, &scale_bits, 4);
    motion->interval_us = get16(payload + 12);
    counts = (unsigned)motion->samples * motion->axes;
    if (motion->samples == 0 || motion->axes == 0 || motion->axes > 4 || motion->interval_us == 0 ||
        counts > INSOLE_MAX_MOTION_COUNTS || packet->length < 16 + 2 * counts ||
        !(motion->scale >= 0x1p-100f && motion->scale <= 0x1p100f)) {
        return false;
    }
    for (i = 0; i < counts; i++) {
        motion->counts[i] = get_signed16(payload + 16 + 2 * i);
    }
    return true;
}

static bool get_information(const struct insole_packet *packet, struct insole_device_information *information)
{
    const uint8_t *const payload = packet->payload;
    size_t at = 24;
    if (packet->length < 24) {
        return false;
    }
    information->cells = get16(payload);
    information->bits = payload[2];
    information->rate_mhz = get32(payload + 4);
    memcpy(information->layout_hash, payload + 8, 8);
    memcpy(information->calibration_id, payload + 16, 8);
    return information_is_possible(information) && get_text(packet, &at, information->model) &&
           get_text(packet, &at, information->serial_number) && get_text(packet, &at, information->firmware_version);
}

static bool get_state(const struct insole_packet *packet, struct insole_device_state *state)
{
    if (packet->length < 8) {
        return false;
    }
    state->battery_percent = packet->payload[0];
    state->charging = (packet->payload[1] & 1) != 0;
    state->battery_mv = get16(packet->payload + 2);
    state->temperature_hundredths = get_signed16(packet->payload + 4);
    return state->battery_percent <= 100 || state->battery_percent == INSOLE_NO_PERCENT;
}

static bool get_error(const struct insole_packet *packet, struct insole_error_report *error)
{
    size_t at = 8;
    if (packet->length < 8) {
        return false;
    }
    error->code = get16(packet->payload);
    error->fatal = (packet->payload[2] & 1) != 0;
    error->detail = get32(packet->payload + 4);
    return get_text(packet, &at, error->text);
}

bool insole_read_message(const struct insole_packet *packet, struct insole_message *message)
{
    const uint8_t *const payload = packet->payload;
    if (packet->side > INSOLE_BOTH) {
        return false;
    }
    message->type = packet->type;
    switch (packet->type) {
    case INSOLE_MOTION:
        return get_motion(packet, &message->body.motion);
    case INSOLE_DEVICE_INFORMATION:
        return get_information(packet, &message->body.information);
    case INSOLE_DEVICE_STATE:
        return get_state(packet, &message->body.state);
    case INSOLE_ERROR_REPORT:
        return get_error(packet, &message->body.error);
    case INSOLE_COMMAND_REPLY:
        if (packet->length < 12) {
            return false;
        }
        message->body.reply.command = payload[0];
        message->body.reply.result = payload[1];
        message->body.reply.number = get32(payload + 4);
        message->body.reply.value = get32(payload + 8);
        return true;
    case INSOLE_TIME_REPLY:
        if (packet->length < 12) {
            return false;
        }
        message->body.time_reply.token = get64(payload);
        message->body.time_reply.received_tick_us = get32(payload + 8);
        return true;
    case INSOLE_SET_RATE:
        if (packet->length < 4) {
            return false;
        }
        message->body.rate_mhz = get32(payload);
        return message->body.rate_mhz > 0;
    case INSOLE_SET_ZERO:
        if (packet->length < 2) {
            return false;
        }
        message->body.duration_ms = get16(payload);
        return true;
    case INSOLE_TIME_PING:
        if (packet->length < 8) {
            return false;
        }
        message->body.token = get64(payload);
        return true;
    case INSOLE_START:
    case INSOLE_STOP:
    case INSOLE_REQUEST_INFORMATION:
        return true;
    default:
        return false;
    }
}

bool insole_read_pressure(const struct insole_packet *packet, struct insole_pressure *pressure)
{
    const uint8_t *const payload = packet->payload;
    if (!insole_carries_frames(packet->type) || packet->side > INSOLE_BOTH || packet->length < INSOLE_PREFIX_BYTES) {
        return false;
    }
    pressure->type = packet->type;
    pressure->total = get16(payload);
    pressure->first = get16(payload + 2);
    pressure->cells = payload[4];
    pressure->frames = payload[5];
    pressure->interval_us = get16(payload + 6);
    pressure->wire = payload + INSOLE_PREFIX_BYTES;
    if (pressure->total > INSOLE_MAX_CELLS || pressure->cells == 0 || pressure->frames == 0 ||
        (uint32_t)pressure->first + pressure->cells > pressure->total) {
        return false;
    }
    if (pressure->frames > 1 && (pressure->cells < pressure->total || pressure->interval_us == 0)) {
        return false;
    }
    return packet->length ==
           INSOLE_PREFIX_BYTES + (uint32_t)pressure->frames * frame_bytes(packet->type, pressure->cells);
}

uint16_t insole_count(const struct insole_pressure *pressure, unsigned frame, unsigned cell)
{
    const uint8_t *const row = pressure->wire + frame * frame_bytes(pressure->type, pressure->cells);
    const uint8_t *const pair = row + cell / 2 * 3;
    if (pressure->type == INSOLE_PRESSURE_16) {
        return get16(row + 2 * cell);
    }
    if (cell % 2 == 0) {
        return (uint16_t)(pair[0] | (pair[1] & 0x0Fu) << 8);
    }
    return (uint16_t)(pair[1] >> 4 | pair[2] << 4);
}

void insole_assembler_init(struct insole_assembler *assembler)
{
    memset(assembler, 0, sizeof *assembler);
}

static void give_up(struct insole_assembler *assembler, uint32_t sequence)
{
    assembler->incomplete += 1;
    assembler->have = 0;
    assembler->gave_up = true;
    assembler->given_up = sequence;
}

unsigned insole_assembler_add(struct insole_assembler *assembler, const struct insole_packet *packet,
                              const struct insole_pressure *pressure)
{
    unsigned i;
    const bool continues = assembler->have > 0 && assembler->have == pressure->first &&
                           assembler->type == pressure->type && assembler->total == pressure->total &&
                           assembler->interval_us == pressure->interval_us &&
                           assembler->sequence == packet->sequence && assembler->tick_us == packet->tick_us;
    if (!continues) {
        if (assembler->have > 0) {
            give_up(assembler, assembler->sequence);
        }
        if (pressure->first > 0) { /* its beginning is lost */
            if (!assembler->gave_up || assembler->given_up != packet->sequence) {
                give_up(assembler, packet->sequence);
            }
            return 0;
        }
        if (pressure->cells == pressure->total) {
            return pressure->frames;
        }
        assembler->type = pressure->type;
        assembler->total = pressure->total;
        assembler->interval_us = pressure->interval_us;
        assembler->sequence = packet->sequence;
        assembler->tick_us = packet->tick_us;
    }
    for (i = 0; i < pressure->cells; i++) {
        assembler->counts[pressure->first + i] = insole_count(pressure, 0, i);
    }
    assembler->have = (uint16_t)(pressure->first + pressure->cells);
    if (assembler->have < assembler->total) {
        return 0;
    }
    assembler->have = 0;
    return 1;
}

void insole_assembler_finish(struct insole_assembler *assembler)
{
    if (assembler->have > 0) {
        assembler->incomplete += 1;
        assembler->have = 0;
    }
    assembler->gave_up = false;
}
