import type { Archive } from '@disruptorx/contracts'

type Operation = 'put' | 'get' | 'list' | 'remove'

/** An archive in memory, which can be told to fail. What it holds can be looked at, and damaged. */
export class MemoryArchive implements Archive {
  readonly objects = new Map<string, Uint8Array>()
  /** Operations so far, each with its name. */
  readonly log: string[] = []
  /** Called before an operation: what it throws, or rejects with, is the operation's failure. */
  before: (operation: Operation, name: string) => Promise<void> | void = () => {}
  /** Called after an operation: its outcome is done, whatever its caller is told. */
  after: (operation: Operation, name: string) => Promise<void> | void = () => {}

  async put(name: string, content: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<void> {
    await this.#begin('put', name)
    const chunks: Uint8Array[] = []
    for await (const chunk of content) {
      signal?.throwIfAborted()
      chunks.push(chunk.slice())
    }
    this.objects.set(name, new Uint8Array(Buffer.concat(chunks)))
    await this.after('put', name)
  }

  async *get(name: string): AsyncGenerator<Uint8Array, void, undefined> {
    await this.#begin('get', name)
    const content = this.objects.get(name)
    if (content === undefined) throw Object.assign(new Error(`no object ${name}`), { code: 'ENOENT' })
    // In pieces that end anywhere.
    for (let at = 0; at < content.length; at += 5000) yield content.slice(at, at + 5000)
    await this.after('get', name)
  }

  async list(prefix: string): Promise<readonly string[]> {
    await this.#begin('list', prefix)
    return [...this.objects.keys()].filter(name => name.startsWith(prefix)).sort()
  }

  async remove(name: string): Promise<void> {
    await this.#begin('remove', name)
    this.objects.delete(name)
    await this.after('remove', name)
  }

  /** Names of the segments that count as archived. */
  get segments(): number[] {
    return [...this.objects.keys()].flatMap(name => (/^\d+\.json$/.test(name) ? [Number(name.slice(0, -5))] : [])).sort((a, b) => a - b)
  }

  async #begin(operation: Operation, name: string): Promise<void> {
    this.log.push(`${operation} ${name}`)
    await this.before(operation, name)
  }
}
