/** Bytes of a record: eight words at most, so that some fit where others need padding. */
export function lengthOf(number: number): number {
  return 8 + 4 * (number % 7)
}

/** Writes a record: who wrote it, its number, and words that follow from both. */
export function fill(words: Int32Array, at: number, id: number, number: number): void {
  const first = at >> 2
  words[first] = id
  words[first + 1] = number
  for (let word = 2; word < lengthOf(number) / 4; word++) words[first + word] = Math.imul(number, 31 + id) + word
}

/** Whether a record is what its first two words say. */
export function isWhole(words: Int32Array, at: number, length: number): boolean {
  const first = at >> 2
  const id = words[first] as number
  const number = words[first + 1] as number
  if (length !== lengthOf(number)) return false
  for (let word = 2; word < length / 4; word++) if (words[first + word] !== ((Math.imul(number, 31 + id) + word) | 0)) return false
  return true
}
