import { append1K, single } from './append.ts'
import { load } from './load.ts'
import { logs100, sqlite } from './logs.ts'
import { open10G, read, recover } from './opening.ts'
import { append64 } from './producers.ts'
import type { Figure } from './report.ts'
import type { Sizes } from './sizes.ts'

/** Measures in an empty directory of its own. */
export type Measure = (dir: string, sizes: Sizes) => Promise<readonly Figure[]>

/** In the order in which they are measured. */
export const cases: Readonly<Record<string, Measure>> = { append64, append1K, single, load, read, recover, logs100, open10G, sqlite }
