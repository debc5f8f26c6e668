import { createMessage, formatLine, LONGEST_LINE, OrderFlow } from '@disruptorx/exchange'

const CHUNK_BYTES = 65_536

/** The first `lines` messages of a seed's flow as the text of an order file, in chunks of up to 64 KiB, each valid until the next one. */
export function* orderLines(seed: number, lines: number): Generator<Uint8Array, void, undefined> {
  const flow = new OrderFlow({ seed })
  const message = createMessage()
  const chunk = new Uint8Array(CHUNK_BYTES)
  let used = 0
  for (let line = 0; line < lines; line++) {
    if (used + LONGEST_LINE > CHUNK_BYTES) {
      yield chunk.subarray(0, used)
      used = 0
    }
    flow.next(message)
    used = formatLine(message, chunk, used)
  }
  if (used > 0) yield chunk.subarray(0, used)
}
