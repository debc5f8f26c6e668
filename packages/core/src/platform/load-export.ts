import { DisruptorError } from '@disruptorx/contracts'

/** A module or its export cannot be loaded on a worker thread. `cause` is what the import threw. */
export class ModuleLoadError extends DisruptorError {
  constructor(url: string, exportName: string, why: string, options?: ErrorOptions) {
    super('DX_MODULE_LOAD', `cannot load '${exportName}' of ${url}: ${why}`, { url, exportName, why }, options)
    // A thread that the error crosses to gets its stack and not its cause: what the module threw must be found there.
    if (options?.cause instanceof Error) this.stack = `${this.stack}\ncaused by: ${options.cause.stack}`
  }
}

/**
 * An export of a module, by the module's URL.
 *
 * @throws {ModuleLoadError} there is no such module, it throws while it is imported, or it has no such export
 */
export async function loadExport(url: string, exportName: string): Promise<unknown> {
  const module = await importModule(url, exportName)
  if (Object.hasOwn(module, exportName)) return module[exportName]
  const names = Object.keys(module)
  const exported = names.length === 0 ? 'it exports nothing' : `it exports ${names.map(name => `'${name}'`).join(', ')}`
  throw new ModuleLoadError(url, exportName, exported)
}

async function importModule(url: string, exportName: string): Promise<Record<string, unknown>> {
  try {
    return (await import(/* @vite-ignore */ /* webpackIgnore: true */ url)) as Record<string, unknown>
  } catch (cause) {
    const { code, url: missing, message } = Object(cause) as { code?: unknown; url?: unknown; message?: unknown }
    // The same code tells that a module which this one imports is missing: then the message says which.
    const why = code === 'ERR_MODULE_NOT_FOUND' && missing === url ? 'there is no such module' : `its import failed: ${message ?? cause}`
    throw new ModuleLoadError(url, exportName, why, { cause })
  }
}
