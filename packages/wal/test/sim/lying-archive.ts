import type { Archive } from '@disruptorx/contracts'
import type { SeededRandom } from '@disruptorx/testkit'
import { readObject } from '../../src/archive/objects.ts'

/** What an archive may do wrong without a word. */
const lies = ['nothing', 'a part', 'another bit', 'a hole'] as const

/** An archive that says of some objects that they are stored, and has stored something else, or nothing; and shows some wrong once. */
export class LyingArchive implements Archive {
  readonly #archive: Archive
  readonly #random: SeededRandom
  readonly #likelihood: () => number
  readonly #lied: (how: string) => void

  constructor(archive: Archive, random: SeededRandom, likelihood: () => number, lied: (how: string) => void) {
    this.#archive = archive
    this.#random = random
    this.#likelihood = likelihood
    this.#lied = lied
  }

  async put(name: string, content: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<void> {
    if (!this.#random.chance(this.#likelihood())) return await this.#archive.put(name, content, signal)
    const how = this.#random.pick(lies)
    const bytes = (await readObject(content, Number.MAX_SAFE_INTEGER)) ?? new Uint8Array(0)
    this.#lied(how)
    if (how === 'nothing') return
    const at = this.#random.below(bytes.length)
    if (how === 'another bit') bytes[at] = (bytes[at] as number) ^ (1 << this.#random.below(8))
    if (how === 'a hole') bytes.fill(0, at, at + 4096)
    await this.#archive.put(name, onePiece(how === 'a part' ? bytes.subarray(0, at) : bytes), signal)
  }

  async *get(name: string, signal?: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of this.#archive.get(name, signal)) {
      if (this.#random.chance(this.#likelihood() / 4)) {
        this.#lied('misread')
        const at = this.#random.below(chunk.length)
        chunk[at] = (chunk[at] as number) ^ (1 << this.#random.below(8))
      }
      yield chunk
    }
  }

  list(prefix: string, signal?: AbortSignal): Promise<readonly string[]> {
    return this.#archive.list(prefix, signal)
  }

  remove(name: string, signal?: AbortSignal): Promise<void> {
    return this.#archive.remove(name, signal)
  }
}

async function* onePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes
}
