import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { DataDirError } from '../cli/errors.ts'
import { writeFileAtomically } from './atomic-file.ts'

/** The file in a data directory that says what the directory is for. */
export const DESCRIPTION_FILE = 'source.json'
/** The version of what these commands keep in a data directory. The journal and the snapshots have versions of their own. */
const FORMAT = 1

/**
 * What a data directory is for: a live node with the seed of its generator, or the replay of a source.
 * `emptying` marks one whose content is being thrown away to begin anew.
 */
export type Description =
  | { readonly kind: 'live'; readonly seed: number }
  | { readonly kind: 'replay'; readonly source: string; readonly emptying?: boolean | undefined }

const versioned = z.looseObject({ format: z.int().min(1) })
const known = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('live'), seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER) }),
  z.object({ kind: z.literal('replay'), source: z.string(), emptying: z.boolean().optional() }),
])

/**
 * Reads what a data directory is for; undefined where nothing says so.
 *
 * @throws {DataDirError} its format is newer than this version knows, or the description is damaged
 */
export async function readDescription(directory: string): Promise<Description | undefined> {
  const path = join(directory, DESCRIPTION_FILE)
  let content: string
  try {
    content = await readFile(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw error
  }
  const version = versioned.safeParse(json(content))
  if (!version.success) throw damaged(path)
  const { format } = version.data
  if (format > FORMAT)
    throw new DataDirError(
      `data directory ${directory} has format ${format}; this version of disruptorx reads formats up to ${FORMAT}: use a newer version, or another --data-dir`,
      { directory, format, newest: FORMAT },
    )
  const result = known.safeParse(version.data)
  if (!result.success) throw damaged(path)
  return result.data
}

/** Says what a data directory is for, durably. */
export function writeDescription(directory: string, description: Description): Promise<void> {
  return writeFileAtomically(join(directory, DESCRIPTION_FILE), `${JSON.stringify({ format: FORMAT, ...description })}\n`)
}

function damaged(path: string): DataDirError {
  return new DataDirError(`${path} is damaged; name another directory with --data-dir, or remove this one to begin anew`, { path })
}

function json(content: string): unknown {
  try {
    return JSON.parse(content)
  } catch {
    return undefined
  }
}
