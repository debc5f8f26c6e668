/**
 * Every offset of the journal's files in one place. All numbers are little-endian; `u64` holds whole numbers up to 2^53 - 1.
 *
 * A segment file:
 * ```
 *  0                                                                              segment bytes
 *  +----------------+--------------+---------+---------+--------+--------+
 *  | segment header | batch        | batch   | batch   | unused | footer |   each part starts and ends on a sector
 *  +----------------+--------------+---------+---------+--------+--------+
 * ```
 * Segment header, padded with zeros to the sector:
 * ```
 *  0          8         12          16           32           40              48          56      60         64       80          88                      120         124          128
 *  +----------+---------+-----------+------------+------------+---------------+-----------+-------+----------+--------+-----------+-----------------------+-----------+------------+-------+
 *  | DXWALSEG | version | log count | journal id | segment id | segment bytes | first LSN | epoch | state B  | key id | key check | reserved              | state CRC | header CRC | state |
 *  +----------+---------+-----------+------------+------------+---------------+-----------+-------+----------+--------+-----------+-----------------------+-----------+------------+-------+
 *
 *  state, for each log:  0        4             5..7       8             16          24           32          40               48              56
 *                        +--------+-------------+----------+-------------+-----------+------------+-----------+----------------+---------------+--------+
 *                        | log id | value count | reserved | first index | base term | last index | last term | snapshot index | snapshot term | values |
 *                        +--------+-------------+----------+-------------+-----------+------------+-----------+----------------+---------------+--------+
 *  value:                name length u8, reserved u8, value length u16, name, value; zeros to a multiple of 8
 * ```
 * Batch header, followed by the body and by zeros up to the next sector:
 * ```
 *  0       4         8            24           32          40            48      52            56       60      64      68           72    88      92             96         120        124
 *  +-------+---------+------------+------------+-----------+-------------+-------+-------------+--------+-------+-------+------------+-----+-------+--------------+----------+----------+------------+
 *  | magic | version | journal id | segment id | first LSN | durable LSN | count | body length | sector | epoch | flags | raw length | tag | chain | cipher epoch | reserved | body CRC | header CRC |
 *  +-------+---------+------------+------------+-----------+-------------+-------+-------------+--------+-------+-------+------------+-----+-------+--------------+----------+----------+------------+
 * ```
 * Record, aligned to 8:
 * ```
 *  0        4      8        12         16      24     32
 *  +--------+------+--------+----------+-------+------+------+------------+
 *  | length | kind | log id | reserved | index | term | data | zeros to 8 |
 *  +--------+------+--------+----------+-------+------+------+------------+
 * ```
 * Footer of a sealed segment, at the end of its file; its fixed part is the last 64 bytes:
 * ```
 *  -(64 + index bytes)      -64     -60       -56          -40          -32         -24        -16         -12      -8          -4
 *  +-----------------------+-------+---------+------------+------------+-----------+----------+-----------+--------+-----------+------------+
 *  | index of the segment  | magic | version | journal id | segment id | first LSN | last LSN | log count | index B| index CRC | footer CRC |
 *  +-----------------------+-------+---------+------------+------------+-----------+----------+-----------+--------+-----------+------------+
 *
 *  index, for each log:  log id u32, run count u32, keep u64, then the runs:
 *  run:                  first index u64, last index u64, term u64, first LSN u64, bytes u64, hint count u32, reserved u32, then the hints:
 *  hint:                 index u64, LSN u64, sector u32, reserved u32
 * ```
 */
export const FORMAT_VERSION = 2
/** Unit of every write. No later write touches the sector of an acknowledged one. */
export const SECTOR_BYTES = 4096
export const LEAST_SEGMENT_BYTES = 16 * 1024
/** What a segment can be asked to have. */
export const MOST_SEGMENT_BYTES = 1024 ** 3
/** What a segment can have: one that a full segment is copied to has room for a batch more. */
export const MOST_SEGMENT_FILE_BYTES = 2 * MOST_SEGMENT_BYTES

/** "DXWA" and "LSEG" */
export const SEGMENT_MAGIC_LOW = 0x4157_5844
export const SEGMENT_MAGIC_HIGH = 0x4745_534c
export const SEGMENT_VERSION = 8
export const SEGMENT_LOG_COUNT = 12
export const SEGMENT_JOURNAL_ID = 16
export const SEGMENT_ID = 32
export const SEGMENT_BYTES = 40
export const SEGMENT_FIRST_LSN = 48
export const SEGMENT_EPOCH = 56
export const SEGMENT_STATE_BYTES = 60
/** Name of the key that batches are encrypted with; zeros when they are not. */
export const SEGMENT_KEY_ID = 64
export const KEY_ID_BYTES = 16
/** Tells a wrong key of the right name. */
export const SEGMENT_KEY_CHECK = 80
export const KEY_CHECK_BYTES = 8
export const SEGMENT_STATE_CRC = 120
export const SEGMENT_CRC = 124
/** The state of the logs follows. */
export const SEGMENT_HEADER_BYTES = 128

export const LOG_ID = 0
export const LOG_VALUE_COUNT = 4
export const LOG_FIRST_INDEX = 8
export const LOG_BASE_TERM = 16
export const LOG_LAST_INDEX = 24
export const LOG_LAST_TERM = 32
export const LOG_SNAPSHOT_INDEX = 40
export const LOG_SNAPSHOT_TERM = 48
/** The values of the log follow. */
export const LOG_BYTES = 56

/** "DXBT" */
export const BATCH_MAGIC_VALUE = 0x5442_5844
export const BATCH_MAGIC = 0
export const BATCH_VERSION = 4
export const BATCH_JOURNAL_ID = 8
export const BATCH_SEGMENT_ID = 24
export const BATCH_FIRST_LSN = 32
export const BATCH_DURABLE_LSN = 40
export const BATCH_COUNT = 48
export const BATCH_BODY_LENGTH = 52
/** Offset of the batch in its segment, in sectors. */
export const BATCH_SECTOR = 56
export const BATCH_EPOCH = 60
/** {@link FLAG_COMPRESSED}, {@link FLAG_ENCRYPTED}. */
export const BATCH_FLAGS = 64
/** Length of the records before compression. */
export const BATCH_RAW_LENGTH = 68
/** Of AES-256-GCM. */
export const BATCH_TAG = 72
export const TAG_BYTES = 16
/** Header CRC of the batch before this one; of the segment header for the first. */
export const BATCH_CHAIN = 88
/** Epoch in which the body was encrypted. */
export const BATCH_CIPHER_EPOCH = 92
export const BATCH_BODY_CRC = 120
export const BATCH_HEADER_CRC = 124
export const BATCH_HEADER_BYTES = 128

/** Most bytes that a batch can be opened to have. */
export const MOST_BATCH_BYTES = 16 * 1024 ** 2

/** Room in every batch for records other than entries. */
export const RESERVED_BATCH_BYTES = 1024

export const RECORD_LENGTH = 0
export const RECORD_KIND = 4
export const RECORD_LOG_ID = 8
export const RECORD_INDEX = 16
export const RECORD_TERM = 24
export const RECORD_HEADER_BYTES = 32
const RECORD_ALIGNMENT = 8

/** The body is compressed with zstd. */
export const FLAG_COMPRESSED = 1
/** The body is encrypted with AES-256-GCM, after compression. */
export const FLAG_ENCRYPTED = 2

/** An entry of a log: index, term, data. */
export const KIND_ENTRY = 1
/** An entry that is held already, written again so that its old segment can go. */
export const KIND_COPY = 2
/** The entries after index are gone. */
export const KIND_CUT = 3
/** The entries before index are gone; term is that of the last of them. */
export const KIND_TRIM = 4
/** Everything up to index (of this term) lives elsewhere; the next entry is index + 1. */
export const KIND_RESET = 5
/** A snapshot covers everything up to index, of this term. */
export const KIND_MARK = 6
/** Data is a value: name length u8, name, value. */
export const KIND_VALUE = 7
/** The log is gone. */
export const KIND_DROP = 8
/** The journal was opened; from here on batches carry a higher epoch. */
export const KIND_OPENED = 9
/** The journal was closed in good order: its header proves everything before it durable. */
export const KIND_CLOSED = 10

/** "DXFT" */
export const FOOTER_MAGIC_VALUE = 0x5446_5844
export const FOOTER_MAGIC = 0
export const FOOTER_VERSION = 4
export const FOOTER_JOURNAL_ID = 8
export const FOOTER_SEGMENT_ID = 24
export const FOOTER_FIRST_LSN = 32
export const FOOTER_LAST_LSN = 40
export const FOOTER_LOG_COUNT = 48
export const FOOTER_INDEX_BYTES = 52
export const FOOTER_INDEX_CRC = 56
export const FOOTER_CRC = 60
/** Fixed part, at the very end of the file. */
export const FOOTER_BYTES = 64
export const FOOTER_LOG_BYTES = 16
export const FOOTER_RUN_BYTES = 48
export const FOOTER_HINT_BYTES = 24

const TWO_32 = 2 ** 32

/** Reads a `u64`. NaN when it is over 2^53 - 1, so that every comparison with it fails. */
export function readU64(view: DataView, offset: number): number {
  const value = view.getUint32(offset, true) + view.getUint32(offset + 4, true) * TWO_32
  return value <= Number.MAX_SAFE_INTEGER ? value : Number.NaN
}

/** Writes a whole number up to 2^53 - 1 as a `u64`. */
export function writeU64(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, value >>> 0, true)
  view.setUint32(offset + 4, value / TWO_32, true)
}

/** The next multiple of the sector. */
export function padToSector(bytes: number): number {
  return Math.ceil(bytes / SECTOR_BYTES) * SECTOR_BYTES
}

/** Bytes that a record with `length` bytes of data takes in a batch. */
export function recordBytes(length: number): number {
  return (RECORD_HEADER_BYTES + length + RECORD_ALIGNMENT - 1) & -RECORD_ALIGNMENT
}
