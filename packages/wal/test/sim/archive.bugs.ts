import type { PlantedBug } from '@disruptorx/testkit'

const archiver = 'src/archive/archiver.ts'
const copy = 'src/archive/copy-segment.ts'
const files = 'src/archive/file-archive.ts'
const own = 'src/archive/own-archive.ts'

/** Ways to build an archive wrong. */
const bugs: PlantedBug[] = [
  {
    name: 'freed-before-the-copy-is-verified',
    file: copy,
    find: `  const found = await lookThrough(archive.get(name, signal), segment, keys)\n`,
    replace: `  onStored()\n  const found = await lookThrough(archive.get(name, signal), segment, keys)\n`,
    also: [
      {
        file: copy,
        find: `  signal: AbortSignal,\n): Promise<SegmentCard> {`,
        replace: `  signal: AbortSignal,\n  onStored: () => void,\n): Promise<SegmentCard> {`,
      },
      {
        file: archiver,
        find: `await copySegment(copy, segment, signal)`,
        replace: `await copySegment(copy, segment, signal, () => this.#release(segment.id))`,
      },
    ],
    scenarios: ['journal'],
  },
  {
    name: 'copy-not-verified',
    file: copy,
    find: `  if (found.bytes !== sent.bytes || found.crc !== sent.crc) throw new ArchiveDamagedError(name, 'it is not what was put there')\n`,
    replace: '',
    also: [{ file: copy, find: `  if (damage !== undefined) throw new JournalCorruptError({ segment: id, ...damage })\n`, replace: '' }],
    scenarios: ['journal'],
  },
  {
    name: 'half-written-copy-taken-for-a-whole-one',
    file: own,
    find: `const known = numbersOf(names, '.json')`,
    replace: `const known = numbersOf(names, '.seg')`,
    also: [
      {
        file: archiver,
        find: `    if (card !== undefined) await checkArchived(copy, segment, card, signal)\n    else {`,
        replace: `    if (card !== undefined) await checkArchived(copy, segment, card, signal)\n    else if (!isKnown) {`,
      },
      { file: copy, find: `    if (!isDisruptorError(error, 'DX_ARCHIVE_DAMAGED')) throw error\n`, replace: '' },
    ],
    scenarios: ['journal'],
  },
  {
    name: 'card-not-read-back',
    file: copy,
    find: `  return await readCard(archive, id, signal)\n}\n\n/**\n * Makes sure`,
    replace: `  return card\n}\n\n/**\n * Makes sure`,
    scenarios: ['journal'],
  },
  {
    name: 'archived-file-named-before-it-is-durable',
    file: files,
    find: `      await this.#perform(perform(files, { operation: 'datasync', handle }))\n`,
    replace: '',
    scenarios: ['journal'],
  },
  {
    name: 'directory-of-the-archive-not-synced',
    file: files,
    find: `      throw error
    }
    await this.#perform(perform(this.#files, { operation: 'sync-directory', path: this.#dir }))`,
    replace: `      throw error
    }`,
    scenarios: ['journal'],
  },
  {
    name: 'names-of-the-process-before-believed',
    file: files,
    find: `      if (!this.#isSettled) await this.#settle()\n`,
    replace: '',
    scenarios: ['journal'],
  },
  {
    name: 'first-object-damaged-for-ever',
    file: own,
    find: `if (journalId !== undefined || numbersOf(names, '.seg').length === 0) return`,
    replace: `if (journalId !== undefined || (!isThere && numbersOf(names, '.seg').length === 0)) return`,
    scenarios: ['journal'],
  },
  {
    name: 'runs-of-an-archived-segment-forgotten-after-a-cut',
    file: 'src/archive/segment-history.ts',
    find: `      log.cut(keep)\n`,
    replace: '',
    scenarios: ['journal'],
  },
]

export default bugs
