import { isDisruptorError } from '@disruptorx/contracts'
import { sameBytes, type Trial } from './trial.ts'

/** What a case does. */
export interface CaseBody {
  readonly name: string
  check<T>(trial: Trial<T>): void
}

const FILLER = 0xa5
/** How often each value is damaged. */
const DAMAGES = 200

export const writingCases: readonly CaseBody[] = [
  {
    name: 'has a name, and one size where it says so',
    check(trial) {
      const { name, fixedBytes } = trial.codec
      trial.check(typeof name === 'string' && name.length > 0, 'has no name')
      if (fixedBytes === undefined) return
      for (const value of trial.values) {
        const { length } = trial.bytesOf(value)
        trial.check(length === fixedBytes, `writes ${length} bytes, and says that every value takes ${fixedBytes}`)
      }
    },
  },
  {
    name: 'writes a value where it is told to, whatever lies there, and touches no other byte',
    check(trial) {
      for (const value of trial.values) {
        const bytes = trial.bytesOf(value)
        for (const filler of [0, FILLER, 0xff]) {
          const target = new Uint8Array(bytes.length + 20).fill(filler)
          trial.check(trial.codec.encode(value, target, 7) === bytes.length, 'does not always write as many bytes')
          trial.check(sameBytes(target.subarray(7, 7 + bytes.length), bytes), 'does not always write the same bytes')
          const outside = [...target.subarray(0, 7), ...target.subarray(7 + bytes.length)]
          trial.check(
            outside.every(byte => byte === filler),
            'writes outside of what it says that it wrote',
          )
        }
      }
    },
  },
  {
    name: 'fits exactly, and throws DX_CODEC_SPACE where a byte is missing',
    check(trial) {
      for (const value of trial.values) {
        const bytes = trial.bytesOf(value)
        const memory = new Uint8Array(bytes.length + 40).fill(FILLER)
        const exact = memory.subarray(10, 10 + bytes.length)
        trial.check(trial.codec.encode(value, exact, 0) === bytes.length, 'does not use all the room that it has')
        if (bytes.length === 0) continue
        for (const [target, offset] of [
          [exact, 1],
          [exact.subarray(1), 0],
          [exact, bytes.length],
        ] as const) {
          memory.fill(FILLER)
          const error = trial.refusal('writes a value where it has no room', () => trial.codec.encode(value, target, offset))
          trial.check(isDisruptorError(error, 'DX_CODEC_SPACE'), `throws ${String(error)} where there is no room, not DX_CODEC_SPACE`)
          const outside = [...memory.subarray(0, target.byteOffset), ...memory.subarray(target.byteOffset + target.length)]
          trial.check(
            outside.every(byte => byte === FILLER),
            'writes beyond the end of the target',
          )
        }
      }
    },
  },
  {
    name: 'refuses what it cannot write, and writes the next value as ever',
    check(trial) {
      const [good] = trial.values
      for (const value of trial.refused) {
        const target = new Uint8Array(2 ** 16)
        trial.refusal(`writes ${String(value)}`, () => trial.codec.encode(value as never, target, 0))
        if (good !== undefined) trial.check(trial.isEqual(trial.decodeBetween(trial.bytesOf(good), 0), good), 'is broken after a refusal')
      }
    },
  },
]

export const readingCases: readonly CaseBody[] = [
  {
    name: 'reads back what it wrote, from any place and from shared memory',
    check(trial) {
      for (const value of trial.values) {
        const bytes = trial.bytesOf(value)
        for (const filler of [0, FILLER])
          trial.check(trial.isEqual(trial.decodeBetween(bytes, filler), value), 'reads another value than it wrote')
        if (typeof SharedArrayBuffer === 'undefined') continue
        const shared = new Uint8Array(new SharedArrayBuffer(bytes.length + 6))
        const length = trial.codec.encode(value, shared, 3)
        trial.check(trial.isEqual(trial.codec.decode(shared, 3, length), value), 'reads another value from shared memory')
      }
    },
  },
  {
    name: 'gives values that stay when the bytes change',
    check(trial) {
      for (const value of trial.values) {
        const bytes = trial.bytesOf(value)
        const source = bytes.slice()
        const decoded = trial.codec.decode(source, 0, source.length)
        source.fill(0xff)
        trial.check(trial.isEqual(decoded, value), 'gives a value that changes with the bytes it was read from')
      }
    },
  },
  {
    name: 'looks at nothing but the bytes of the value',
    check(trial) {
      for (const value of trial.values) {
        const bytes = trial.bytesOf(value)
        for (let length = 0; length < Math.min(bytes.length, 300); length++) {
          const cut = bytes.subarray(0, length)
          const outcomes = [0, 0xff].map(filler => trial.attempt(cut, filler))
          const [first, second] = outcomes
          const isSame = first === undefined || second === undefined ? first === second : trial.isEqual(first.value, second.value)
          trial.check(isSame, `reads bytes behind the ${length} that it was given`)
        }
        trial.refusal('reads beyond the end of the source', () => trial.codec.decode(bytes, 0, bytes.length + 1))
        trial.refusal('reads before the start of the source', () => trial.codec.decode(bytes, -1, bytes.length))
      }
    },
  },
  {
    name: 'gives a value or throws an error when bytes are damaged, and leaves prototypes alone',
    check(trial) {
      const prototypes = [Object.prototype, Array.prototype, Function.prototype, Uint8Array.prototype]
      const keys = () => prototypes.map(prototype => Reflect.ownKeys(prototype).length).join()
      const before = keys()
      // Numbers that are the same at every run.
      let state = 1
      const below = (most: number) => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
        return Math.floor((state / 2 ** 32) * most)
      }
      for (const value of trial.values) {
        const bytes = trial.bytesOf(value)
        for (let i = 0; i < DAMAGES && bytes.length > 0; i++) {
          const damaged = bytes.slice(0, below(4) === 0 ? below(bytes.length) : bytes.length)
          for (let k = below(4); k >= 0 && damaged.length > 0; k--) damaged[below(damaged.length)] = below(256)
          trial.attempt(damaged, FILLER)
        }
        trial.check(trial.isEqual(trial.decodeBetween(bytes, 0), value), 'is broken after damaged bytes')
      }
      trial.check(keys() === before, 'touches a prototype')
    },
  },
]
