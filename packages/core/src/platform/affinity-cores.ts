import { OptionError } from '@disruptorx/contracts'

/** More than any kernel is built for. */
const MOST_CORES = 8192

/** Reads what the kernel writes as a list of numbers: `0-3,8,10-11`. Empty for an empty list. */
export function parseCoreList(text: string): number[] {
  const trimmed = text.trim()
  if (trimmed === '') return []
  return trimmed.split(',').flatMap(part => {
    const [first = 0, last = first] = part.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, i) => first + i)
  })
}

/** Writes numbers in order as the kernel does. */
export function formatCoreList(cores: readonly number[]): string {
  const parts: string[] = []
  for (let i = 0; i < cores.length; ) {
    const first = cores[i] as number
    let last = first
    while (cores[++i] === last + 1) last++
    parts.push(first === last ? `${first}` : `${first}-${last}`)
  }
  return parts.join(',')
}

/** Checks the form of what a caller wants to be pinned to: in order, each once. @throws {OptionError} */
export function checkCores(cores: number | readonly number[]): number[] {
  const wanted = typeof cores === 'number' ? [cores] : [...cores]
  if (wanted.length === 0) throw new OptionError('cores', 'empty', 'at least one core')
  for (const core of wanted)
    if (!Number.isInteger(core) || core < 0 || core >= MOST_CORES)
      throw new OptionError('cores', core, `whole numbers from 0 to ${MOST_CORES - 1}`)
  return [...new Set(wanted)].sort((a, b) => a - b)
}

/** A set of cores as the kernel takes it: a bit for each, in words of 64. */
export function coreMask(cores: readonly number[]): Uint8Array {
  const mask = new Uint8Array(8 * (1 + Math.floor(Math.max(0, ...cores) / 64)))
  for (const core of cores) mask[core >> 3] = (mask[core >> 3] as number) | (1 << (core & 7))
  return mask
}
