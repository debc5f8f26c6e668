import type { Files } from '@disruptorx/contracts'
import { crc32, type FileTask, perform } from '@disruptorx/contracts/internal'
import type { SimulatedProcess } from '../../src/index.ts'

const SLOT_BYTES = 512
const PATH = 'data/register'

/** A number on a disk, written to two slots by turns, so that a torn write spoils the older one only. */
export class Store {
  value: number
  readonly #files: Files
  readonly #handle: number

  private constructor(files: Files, handle: number, value: number) {
    this.#files = files
    this.#handle = handle
    this.value = value
  }

  static *open(files: Files): FileTask<Store> {
    yield* perform(files, { operation: 'make-directory', path: 'data' })
    yield* perform(files, { operation: 'sync-directory', path: '.' })
    const { result: handle } = yield* perform(files, { operation: 'open', path: PATH, mode: 'create' })
    yield* perform(files, { operation: 'sync-directory', path: 'data' })
    const buffer = new Uint8Array(2 * SLOT_BYTES)
    const { result: length } = yield* perform(files, { operation: 'read', handle, buffer, length: buffer.length })
    const values = [0, SLOT_BYTES].filter(at => at + SLOT_BYTES <= length).map(at => readSlot(buffer.subarray(at, at + SLOT_BYTES)))
    const store = new Store(files, handle, Math.max(0, ...values))
    // An earlier life may have failed to sync it: what reads well may still not be on the disk.
    if (store.value > 0) yield* store.save(store.value)
    return store
  }

  *save(value: number): FileTask<void> {
    const buffer = slotOf(value)
    const slot = (value % 2) * SLOT_BYTES
    for (let offset = 0; offset < SLOT_BYTES; ) {
      const rest = { buffer, offset, length: SLOT_BYTES - offset, position: slot + offset }
      offset += (yield* perform(this.#files, { operation: 'write', handle: this.#handle, ...rest })).result
    }
    yield* perform(this.#files, { operation: 'datasync', handle: this.#handle })
    this.value = value
  }
}

/** The tens stand at the start and the ones at the end, so that a slot that was torn anywhere may show a value that nobody set. */
const ONES_AT = SLOT_BYTES - 8
const CRC_AT = SLOT_BYTES - 4

function slotOf(value: number): Uint8Array {
  const slot = new Uint8Array(SLOT_BYTES)
  const view = new DataView(slot.buffer)
  view.setUint32(0, Math.floor(value / 10))
  view.setUint32(ONES_AT, value % 10)
  view.setUint32(CRC_AT, crc32(slot, 0, CRC_AT))
  return slot
}

/** The value of a slot; 0 for one that is damaged. */
function readSlot(slot: Uint8Array): number {
  const view = new DataView(slot.buffer, slot.byteOffset)
  return crc32(slot, 0, CRC_AT) === view.getUint32(CRC_AT) ? view.getUint32(0) * 10 + view.getUint32(ONES_AT) : 0
}

/** What the nodes say to each other. */
type Message = { readonly type: 'set' | 'done' | 'store' | 'stored'; readonly value: number }

/** Takes values from the client, one after the other, and answers when both disks have them. */
export class Primary {
  readonly #process: SimulatedProcess
  readonly #store: Store
  /** The highest value that the backup has. */
  #backedUp = 0
  #saving = false

  constructor(process: SimulatedProcess, store: Store) {
    this.#process = process
    this.#store = store
    process.datagrams.onDatagram((peer, message) => this.#receive(peer, message as Message))
    process.run('resend', { step: () => this.#resend() })
  }

  #receive(peer: string, { type, value }: Message): void {
    if (type === 'stored') this.#backedUp = Math.max(this.#backedUp, value)
    else if (value > this.#store.value) this.#save(value)
    else if (value <= this.#backedUp) this.#process.datagrams.send(peer, { type: 'done', value })
  }

  #save(value: number): void {
    if (this.#saving) return
    this.#saving = true
    this.#process.task('save', this.#store.save(value), () => {
      this.#saving = false
      this.#resend()
    })
  }

  #resend(): number {
    const { value } = this.#store
    if (value > this.#backedUp) this.#process.datagrams.send('backup', { type: 'store', value })
    return 20
  }
}

/** Keeps the second copy. */
export class Backup {
  readonly #process: SimulatedProcess
  readonly #store: Store
  #saving = false

  constructor(process: SimulatedProcess, store: Store) {
    this.#process = process
    this.#store = store
    process.datagrams.onDatagram((peer, message) => this.#receive(peer, message as Message))
  }

  #receive(peer: string, { value }: Message): void {
    if (value <= this.#store.value) this.#process.datagrams.send(peer, { type: 'stored', value })
    else if (!this.#saving) {
      this.#saving = true
      this.#process.task('save', this.#store.save(value), () => {
        this.#saving = false
        this.#process.datagrams.send(peer, { type: 'stored', value })
      })
    }
  }
}

/** What a scenario hears of a client. */
export interface ClientEvents {
  set(value: number): void
  acknowledged(value: number): void
}

/** Sets one value after the other, each until it is acknowledged. */
export async function client(process: SimulatedProcess, told: ClientEvents): Promise<void> {
  let done = 0
  process.datagrams.onDatagram((_peer, message) => {
    const { value } = message as Message
    if (value > done) told.acknowledged(value)
    done = Math.max(done, value)
  })
  for (let value = 1; ; value++) {
    told.set(value)
    while (done < value) {
      process.datagrams.send('primary', { type: 'set', value })
      await process.sleep(3)
    }
  }
}
