import { createRequire } from 'node:module'
import { DisruptorError } from '@disruptorx/contracts'
import type * as napi from 'lz4-napi'

type Lz4 = typeof napi

/** The optional package lz4-napi cannot be used. */
export class Lz4MissingError extends DisruptorError {
  constructor(reason: string, cause: unknown) {
    super(
      'DX_LZ4_MISSING',
      `lz4-napi, which compression by lz4 needs, cannot be used: ${reason}; npm install lz4-napi`,
      { reason },
      { cause },
    )
  }
}

let loaded: Lz4 | undefined

/** Loads the optional package lz4-napi, once. @throws {Lz4MissingError} it is not installed, or not for this machine */
export function loadLz4(): Lz4 {
  loaded ??= load()
  return loaded
}

function load(): Lz4 {
  try {
    return createRequire(import.meta.url)('lz4-napi') as Lz4
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: unknown }
    throw new Lz4MissingError(code === 'MODULE_NOT_FOUND' ? 'it is not installed' : (String(message).split('\n')[0] ?? ''), error)
  }
}
