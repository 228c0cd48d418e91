/* Wire format of pressure insoles: encoder and streaming decoder in C99.
 *
 * The bytes are specified in ../README.md, the examples are in ../vectors.json. Nothing here allocates, blocks, keeps
 * global state or reads a clock; two files, no dependencies beyond <stdint.h>, <stddef.h>, <stdbool.h> and <string.h>.
 *
 * Encoders return the length of the packet, or 0 if an argument is out of range; `out` has room for
 * INSOLE_MAX_PACKET_BYTES. Readers return false if a payload contradicts itself.
 */
#ifndef INSOLE_PROTOCOL_H
#define INSOLE_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define INSOLE_VERSION 1
#define INSOLE_MAX_PACKET_BYTES 244
#define INSOLE_HEADER_BYTES 16
#define INSOLE_CRC_BYTES 4
#define INSOLE_MAX_PAYLOAD_BYTES (INSOLE_MAX_PACKET_BYTES - INSOLE_HEADER_BYTES - INSOLE_CRC_BYTES)
#define INSOLE_PREFIX_BYTES 8
#define INSOLE_MAX_CELLS 256
#define INSOLE_MAX_TEXT 48
#define INSOLE_MAX_MOTION_COUNTS 104 /* samples times axes in one packet */

/* BLE service and characteristics; in memory order for stacks that want 16 bytes, they go last byte first. */
#define INSOLE_SERVICE_UUID "8f540001-2958-4ffc-a871-d8d9468f3e65"
#define INSOLE_DATA_UUID "8f540002-2958-4ffc-a871-d8d9468f3e65"     /* notify */
#define INSOLE_COMMANDS_UUID "8f540003-2958-4ffc-a871-d8d9468f3e65" /* write, write without response */

enum insole_side { INSOLE_LEFT = 0, INSOLE_RIGHT = 1, INSOLE_BOTH = 2 };

enum insole_type {
    INSOLE_PRESSURE_16 = 0x01,
    INSOLE_PRESSURE_12 = 0x02,
    INSOLE_MOTION = 0x10,
    INSOLE_DEVICE_INFORMATION = 0x20,
    INSOLE_DEVICE_STATE = 0x21,
    INSOLE_ERROR_REPORT = 0x22,
    INSOLE_COMMAND_REPLY = 0x30,
    INSOLE_TIME_REPLY = 0x31,
    INSOLE_START = 0x80,
    INSOLE_STOP = 0x81,
    INSOLE_SET_RATE = 0x82,
    INSOLE_SET_ZERO = 0x83,
    INSOLE_REQUEST_INFORMATION = 0x84,
    INSOLE_TIME_PING = 0x85
};

/* CRC register after `length` more bytes; begin with 0. A whole intact packet brings it back to 0. */
uint32_t insole_crc(uint32_t crc, const uint8_t *data, size_t length);

/* ---- Frames, device to host ---------------------------------------------------------------------------------- */

/* Whole frames of `cells` cells that fit in one packet; 0: the frame has to be sent in fragments. `type` is
 * INSOLE_PRESSURE_16 or INSOLE_PRESSURE_12. */
unsigned insole_frames_per_packet(uint8_t type, unsigned cells);

/* Largest number of cells of one fragment, even. */
unsigned insole_cells_per_packet(uint8_t type);

/* One packet with `frames` whole frames of `cells` counts each, frame after frame. `sequence` and `tick_us` are those of
 * the first frame; interval_us may be 0 ("not stated") with one frame only. */
size_t insole_encode_frames(uint8_t *out, uint8_t type, uint8_t side, uint32_t sequence, uint32_t tick_us,
                            uint16_t interval_us, const uint16_t *counts, unsigned cells, unsigned frames);

/* One packet with `cells` cells, from `first` on, of one frame of `total` cells; `counts` is the whole frame. Send the
 * fragments of a frame in order, with the same sequence, tick and interval. */
size_t insole_encode_fragment(uint8_t *out, uint8_t type, uint8_t side, uint32_t sequence, uint32_t tick_us,
                              uint16_t interval_us, const uint16_t *counts, unsigned total, unsigned first,
                              unsigned cells);

/* ---- Everything else ------------------------------------------------------------------------------------------ */

#define INSOLE_NO_PERCENT 0xFF
#define INSOLE_NO_MILLIVOLTS 0
#define INSOLE_NO_TEMPERATURE (-0x7FFF - 1)

enum insole_motion_sensor {
    INSOLE_ACCELERATION = 1,     /* m/s2 */
    INSOLE_ANGULAR_VELOCITY = 2, /* rad/s */
    INSOLE_MAGNETIC_FIELD = 3    /* uT */
};

enum insole_error_code {
    INSOLE_ERROR_SENSOR = 1,      /* detail: first cell concerned */
    INSOLE_ERROR_FRAMES_LOST = 2, /* detail: frames dropped since the last report */
    INSOLE_ERROR_LOW_BATTERY = 3, /* detail: seconds left, 0 unknown */
    INSOLE_ERROR_STORAGE = 4,     /* detail: own code */
    INSOLE_ERROR_INTERNAL = 5     /* detail: own code */
};

enum insole_result {
    INSOLE_DONE = 0,
    INSOLE_UNKNOWN_COMMAND = 1,
    INSOLE_BAD_VALUE = 2,
    INSOLE_NOT_NOW = 3,
    INSOLE_FAILED = 4
};

struct insole_motion {
    uint8_t sensor;
    uint8_t axes;    /* 1 to 4 */
    uint8_t samples; /* samples * axes <= INSOLE_MAX_MOTION_COUNTS */
    uint32_t first_sample;
    float scale; /* unit of the sensor per count, 2^-100 to 2^100 */
    uint16_t interval_us;
    int16_t counts[INSOLE_MAX_MOTION_COUNTS]; /* sample after sample */
};

struct insole_device_information {
    uint16_t cells;
    uint8_t bits;
    uint32_t rate_mhz;
    uint8_t layout_hash[8];
    uint8_t calibration_id[8];
    char model[INSOLE_MAX_TEXT + 1]; /* printable ASCII, ends with 0 */
    char serial_number[INSOLE_MAX_TEXT + 1];
    char firmware_version[INSOLE_MAX_TEXT + 1];
};

struct insole_device_state {
    uint8_t battery_percent;        /* or INSOLE_NO_PERCENT */
    bool charging;
    uint16_t battery_mv;            /* or INSOLE_NO_MILLIVOLTS */
    int16_t temperature_hundredths; /* of a degree Celsius, or INSOLE_NO_TEMPERATURE */
};

struct insole_error_report {
    uint16_t code;
    bool fatal;
    uint32_t detail;
    char text[INSOLE_MAX_TEXT + 1];
};

struct insole_command_reply {
    uint8_t command;
    uint8_t result;
    uint32_t number; /* sequence field of the command */
    uint32_t value;
};

struct insole_time_reply {
    uint64_t token;
    uint32_t received_tick_us;
};

struct insole_message {
    uint8_t type; /* which member below is meant; START, STOP and REQUEST_INFORMATION have none */
    union {
        struct insole_motion motion;
        struct insole_device_information information;
        struct insole_device_state state;
        struct insole_error_report error;
        struct insole_command_reply reply;
        struct insole_time_reply time_reply;
        uint32_t rate_mhz;    /* SET_RATE */
        uint16_t duration_ms; /* SET_ZERO */
        uint64_t token;       /* TIME_PING */
    } body;
};

size_t insole_encode_message(uint8_t *out, uint8_t side, uint32_t sequence, uint32_t tick_us,
                             const struct insole_message *message);

/* ---- Decoder -------------------------------------------------------------------------------------------------- */

struct insole_packet {
    uint8_t type;
    uint8_t side;
    uint32_t sequence;
    uint32_t tick_us;
    uint16_t length;        /* of the payload */
    const uint8_t *payload; /* valid during the callback */
    uint32_t end;           /* position in the stream just behind the packet, modulo 2^32 */
};

typedef void (*insole_on_packet)(void *context, const struct insole_packet *packet);

struct insole_decoder {
    uint8_t buffer[INSOLE_MAX_PACKET_BYTES];
    uint16_t filled;
    uint32_t position; /* in the stream, of the buffer's first byte */
    uint32_t bad_crc;
    uint32_t skipped_bytes;
    uint32_t unknown_version;
};

void insole_decoder_init(struct insole_decoder *decoder);

/* Take bytes, cut anywhere; `on_packet` is called for every intact packet of this version, whatever its type. */
void insole_decoder_push(struct insole_decoder *decoder, const uint8_t *data, size_t length,
                         insole_on_packet on_packet, void *context);

/* End of the stream: resolve what is left. */
void insole_decoder_flush(struct insole_decoder *decoder, insole_on_packet on_packet, void *context);

bool insole_carries_frames(uint8_t type);
bool insole_is_message(uint8_t type);
bool insole_read_message(const struct insole_packet *packet, struct insole_message *message);

/* What a pressure packet holds. */
struct insole_pressure {
    uint8_t type;
    uint16_t total;
    uint16_t first;
    uint8_t cells;
    uint8_t frames;
    uint16_t interval_us;
    const uint8_t *wire; /* valid during the callback */
};

bool insole_read_pressure(const struct insole_packet *packet, struct insole_pressure *pressure);
uint16_t insole_count(const struct insole_pressure *pressure, unsigned frame, unsigned cell);

/* Puts the fragments of one side's frames together. */
struct insole_assembler {
    uint16_t counts[INSOLE_MAX_CELLS];
    uint16_t have; /* cells of the unfinished frame, 0: none */
    uint8_t type;
    uint16_t total;
    uint16_t interval_us;
    uint32_t sequence;
    uint32_t tick_us;
    bool gave_up; /* whether a frame was dropped, the last one being `given_up`: fragments of it may still come */
    uint32_t given_up;
    uint32_t incomplete;
};

void insole_assembler_init(struct insole_assembler *assembler);

/* Take a packet that insole_read_pressure accepted. Returns the number of frames now complete: `pressure->frames` for
 * whole frames, to be read with insole_count; 1 when this was the last fragment, then the frame is in
 * `assembler->counts`; else 0. */
unsigned insole_assembler_add(struct insole_assembler *assembler, const struct insole_packet *packet,
                              const struct insole_pressure *pressure);

/* End of the stream: an unfinished frame is incomplete. */
void insole_assembler_finish(struct insole_assembler *assembler);

#ifdef __cplusplus
}
#endif

#endif
