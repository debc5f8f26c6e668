import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DisruptorError } from '@disruptorx/contracts'
import { type TemporaryDirectory, temporaryDirectory } from './temporary-directory.ts'

/** A change of source text. */
export interface SourcePatch {
  /** The file that it is in, relative to the package: `src/...`, or a file of the tests. */
  readonly file: string
  /** Text that is there exactly once. */
  readonly find: string
  /** What takes its place. */
  readonly replace: string
}

/** A known mistake, as a change of source text: what a simulation must find. An entry of the default export of a file `test/sim/NAME.bugs.ts`. */
export interface PlantedBug extends SourcePatch {
  /** Says what is wrong, in a few words with hyphens. */
  readonly name: string
  /** Further changes, where more than one check stands in the way of the mistake. Each fits the source as the ones before it left it. @default none */
  readonly also?: readonly SourcePatch[]
  /** Scenarios of the package that can find it, by name. @default all of them */
  readonly scenarios?: readonly string[]
}

/** A planted bug does not fit the source it is for. Code `DX_PLANT`: the source has changed, or the text is not unique. */
export class PlantError extends DisruptorError {
  constructor(bug: string, file: string, why: string) {
    super('DX_PLANT', `the planted bug ${bug} does not fit ${file}: ${why}`, { bug, file, why })
  }
}

/** What of a package a copy has of its own; the rest is not needed to run its sources. */
const copied = ['package.json', 'src', 'test']
/** What a copy shares with the package. */
const shared = ['node_modules', 'dist']

/**
 * Copies a package to a temporary directory with a bug in it. Scenarios of the copy run its sources, as long as they import them by relative path. Dispose of
 * the result.
 *
 * @param packageDir absolute path
 * @throws {PlantError} the text is not there exactly once, or the change changes nothing
 */
export function plantBug(packageDir: string, bug: PlantedBug): TemporaryDirectory {
  const sources = plantedSources(packageDir, bug)
  const dir = temporaryDirectory()
  try {
    mkdirSync(dir.path, { recursive: true })
    for (const name of copied) if (existsSync(join(packageDir, name))) cpSync(join(packageDir, name), dir.join(name), { recursive: true })
    for (const name of shared)
      if (existsSync(join(packageDir, name))) symlinkSync(realpathSync(join(packageDir, name)), dir.join(name), 'junction')
    for (const [file, source] of sources) writeFileSync(dir.join(file), source)
    return dir
  } catch (error) {
    dir.dispose()
    throw error
  }
}

/** The texts of a bug's files with the bug in them, by their paths in the package. @throws {PlantError} */
export function plantedSources(packageDir: string, bug: PlantedBug): ReadonlyMap<string, string> {
  const sources = new Map<string, string>()
  for (const { file, find, replace } of [bug, ...(bug.also ?? [])]) {
    const path = join(packageDir, file)
    if (!existsSync(path)) throw new PlantError(bug.name, file, 'there is no such file')
    const source = sources.get(file) ?? readFileSync(path, 'utf8')
    const places = source.split(find).length - 1
    if (find === '' || places !== 1)
      throw new PlantError(bug.name, file, `its text is there ${find === '' ? 'everywhere' : `${places} times`}`)
    if (find === replace) throw new PlantError(bug.name, file, 'it changes nothing')
    sources.set(
      file,
      source.replace(find, () => replace),
    )
  }
  return sources
}
