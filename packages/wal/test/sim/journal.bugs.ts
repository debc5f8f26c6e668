import type { PlantedBug } from '@disruptorx/testkit'

const committer = 'src/journal/committer.ts'
const diskWrite = 'src/journal/disk-write.ts'
const recorder = 'src/journal/recorder.ts'
const scan = 'src/segments/scan.ts'
const store = 'src/segments/segment-store.ts'

/** Ways to build the journal wrong. */
const bugs: PlantedBug[] = [
  {
    name: 'no-fdatasync',
    file: diskWrite,
    find: `call.operation = 'datasync'`,
    replace: `call.operation = 'size'`,
  },
  {
    name: 'acknowledged-before-the-sync',
    file: committer,
    find: `if (this.#durability !== 'fsync') this.#acknowledge`,
    replace: `this.#acknowledge`,
  },
  {
    name: 'sync-tried-again-after-it-failed',
    file: diskWrite,
    find: `if (call.state === 'failed') throw call.error`,
    replace: `if (call.state === 'failed' && this.#state === 'syncing') {
        this.#files.submit(call)
        continue
      }
      if (call.state === 'failed') throw call.error`,
  },
  {
    name: 'short-write-taken-for-a-whole-one',
    file: diskWrite,
    find: `if (this.#state !== 'writing' || call.result === call.length) break`,
    replace: 'break',
  },
  {
    name: 'directory-not-synced-for-a-new-segment',
    file: 'src/segments/create-segment.ts',
    find: `  yield* perform(files, { operation: 'sync-directory', path: dir })\n`,
    replace: '',
  },
  {
    name: 'segment-named-before-its-header-is-durable',
    file: 'src/segments/create-segment.ts',
    find: `  yield* perform(files, { operation: 'datasync', handle })\n`,
    replace: '',
  },
  {
    name: 'full-segment-not-synced-before-the-next',
    file: store,
    find: `    if (!synced) yield* perform(this.#files, { operation: 'datasync', handle: oldHandle })\n`,
    replace: '',
    also: [{ file: store, find: `    yield* perform(this.#files, { operation: 'datasync', handle })\n`, replace: '' }],
  },
  {
    name: 'tail-not-made-durable-again-at-opening',
    file: 'src/journal/keep-tail.ts',
    find: `  if (yield* holdsOnlyMarks(parts)) return yield* rewrite(parts, end)\n`,
    replace: `  for (const batch of scan.unproven) {
    yield* scan.replay(batch)
    logs.place({ segment: source.segment.id, sector: batch.offset / SECTOR_BYTES, lsn: source.header.firstLsn })
  }
  segments.advance(end.end - end.unprovenFrom)
  if (end.end > 0) return { nextLsn: end.nextLsn, chain: end.chain }\n`,
  },
  {
    name: 'records-not-checked-at-opening',
    file: scan,
    find: `    if (!(yield* this.#source.bodyAt(offset))) return 'the records of the batch are damaged'\n`,
    replace: `    yield* this.#source.bodyAt(offset)\n`,
  },
  {
    name: 'header-check-sum-not-looked-at',
    file: 'src/format/batch-header.ts',
    find: `  if (view.getUint32(at + BATCH_HEADER_CRC, true) !== crc) return 'damaged'\n`,
    replace: '',
  },
  {
    name: 'batches-behind-a-cut-believed',
    file: scan,
    find: ` || header.epoch < this.#epoch) return 'no batch'
    if (header.chain !== this.#chain) return 'a batch that follows another one'\n`,
    replace: `) return 'no batch'\n`,
  },
  {
    name: 'old-batches-of-a-segment-used-again-believed',
    file: 'src/format/batch-header.ts',
    find: ` || readU64(view, at + BATCH_SEGMENT_ID) !== place.segment) return`,
    replace: `) return`,
    also: [
      {
        file: scan,
        find: ` || header.epoch < this.#epoch) return 'no batch'
    if (header.chain !== this.#chain) return 'a batch that follows another one'
    if (header.firstLsn !== this.#nextLsn) return \`a batch with LSN \${header.firstLsn} where \${this.#nextLsn} belongs\`\n`,
        replace: `) return 'no batch'\n`,
      },
    ],
  },
  {
    name: 'old-footer-of-a-segment-used-again-believed',
    file: 'src/format/footer.ts',
    find: ` || readU64(view, at + FOOTER_SEGMENT_ID) !== place.id) return undefined
  if (readU64(view, at + FOOTER_FIRST_LSN) !== place.firstLsn || readU64(view, at + FOOTER_LAST_LSN) !== lastLsn) return undefined\n`,
    replace: `) return undefined\n`,
  },
  {
    name: 'every-end-taken-for-a-torn-one',
    file: scan,
    find: `    if (this.#provenLsn >= this.#nextLsn) return 'corrupt'\n`,
    replace: '',
    also: [{ file: scan, find: `if (header.durableLsn >= this.#nextLsn) {`, replace: `if (header.durableLsn > 2 ** 52) {` }],
  },
  {
    name: 'torn-tail-not-reported',
    file: scan,
    find: `    if (remainsEnd === this.#offset) return undefined\n`,
    replace: `    if (remainsEnd !== -1) return undefined\n`,
  },
  {
    name: 'cut-not-durable',
    file: recorder,
    find: `const lsn = this.#record(log, KIND_CUT, index, term)`,
    replace: `const lsn = this.nextLsn - 1`,
  },
  {
    name: 'trim-not-durable',
    file: recorder,
    find: `const lsn = this.#record(log, KIND_TRIM, index, term)`,
    replace: `const lsn = this.nextLsn - 1`,
  },
  {
    name: 'reset-not-durable',
    file: recorder,
    find: `const lsn = this.#record(log, KIND_RESET, index, term)`,
    replace: `const lsn = this.nextLsn - 1`,
  },
  {
    name: 'snapshot-mark-not-durable',
    file: recorder,
    find: `const lsn = this.#record(log, KIND_MARK, index, term)`,
    replace: `const lsn = this.nextLsn - 1`,
  },
  {
    name: 'drop-not-durable',
    file: recorder,
    find: `const lsn = this.#record(log, KIND_DROP, 0, 0)`,
    replace: `const lsn = this.nextLsn - 1`,
  },
  {
    name: 'vote-in-memory-only',
    file: recorder,
    find: `const lsn = this.#record(log, KIND_VALUE, 0, 0, encodeValue(name, value), more)`,
    replace: `const lsn = this.nextLsn - 1 + 0 * more`,
  },
  {
    name: 'segment-freed-before-that-is-durable',
    file: 'src/journal/segment-use.ts',
    find: `if (lsn < this.#lsn || !this.waiting) return`,
    replace: `if (!this.waiting) return`,
  },
  {
    name: 'copy-looked-for-before-it-is-durable',
    file: 'src/logs/log-state.ts',
    find: `else if (change.kind === 'copy') this.#copies.push({ ...change, at, open: true })\n`,
    replace: '',
  },
  {
    name: 'reader-shows-what-is-not-durable',
    file: 'src/journal/reader.ts',
    find: `this.#nextIndex > this.#log.durableIndex`,
    replace: `this.#nextIndex > (this.#log as unknown as { writtenIndex: number }).writtenIndex`,
  },
  {
    name: 'spare-used-twice',
    file: store,
    find: `this.#spares.shift()`,
    replace: `this.#spares[0]`,
  },
  {
    name: 'interval-never-syncs',
    file: committer,
    find: `    if (untilNs > 0) return untilNs / 1e6\n`,
    replace: `    if (untilNs < 1e18) return Number.POSITIVE_INFINITY\n`,
  },
  {
    name: 'key-of-a-tail-forgotten',
    file: store,
    find: `const key = firstBatches === undefined ? this.#key : old.key`,
    replace: `const key = this.#key`,
  },
  {
    name: 'header-believed-when-it-is-read-again',
    file: 'src/segments/directory.ts',
    find: `  if (decodeSegmentHeader(bytes, header.id).chain !== header.chain) throw otherwiseError(header.id, 0)\n`,
    replace: '',
  },
  {
    name: 'repair-believed-without-a-check',
    file: 'src/segments/repair.ts',
    find: `if (good.length > bytes || !this.#isTheBatch(good, source, expected)) return false`,
    replace: `if (good.length > bytes) return false`,
  },
  {
    name: 'damage-in-a-full-segment-not-noticed-by-readers',
    file: 'src/segments/batch-source.ts',
    find: `return bodyIsGood(this.window.bytes, this.window.view, at, this.header)`,
    replace: `return at >= 0 || bodyIsGood(this.window.bytes, this.window.view, at, this.header)`,
  },
]

export default bugs
