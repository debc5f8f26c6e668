const MIB = 1024 ** 2

/** How much is done. */
export interface Sizes {
  /** Of the journals that are written to: all that a case appends finds room in one segment, which is written ahead before anything is measured. */
  readonly segmentBytes: number
  /** Rounds that count, and rounds before them. */
  readonly rounds: number
  readonly warmUp: number
  /** Full batches in a round, so many that its beginning and its end, where nothing overlaps, hardly count; and such rounds. */
  readonly batches: number
  readonly batchRounds: number
  /** Single appends in a round. */
  readonly singles: number
  /** Records of 64 bytes in a round. */
  readonly records: number
  /** Changes that come one by one at a given rate. */
  readonly paced: number
  /** Bytes of a journal that is read, or recovered. */
  readonly readBytes: number
  /** Records of 64 bytes that SQLite gets in a round. */
  readonly sqliteRecords: number
  /** Rounds of what takes long. */
  readonly slowRounds: number
  /** Segments of 64 MiB of a large journal. */
  readonly segments: number
}

/** For results. */
export const full: Sizes = {
  segmentBytes: 1024 * MIB,
  rounds: 15,
  warmUp: 3,
  batches: 48,
  batchRounds: 9,
  singles: 150,
  records: 300_000,
  paced: 150_000,
  readBytes: 200 * MIB,
  sqliteRecords: 20_000,
  slowRounds: 5,
  segments: 160,
}

/** Shows that everything runs. */
export const quick: Sizes = {
  segmentBytes: 4 * MIB,
  rounds: 1,
  warmUp: 0,
  batches: 1,
  batchRounds: 1,
  singles: 5,
  records: 2_000,
  paced: 500,
  readBytes: 2 * MIB,
  sqliteRecords: 200,
  slowRounds: 1,
  segments: 4,
}
