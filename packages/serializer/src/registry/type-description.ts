import type { CodecSchema } from '@disruptorx/contracts'
import { CodecValueError } from '../errors.ts'
import { msgpackCodec } from '../msgpack/msgpack-codec.ts'

/** What a type number stands for at one end. */
export interface TypeDescription {
  /** 1 to 65,535. */
  readonly type: number
  /** Name of its codec. */
  readonly codec: string
  /** What its bytes mean, where the name alone does not say it. */
  readonly schema?: CodecSchema | undefined
}

const MOST_BYTES = 2 ** 22
const MOST_NAME_LENGTH = 256
const MOST_TEXT_LENGTH = 2 ** 16
/** Beside its texts, an item takes at most this many bytes. */
const ITEM_BYTES = 40
/** UTF-8 of one UTF-16 unit takes at most this many bytes. */
const MOST_UNIT_BYTES = 3

const isCount = (value: unknown, most: number): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= most
const isText = (value: unknown, most: number): value is string => typeof value === 'string' && value.length <= most

function readItem(item: unknown): TypeDescription {
  if (!Array.isArray(item) || (item.length !== 2 && item.length !== 5)) throw new TypeError('an item of 2 or 5 parts was expected')
  const [type, codec, hash, version, text] = item as unknown[]
  if (!isCount(type, 65_535) || type === 0) throw new TypeError('a type is from 1 to 65,535')
  if (!isText(codec, MOST_NAME_LENGTH)) throw new TypeError(`the codec of type ${type} has no name, or a long one`)
  if (item.length === 2) return { type, codec }
  if (!isCount(hash, 2 ** 32 - 1) || !isCount(version, Number.MAX_SAFE_INTEGER) || !isText(text, MOST_TEXT_LENGTH))
    throw new TypeError(`the schema of type ${type} is none`)
  return { type, codec, schema: { hash, version, text } }
}

function readItems(value: unknown): readonly TypeDescription[] {
  if (!Array.isArray(value)) throw new TypeError('a list of types was expected')
  const types = value.map(readItem)
  const twice = types.find(({ type }, i) => i > 0 && type <= (types[i - 1] as TypeDescription).type)
  if (twice !== undefined) throw new TypeError(`type ${twice.type} is not above the one before it`)
  return types
}

const limits = { maxBytes: MOST_BYTES, maxDepth: 2 }
const writer = msgpackCodec(limits)
const reader = msgpackCodec({ ...limits, check: readItems })

/**
 * The types of a registry as bytes, for a handshake: a list in msgpack, at most 4 MiB.
 *
 * @throws {CodecSizeError | CodecValueError} the latter for a name of more than 256 characters, or the text of a schema of more than 65,536
 */
export function encodeTypes(types: readonly TypeDescription[]): Uint8Array {
  const lengthOf = ({ codec, schema }: TypeDescription) => codec.length + (schema?.text.length ?? 0)
  const target = new Uint8Array(types.reduce((sum, item) => sum + ITEM_BYTES + MOST_UNIT_BYTES * lengthOf(item), ITEM_BYTES))
  const items = types.map(({ type, codec, schema }) =>
    schema === undefined ? [type, codec] : [type, codec, schema.hash, schema.version, schema.text],
  )
  try {
    readItems(items)
  } catch (error) {
    throw new CodecValueError('msgpack', 'the list of types', `cannot be sent: ${(error as TypeError).message}`, { cause: error })
  }
  return target.subarray(0, writer.encode(items, target, 0))
}

/** The types that the other end described. The bytes may come from anybody. @throws {CodecDataError | CodecSizeError} */
export function decodeTypes(bytes: Uint8Array): readonly TypeDescription[] {
  return reader.decode(bytes, 0, bytes.length)
}
