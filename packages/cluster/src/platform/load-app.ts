import type { AnyApp } from '../app/define-app.ts'
import { AppError, reasonOf } from '../errors.ts'

/** Loads an application from its module. @throws {AppError} the module cannot be loaded, or its default export is no application */
export async function loadApp(url: string): Promise<AnyApp> {
  let module: { readonly default?: unknown }
  try {
    module = (await import(url)) as { readonly default?: unknown }
  } catch (error) {
    throw new AppError(url, `its module could not be loaded: ${reasonOf(error)}`, { cause: error })
  }
  const app = module.default as Partial<AnyApp> | undefined
  if (typeof app !== 'object' || typeof app.state !== 'function' || typeof app.apply !== 'object')
    throw new AppError(url, 'its module has no application as default export: write `export default defineApp({ ... })`')
  return app as AnyApp
}
