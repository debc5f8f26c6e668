import { OptionError } from '@disruptorx/contracts'

const MOST_VALUES = 16
const MOST_VALUE_BYTES = 256
const NAME = /^[a-z0-9-]{1,32}$/

/** The small values of one log. */
export class LogValues {
  readonly #values: Map<string, Uint8Array>

  constructor(values: ReadonlyMap<string, Uint8Array> = new Map()) {
    this.#values = new Map(values)
  }

  /** A copy of a value. @throws {OptionError} no value can have that name */
  get(name: string): Uint8Array | undefined {
    checkName(name)
    return this.#values.get(name)?.slice()
  }

  /** @throws {OptionError} */
  check(name: string, value: Uint8Array): void {
    checkName(name)
    if (!(value instanceof Uint8Array) || value.length > MOST_VALUE_BYTES)
      throw new OptionError('value', value?.length, `at most ${MOST_VALUE_BYTES} bytes`)
    if (value.length > 0 && !this.#values.has(name) && this.#values.size === MOST_VALUES)
      throw new OptionError('name', name, `one of the ${MOST_VALUES} that the log has already`)
  }

  /** Sets a checked value; an empty one removes it. */
  set(name: string, value: Uint8Array): void {
    if (value.length === 0) this.#values.delete(name)
    else this.#values.set(name, value.slice())
  }
}

function checkName(name: string): void {
  if (typeof name !== 'string' || !NAME.test(name)) throw new OptionError('name', name, '1 to 32 characters of a to z, 0 to 9 and -')
}
