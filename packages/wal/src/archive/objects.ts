import { segmentName } from '../errors.ts'

/** Says which journal an archive is of. */
export const JOURNAL_OBJECT = 'journal.json'

/** Under which name a segment is archived: the whole of its file, byte by byte. */
export function segmentObject(segment: number): string {
  return `${segmentName(segment)}.seg`
}

/** Under which name lies what is known of an archived segment. The segment counts as archived when this is there. */
export function cardObject(segment: number): string {
  return `${segmentName(segment)}.json`
}

/** The numbers of the objects with an ending, ascending. */
export function numbersOf(names: readonly string[], ending: '.seg' | '.json'): number[] {
  return names
    .filter(name => name.endsWith(ending) && /^\d{6,15}$/.test(name.slice(0, -ending.length)))
    .map(name => Number(name.slice(0, -ending.length)))
    .sort((a, b) => a - b)
}

/** All of an object that is small. @throws what the archive throws, or when it is larger than `mostBytes` */
export async function readObject(content: AsyncIterable<Uint8Array>, mostBytes: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of content) {
    length += chunk.length
    if (length > mostBytes) return undefined
    chunks.push(chunk)
  }
  const whole = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

/** An object of one piece. */
export async function* onePiece(content: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield content
}
