import type { PlantedBug } from '../../src/index.ts'

const file = 'test/sim/register.ts'

/** Ways to build the register wrong. */
const bugs: PlantedBug[] = [
  {
    name: 'acknowledged-before-the-backup-has-it',
    file,
    find: 'else if (value <= this.#backedUp) this.',
    replace: 'else this.',
  },
  {
    name: 'short-write-taken-for-a-whole-one',
    file,
    find: `offset += (yield* perform(this.#files, { operation: 'write', handle: this.#handle, ...rest })).result`,
    replace: `offset += (yield* perform(this.#files, { operation: 'write', handle: this.#handle, ...rest })).length`,
  },
  {
    name: 'not-synced',
    file,
    find: `    yield* perform(this.#files, { operation: 'datasync', handle: this.#handle })\n`,
    replace: '',
  },
  {
    name: 'directory-not-synced',
    file,
    find: `    yield* perform(files, { operation: 'sync-directory', path: 'data' })\n`,
    replace: '',
  },
  {
    name: 'parent-directory-not-synced',
    file,
    find: `    yield* perform(files, { operation: 'sync-directory', path: '.' })\n`,
    replace: '',
  },
  {
    name: 'one-slot-for-all',
    file,
    find: '(value % 2) * SLOT_BYTES',
    replace: '0',
  },
  {
    name: 'torn-slot-believed',
    file,
    find: '=== view.getUint32(CRC_AT) ? view',
    replace: '!== -1 ? view',
  },
  {
    name: 'sync-tried-again-after-failure',
    file,
    find: `    yield* perform(this.#files, { operation: 'datasync', handle: this.#handle })\n`,
    replace: `    for (;;) {
      try {
        yield* perform(this.#files, { operation: 'datasync', handle: this.#handle })
        break
      } catch {}
    }
`,
  },
  {
    name: 'opening-believes-the-cache',
    file,
    find: 'if (store.value > 0) yield* store.save(store.value)',
    replace: '',
  },
  {
    name: 'backup-answers-before-it-has-saved',
    file,
    find: `      this.#saving = true
      this.#process.task('save', this.#store.save(value), () => {
        this.#saving = false
        this.#process`,
    replace: `      this.#saving = true
      this.#process.datagrams.send(peer, { type: 'stored', value })
      this.#process.task('save', this.#store.save(value), () => {
        this.#saving = false
        this.#process`,
  },
]

export default bugs
