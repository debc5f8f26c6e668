import { CodecSizeError, CodecValueError } from '../errors.ts'

/** What a codec of values of any shape allows. */
export interface ValueLimits {
  readonly maxBytes: number
  readonly maxDepth: number
}

/** What a codec can write. */
export interface ValueRules extends ValueLimits {
  readonly codec: string
  /** Whether the format is JSON, which has no undefined, bigints, dates, bytes and infinities, but escapes for halves of surrogate pairs. */
  readonly isJson: boolean
  /** Whether an object with these keys is written without them. */
  readonly isRecord?: ((keys: readonly string[]) => boolean) | undefined
}

/** The decoders of most platforms take a byte order mark away from the front of a text: such a text would not come back. */
const BYTE_ORDER_MARK = '\ufeff'
const FIRST_SURROGATE = 0xd800
const SHORT_TEXT = 32

/**
 * Walks a value before it is encoded, and refuses what would not come back as it is: functions, classes, texts that are no Unicode,
 * dates that are none, whole numbers beyond 64 bits, cycles. It counts bytes as it goes, so that a value that is too large is refused
 * before anything is allocated for it.
 */
export class ValueCheck {
  // Plain `private`: every value that is encoded passes here first.
  private readonly rules: ValueRules
  /** Where the walk is, down to its depth: made into text only for an error. */
  private readonly path: (string | number)[] = []
  private depth = 0
  private bytes = 0

  constructor(rules: ValueRules) {
    this.rules = rules
  }

  /** @throws {CodecValueError | CodecSizeError} */
  run(value: unknown): void {
    this.depth = 0
    this.bytes = 0
    this.value(value)
  }

  private value(value: unknown): void {
    this.count(1)
    if (typeof value === 'string') this.text(value, '')
    else if (typeof value === 'number') {
      if (this.rules.isJson && !Number.isFinite(value)) this.refuse(`is ${value}, which JSON does not have`)
    } else if (typeof value === 'object') {
      if (value !== null) this.object(value)
    } else if (typeof value !== 'boolean') this.rare(value)
  }

  private rare(value: unknown): void {
    if (typeof value === 'function' || typeof value === 'symbol') this.refuse(`is a ${typeof value}`)
    if (this.rules.isJson) this.refuse(`is ${typeof value === 'bigint' ? 'a bigint' : 'undefined'}, which JSON does not have`)
    if (typeof value === 'bigint' && BigInt.asIntN(64, value) !== value && BigInt.asUintN(64, value) !== value)
      this.refuse('is a bigint beyond 64 bits')
  }

  private object(value: object): void {
    if (Array.isArray(value)) this.array(value)
    else if (value instanceof Uint8Array || value instanceof Date) this.leaf(value)
    else this.plain(value)
  }

  private leaf(value: Uint8Array | Date): void {
    if (this.rules.isJson) this.refuse(`is a ${value instanceof Date ? 'date' : 'Uint8Array'}, which JSON does not have`)
    if (value instanceof Uint8Array) this.count(value.length)
    else if (Number.isNaN(value.getTime())) this.refuse('is an invalid date')
  }

  private array(items: readonly unknown[]): void {
    // Before the walk, because a sparse array can announce more items than there is memory; each counts itself during it.
    this.bound(this.bytes + items.length)
    const depth = this.enter()
    for (let i = 0; i < items.length; i++) {
      this.path[depth] = i
      this.value(items[i])
    }
    this.depth = depth
  }

  private plain(value: object): void {
    const prototype = Object.getPrototypeOf(value)
    if (prototype !== null && prototype !== Object.prototype && Object.getPrototypeOf(prototype) !== null)
      this.refuse(`is an instance of ${prototype.constructor?.name ?? 'a class'}; only plain objects come back as they are`)
    const depth = this.enter()
    const keys = Object.keys(value)
    const isRecord = this.rules.isRecord?.(keys) === true
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as string
      this.path[depth] = key
      if (!isRecord) this.key(key)
      this.value((value as Record<string, unknown>)[key])
    }
    this.depth = depth
  }

  private key(key: string): void {
    this.depth--
    if (key === '__proto__') this.refuse('has a key __proto__')
    this.count(1)
    this.text(key, 'has a key that ')
    this.depth++
  }

  /** Goes one level deeper. Returns the level above. */
  private enter(): number {
    const depth = this.depth
    if (depth === this.rules.maxDepth)
      this.refuse(`is nested deeper than ${this.rules.maxDepth} levels (option maxDepth), or contains itself`)
    this.depth = depth + 1
    return depth
  }

  private text(text: string, prefix: string): void {
    this.count(text.length)
    if (this.rules.isJson || isSimple(text)) return
    if (!text.isWellFormed()) this.refuse(`${prefix}is a text with half of a surrogate pair`)
    if (text.startsWith(BYTE_ORDER_MARK)) this.refuse(`${prefix}starts with a byte order mark; take it away`)
  }

  private count(bytes: number): void {
    this.bytes += bytes
    this.bound(this.bytes)
  }

  private bound(bytes: number): void {
    if (bytes > this.rules.maxBytes) throw new CodecSizeError(this.rules.codec, bytes, this.rules.maxBytes)
  }

  private refuse(reason: string): never {
    const path = this.path.slice(0, this.depth).map(part => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    throw new CodecValueError(this.rules.codec, `value${path.join('')}`, reason)
  }
}

/** Whether a text is so short and so plain that there is nothing to find: for keys, this is quicker than to call the platform. */
function isSimple(text: string): boolean {
  if (text.length > SHORT_TEXT) return false
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= FIRST_SURROGATE) return false
  return true
}
