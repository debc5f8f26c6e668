import type { PlantedBug } from '@disruptorx/testkit'

const committer = 'src/journal/committer.ts'
const errors = 'src/errors.ts'
const unreadable = `  const place = \`segment \${segmentName(segment)} at \${grouped.format(offset)}\`
  return Object.assign(new Error(\`EIO: \${place}: \${what} cannot be read\``
const scan = 'src/segments/scan.ts'

/** Ways to build the journal wrong that only a disk shows which lies. */
const bugs: PlantedBug[] = [
  {
    name: 'header-check-sum-not-looked-at',
    file: 'src/format/batch-header.ts',
    find: `  if (view.getUint32(at + BATCH_HEADER_CRC, true) !== crc) return 'damaged'\n`,
    replace: '',
    scenarios: ['damage'],
  },
  {
    name: 'every-end-taken-for-a-torn-one',
    file: scan,
    find: `    if (this.#provenLsn >= this.#nextLsn) return 'corrupt'\n`,
    replace: '',
    also: [{ file: scan, find: `if (header.durableLsn >= this.#nextLsn) {`, replace: `if (header.durableLsn > 2 ** 52) {` }],
    scenarios: ['damage'],
  },
  {
    name: 'batches-prove-nothing',
    file: committer,
    find: `header.durableLsn = this.syncedLsn`,
    replace: `header.durableLsn = 0`,
    scenarios: ['damage', 'journal'],
  },
  {
    name: 'batches-prove-less-than-is-known',
    file: committer,
    find: `header.durableLsn = this.syncedLsn`,
    replace: `header.durableLsn = Math.max(0, this.syncedLsn - 40)`,
    scenarios: ['damage', 'journal'],
  },
  {
    name: 'state-of-logs-not-checked',
    file: 'src/format/segment-header.ts',
    find: `end <= bytes.length && view.getUint32(SEGMENT_STATE_CRC, true) === crc32(bytes, SEGMENT_HEADER_BYTES, stateBytes)`,
    replace: `end <= bytes.length`,
    scenarios: ['damage'],
  },
  {
    name: 'footer-not-checked',
    file: 'src/format/footer.ts',
    find: `  if (view.getUint32(at + FOOTER_CRC, true) !== crc32(bytes, at, FOOTER_CRC)) return undefined\n`,
    replace: '',
    scenarios: ['damage'],
  },
  {
    name: 'another-segment-told-to-be-unreadable',
    file: errors,
    find: unreadable,
    replace: unreadable.replace('segmentName(segment)', 'segmentName(segment + 1)'),
    scenarios: ['damage'],
  },
  {
    name: 'another-place-told-to-be-unreadable',
    file: errors,
    find: unreadable,
    replace: unreadable.replace('format(offset)', 'format(offset + 65536)'),
    scenarios: ['damage'],
  },
  {
    name: 'verifies-footers-only',
    file: 'src/journal/load-logs.ts',
    find: `return footer === undefined || verify === 'all'`,
    replace: `return footer === undefined`,
    scenarios: ['damage'],
  },
  {
    name: 'repair-believed-without-a-check',
    file: 'src/segments/repair.ts',
    find: `    if (header === undefined || (crc !== undefined && header.crc !== crc) || (yield* this.#isDisowned(header, source))) return false\n`,
    replace: `    if (header === undefined && crc === -1) return false\n`,
    scenarios: ['damage'],
  },
]

export default bugs
