import type { PlantedBug } from '@disruptorx/testkit'

const committer = 'src/journal/committer.ts'
const diskWrite = 'src/journal/disk-write.ts'
const recorder = 'src/journal/recorder.ts'
const scan = 'src/segments/scan.ts'
const store = 'src/segments/segment-store.ts'

/** Ways to build the journal wrong that a disk shows which forgets what was not synced. */
const bugs: PlantedBug[] = [
  {
    name: 'no-fdatasync',
    file: diskWrite,
    find: `call.operation = 'datasync'`,
    replace: `call.operation = 'size'`,
    scenarios: ['journal'],
  },
  {
    name: 'acknowledged-before-the-sync',
    file: committer,
    find: `if (this.#durability !== 'fsync') this.#acknowledge`,
    replace: `this.#acknowledge`,
    scenarios: ['journal'],
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
    scenarios: ['journal'],
  },
  {
    name: 'short-write-taken-for-a-whole-one',
    file: diskWrite,
    find: `if (this.#state !== 'writing' || call.result === call.length) break`,
    replace: 'break',
    scenarios: ['journal'],
  },
  {
    name: 'directory-not-synced-for-a-new-segment',
    file: 'src/segments/create-segment.ts',
    find: `  yield* perform(files, { operation: 'sync-directory', path: dir })\n`,
    replace: '',
    scenarios: ['journal'],
  },
  {
    name: 'segment-named-before-its-header-is-durable',
    file: 'src/segments/create-segment.ts',
    find: `  yield* perform(files, { operation: 'datasync', handle })\n`,
    replace: '',
    scenarios: ['journal'],
  },
  {
    name: 'full-segment-not-synced-before-the-next',
    file: store,
    find: `    if (!synced) yield* perform(this.#files, { operation: 'datasync', handle: oldHandle })\n`,
    replace: '',
    also: [{ file: store, find: `    yield* perform(this.#files, { operation: 'datasync', handle })\n`, replace: '' }],
    scenarios: ['journal'],
  },
  {
    name: 'tail-not-made-durable-again-at-opening',
    file: 'src/journal/keep-tail.ts',
    find: `  if (yield* holdsOnlyMarks(last)) return undefined\n`,
    replace: `  for (const batch of last.scan.unproven) {
    yield* last.scan.replay(batch)
    last.logs.place({ segment: last.source.segment.id, sector: batch.offset / SECTOR_BYTES, lsn: last.source.header.firstLsn })
    last.logs.markDurable()
  }
  if (last.end.end > 0) return undefined\n`,
    also: [
      {
        file: 'src/journal/keep-tail.ts',
        find: `return yield* rewrite(place, last)\n`,
        replace: `{
    place.segments.advance(last.end.end - last.end.unprovenFrom)
    return { nextLsn: last.end.nextLsn, chain: last.end.chain }
  }\n`,
      },
    ],
    scenarios: ['journal'],
  },
  {
    name: 'records-not-checked-at-opening',
    file: scan,
    find: `if (!(yield* this.#source.bodyAt(offset))) {`,
    replace: `if (!(yield* this.#source.bodyAt(offset)) && this.#source.fault !== undefined) {`,
    scenarios: ['journal'],
  },
  {
    name: 'batches-behind-a-cut-believed',
    file: scan,
    find: ` || header.epoch < this.#epoch) return NO_BATCH
    if (header.chain !== this.#chain) return misfit(header, segment)\n`,
    replace: `) return NO_BATCH\n`,
    scenarios: ['journal'],
  },
  {
    name: 'old-batches-of-a-segment-used-again-believed',
    file: 'src/format/batch-header.ts',
    find: ` || readU64(view, at + BATCH_SEGMENT_ID) !== place.segment) return`,
    replace: `) return`,
    also: [
      {
        file: scan,
        find: ` || header.epoch < this.#epoch) return NO_BATCH
    if (header.chain !== this.#chain) return misfit(header, segment)
    if (header.firstLsn !== this.#nextLsn) return \`a batch with LSN \${header.firstLsn} where \${this.#nextLsn} belongs\`\n`,
        replace: `) return NO_BATCH\n`,
      },
    ],
    scenarios: ['journal'],
  },
  {
    name: 'old-footer-of-a-segment-used-again-believed',
    file: 'src/format/footer.ts',
    find: ` || readU64(view, at + FOOTER_SEGMENT_ID) !== place.id) return undefined
  if (readU64(view, at + FOOTER_FIRST_LSN) !== place.firstLsn || readU64(view, at + FOOTER_LAST_LSN) !== lastLsn) return undefined\n`,
    replace: `) return undefined\n`,
    scenarios: ['journal'],
  },
  {
    name: 'torn-tail-not-reported',
    file: scan,
    find: `    if (remainsEnd === this.#offset) return undefined\n`,
    replace: `    if (remainsEnd !== -1) return undefined\n`,
    scenarios: ['journal'],
  },
  {
    name: 'cut-not-durable',
    file: recorder,
    find: `const lsn = this.#record(log, KIND_CUT, index, term)`,
    replace: `const lsn = this.nextLsn - 1`,
    scenarios: ['journal'],
  },
  {
    name: 'trim-not-durable',
    file: recorder,
    find: `const lsn = this.#record(log, KIND_TRIM, index, term)`,
    replace: `const lsn = this.nextLsn - 1`,
    scenarios: ['journal'],
  },
  {
    name: 'reset-not-durable',
    file: recorder,
    find: `const lsn = this.#record(log, KIND_RESET, index, term)`,
    replace: `const lsn = this.nextLsn - 1`,
    scenarios: ['journal'],
  },
  {
    name: 'snapshot-mark-not-durable',
    file: recorder,
    find: `const lsn = this.#record(log, KIND_MARK, index, term)`,
    replace: `const lsn = this.nextLsn - 1`,
    scenarios: ['journal'],
  },
  {
    name: 'drop-not-durable',
    file: recorder,
    find: `const lsn = this.#record(log, KIND_DROP, 0, 0)`,
    replace: `const lsn = this.nextLsn - 1`,
    scenarios: ['journal'],
  },
  {
    name: 'vote-in-memory-only',
    file: recorder,
    find: `const lsn = this.#record(log, KIND_VALUE, 0, 0, encodeValue(name, value), more)`,
    replace: `const lsn = this.nextLsn - 1 + 0 * more`,
    scenarios: ['journal'],
  },
  {
    name: 'segment-freed-before-that-is-durable',
    file: 'src/journal/segment-use.ts',
    find: `    this.#needed = needed\n`,
    replace: `    this.#needed = needed\n    this.#segments.free(needed)\n`,
    scenarios: ['journal'],
  },
  {
    name: 'segment-freed-before-it-is-archived',
    file: 'src/journal/segment-use.ts',
    find: `this.#archive === undefined ? this.#unneeded : Math.min(this.#unneeded, this.#archive.archived + 1)`,
    replace: `this.#archive === undefined ? this.#unneeded : this.#unneeded`,
    scenarios: ['journal'],
  },
  {
    name: 'copy-looked-for-before-it-is-durable',
    file: 'src/logs/log-state.ts',
    find: `else if (change.kind === 'copy') this.#copies.push({ ...change, at, open: true })\n`,
    replace: '',
    scenarios: ['journal'],
  },
  {
    name: 'reader-shows-what-is-not-durable',
    file: 'src/journal/reader.ts',
    find: `this.#nextIndex > this.#log.durableIndex`,
    replace: `this.#nextIndex > (this.#log as unknown as { writtenIndex: number }).writtenIndex`,
    scenarios: ['journal'],
  },
  {
    name: 'spare-used-twice',
    file: store,
    find: `this.#spares.shift()`,
    replace: `this.#spares[0]`,
    scenarios: ['journal'],
  },
  {
    name: 'interval-never-syncs',
    file: committer,
    find: `    if (untilNs > 0) return untilNs / 1e6\n`,
    replace: `    if (untilNs < 1e18) return Number.POSITIVE_INFINITY\n`,
    scenarios: ['journal'],
  },
  {
    name: 'key-of-a-tail-forgotten',
    file: store,
    find: `key: firstBatches === undefined ? this.#key : key }`,
    replace: `key: this.#key }`,
    scenarios: ['journal'],
  },
  {
    name: 'damage-in-a-full-segment-not-noticed-by-readers',
    file: 'src/segments/batch-source.ts',
    find: `return bodyIsGood(this.window.bytes, this.window.view, at, this.header)`,
    replace: `return at >= 0 || bodyIsGood(this.window.bytes, this.window.view, at, this.header)`,
    scenarios: ['journal'],
  },
]

export default bugs
