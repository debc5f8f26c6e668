import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto'
import { OptionError } from '@disruptorx/contracts'
import { KeyError } from '../errors.ts'
import { KEY_CHECK_BYTES, TAG_BYTES } from '../format/descriptor.ts'
import type { JournalId } from '../format/journal-id.ts'
import type { BodyCipher, KeySet, Keys, SealedBody } from '../format/keys.ts'
import type { KeyMark, SegmentPlace } from '../format/segment-header.ts'

const ALGORITHM = 'aes-256-gcm'
const KEY_BYTES = 32
const TWO_32 = 2 ** 32

/** AES-256-GCM under a key of this journal's own, so that no nonce serves twice: an epoch never gives one LSN to two different batches. */
class AesCipher implements BodyCipher {
  readonly #key: Uint8Array
  readonly #nonce = Buffer.alloc(12)
  readonly #bound = Buffer.alloc(12)

  constructor(key: Uint8Array) {
    this.#key = key
  }

  seal(body: Uint8Array, sealed: SealedBody): void {
    const cipher = createCipheriv(ALGORITHM, this.#key, this.#nonceOf(sealed)).setAAD(this.#boundTo(sealed))
    body.set(cipher.update(body))
    cipher.final()
    sealed.tag.set(cipher.getAuthTag())
  }

  open(body: Uint8Array, sealed: SealedBody): Uint8Array | undefined {
    const decipher = createDecipheriv(ALGORITHM, this.#key, this.#nonceOf(sealed), { authTagLength: TAG_BYTES })
    decipher.setAAD(this.#boundTo(sealed)).setAuthTag(sealed.tag)
    try {
      const opened = decipher.update(body)
      decipher.final()
      return opened
    } catch {
      return undefined
    }
  }

  #nonceOf({ cipherEpoch, firstLsn }: SealedBody): Buffer {
    this.#nonce.writeUInt32LE(cipherEpoch, 0)
    this.#nonce.writeUInt32LE(firstLsn >>> 0, 4)
    this.#nonce.writeUInt32LE(Math.floor(firstLsn / TWO_32), 8)
    return this.#nonce
  }

  #boundTo({ count, rawLength, flags }: SealedBody): Buffer {
    this.#bound.writeUInt32LE(count, 0)
    this.#bound.writeUInt32LE(rawLength, 4)
    this.#bound.writeUInt32LE(flags, 8)
    return this.#bound
  }
}

/** What one key comes to in one journal. */
interface DerivedKey {
  readonly check: Uint8Array
  readonly cipher: AesCipher
}

/** The keys that a journal was given. */
class AesKeys implements Keys {
  readonly writeId: string
  readonly #keys: Readonly<Record<string, Uint8Array>>
  /** By key and journal: as many as there are keys, since all segments are of one journal. */
  readonly #derived = new Map<string, DerivedKey>()

  constructor(set: KeySet) {
    this.writeId = set.write
    this.#keys = set.keys
  }

  markFor(journalId: JournalId): KeyMark {
    return { id: this.writeId, check: this.#derive(this.writeId, this.#keys[this.writeId] as Uint8Array, journalId).check }
  }

  forSegment({ id: segment, journalId, key: mark }: SegmentPlace): BodyCipher | undefined {
    if (mark === undefined) return undefined
    const key = this.#keys[mark.id]
    if (key === undefined) throw new KeyError(segment, mark.id, 'was not given')
    const { check, cipher } = this.#derive(mark.id, key, journalId)
    if (!mark.check.every((byte, i) => byte === check[i])) throw new KeyError(segment, mark.id, 'is another one than was given')
    return cipher
  }

  #derive(id: string, key: Uint8Array, journalId: JournalId): DerivedKey {
    const name = `${id} ${journalId}`
    let derived = this.#derived.get(name)
    if (derived === undefined) {
      const own = new Uint8Array(hkdfSync('sha256', key, journalId.toString(), 'disruptorx wal batch', KEY_BYTES))
      derived = { check: checkOf(key, journalId), cipher: new AesCipher(own) }
      this.#derived.set(name, derived)
    }
    return derived
  }
}

/** The keys to encrypt and decrypt batches with; without any, encrypted segments are refused. @throws {OptionError} */
export function cipherKeys(set: KeySet | undefined): Keys {
  if (set === undefined) return new AesKeys({ write: '', keys: {} })
  for (const [id, key] of Object.entries(set.keys)) {
    if (!/^[\x21-\x7e]{1,16}$/.test(id)) throw new OptionError('encryption.keys', id, 'names of 1 to 16 printable characters of ASCII')
    if (key.length !== KEY_BYTES) throw new OptionError(`encryption.keys.${id}`, `${key.length} bytes`, `${KEY_BYTES} bytes`)
  }
  if (!Object.hasOwn(set.keys, set.write)) throw new OptionError('encryption.write', set.write, 'the name of one of the keys')
  return new AesKeys(set)
}

function checkOf(key: Uint8Array, journalId: JournalId): Uint8Array {
  return createHmac('sha256', key).update(`disruptorx wal check ${journalId}`).digest().subarray(0, KEY_CHECK_BYTES)
}
