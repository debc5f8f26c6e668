import { CodecSizeError, CodecValueError } from './errors.ts'

/** What a codec allows. */
export interface ValueLimits {
  readonly maxBytes: number
  readonly maxDepth: number
}

/** The decoders of most platforms take a byte order mark away from the front of a text: such a text would not come back. */
const BYTE_ORDER_MARK = '\ufeff'

/**
 * Walks a value before it is encoded, and refuses what would not come back as it is: functions, classes, texts that are no Unicode,
 * dates that are none, whole numbers beyond 64 bits, cycles. It counts bytes as it goes, so that a value that is too large is refused
 * before anything is allocated for it.
 */
export class ValueCheck {
  readonly #codec: string
  readonly #limits: ValueLimits
  /** Where the walk is: made into text only for an error. */
  #path: (string | number)[] = []
  #bytes = 0

  constructor(codec: string, limits: ValueLimits) {
    this.#codec = codec
    this.#limits = limits
  }

  /** @throws {CodecValueError | CodecSizeError} */
  run(value: unknown): void {
    this.#path = []
    this.#bytes = 0
    this.#value(value)
  }

  #value(value: unknown): void {
    this.#count(1)
    if (typeof value === 'string') this.#text(value, '')
    else if (typeof value === 'object' && value !== null) this.#object(value)
    else if (typeof value === 'function' || typeof value === 'symbol') this.#refuse(`is a ${typeof value}`)
    else if (typeof value === 'bigint' && BigInt.asIntN(64, value) !== value && BigInt.asUintN(64, value) !== value)
      this.#refuse('is a bigint beyond 64 bits')
  }

  #object(value: object): void {
    if (value instanceof Uint8Array) this.#count(value.length)
    else if (value instanceof Date) {
      if (Number.isNaN(value.getTime())) this.#refuse('is an invalid date')
    } else if (this.#path.length === this.#limits.maxDepth)
      this.#refuse(`is nested deeper than ${this.#limits.maxDepth} levels (option maxDepth), or contains itself`)
    else if (Array.isArray(value)) this.#array(value)
    else this.#plain(value)
  }

  #array(items: readonly unknown[]): void {
    // Before the walk, because a sparse array can announce more items than there is memory; each counts itself during it.
    this.#bound(this.#bytes + items.length)
    for (let i = 0; i < items.length; i++) {
      this.#path.push(i)
      this.#value(items[i])
      this.#path.pop()
    }
  }

  #plain(value: object): void {
    const prototype = Object.getPrototypeOf(value)
    if (prototype !== null && Object.getPrototypeOf(prototype) !== null)
      this.#refuse(`is an instance of ${prototype.constructor?.name ?? 'a class'}; only plain objects come back as they are`)
    for (const [key, field] of Object.entries(value)) {
      if (key === '__proto__') this.#refuse('has a key __proto__')
      this.#count(1)
      this.#text(key, 'has a key that ')
      this.#path.push(key)
      this.#value(field)
      this.#path.pop()
    }
  }

  #text(text: string, prefix: string): void {
    this.#count(text.length)
    if (!text.isWellFormed()) this.#refuse(`${prefix}is a text with half of a surrogate pair`)
    if (text.startsWith(BYTE_ORDER_MARK)) this.#refuse(`${prefix}starts with a byte order mark; take it away`)
  }

  #count(bytes: number): void {
    this.#bytes += bytes
    this.#bound(this.#bytes)
  }

  #bound(bytes: number): void {
    if (bytes > this.#limits.maxBytes) throw new CodecSizeError(this.#codec, bytes, this.#limits.maxBytes)
  }

  #refuse(reason: string): never {
    const path = this.#path.map(part => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('')
    throw new CodecValueError(this.#codec, `value${path}`, reason)
  }
}
