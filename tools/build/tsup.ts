import type { Options } from 'tsup'

/**
 * The one tsup configuration of every package.
 *
 * `splitting` keeps one copy of each class between the entries of a package; `removeNodeProtocol: false` keeps `node:sqlite` importable.
 * Entries have flat names, so that a worker is found beside the file that starts it.
 */
export function library(entry: Record<string, string>): Options {
  return {
    entry,
    format: ['esm'],
    target: 'node22',
    platform: 'neutral',
    dts: true,
    sourcemap: true,
    clean: true,
    splitting: true,
    removeNodeProtocol: false,
    external: [/^#/, /^node:/],
  }
}
