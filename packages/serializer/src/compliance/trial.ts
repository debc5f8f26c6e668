import type { Codec } from '@disruptorx/contracts'
import { CodecComplianceError } from './compliance-error.ts'
import { isSame } from './equal.ts'
import type { CodecComplianceOptions } from './options.ts'

/** More than any value of a suite takes. */
const MOST_BYTES = 2 ** 16
/** What lies around a value, so that a stray write or read shows. */
const MARGIN = 32

/** A codec on trial: the steps that the cases are made of. */
export class Trial<T> {
  readonly codec: Codec<T>
  readonly values: readonly T[]
  readonly refused: readonly unknown[]
  readonly #isEqual: (a: T, b: T) => boolean

  constructor(options: CodecComplianceOptions<T>) {
    this.codec = options.make()
    this.values = options.values
    this.refused = options.refused ?? []
    this.#isEqual = options.isEqual ?? isSame
  }

  /** The bytes of a value. */
  bytesOf(value: T): Uint8Array {
    const target = new Uint8Array(MOST_BYTES)
    return target.slice(0, this.codec.encode(value, target, 0))
  }

  /** Decodes bytes that lie between others. */
  decodeBetween(bytes: Uint8Array, filler: number): T {
    const source = new Uint8Array(bytes.length + 2 * MARGIN).fill(filler)
    source.set(bytes, MARGIN)
    return this.codec.decode(source, MARGIN, bytes.length)
  }

  /** Decodes bytes, and gives the value or the fact that they were refused. */
  attempt(bytes: Uint8Array, filler: number): { readonly value: T } | undefined {
    try {
      return { value: this.decodeBetween(bytes, filler) }
    } catch (error) {
      this.check(error instanceof Error, `throws ${String(error)}, which is no error`)
      return undefined
    }
  }

  /** What a call throws, which it has to. */
  refusal(what: string, run: () => unknown): unknown {
    try {
      run()
    } catch (error) {
      return error
    }
    throw new CodecComplianceError(what)
  }

  isEqual(a: T, b: T): boolean {
    return this.#isEqual(a, b)
  }

  /** @throws {CodecComplianceError} unless it holds */
  check(holds: boolean, what: string): void {
    if (!holds) throw new CodecComplianceError(what)
  }
}

/** Whether bytes are the same. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}
