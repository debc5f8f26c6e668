/** Collects an output as bytes, and cuts it into lines as they become complete. */
export class LineSplitter {
  readonly #decoder = new TextDecoder()
  readonly #lines: string[] = []
  readonly #texts: string[] = []
  #pending = ''
  #sizeBytes = 0

  /** Bytes taken so far. */
  get sizeBytes(): number {
    return this.#sizeBytes
  }

  /** The complete lines so far, without their line ends. */
  get lines(): readonly string[] {
    return this.#lines
  }

  /** Everything so far, as it came. */
  text(): string {
    return this.#texts.join('')
  }

  /** Takes bytes; returns the lines that are complete now, without their line ends. */
  push(data: Uint8Array): readonly string[] {
    this.#sizeBytes += data.length
    const text = this.#decoder.decode(data, { stream: true })
    this.#texts.push(text)
    const lines = (this.#pending + text).split('\n')
    this.#pending = lines.pop() ?? ''
    const complete = lines.map(line => (line.endsWith('\r') ? line.slice(0, -1) : line))
    for (const line of complete) this.#lines.push(line)
    return complete
  }
}
