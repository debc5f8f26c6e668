import { DisruptorError } from '@disruptorx/contracts'

/** The file that workers run is not where it is looked for: a bundler moved the code of this package away from it. */
export class WorkerFileError extends DisruptorError {
  constructor(url: URL, cause: unknown) {
    super(
      'DX_WORKER_FILE',
      `the file that workers run is not at ${url}; a bundler has to make an entry of @disruptorx/core's dist/handler-worker.js, and workerUrl to say where that is`,
      { url: url.href },
      { cause },
    )
  }
}

/** Whether a worker ended because its own file is missing; what handlers import is told by the worker itself. */
export function isMissing(error: unknown, workerUrl: URL): boolean {
  const { code, message } = Object(error) as { code?: unknown; message?: unknown }
  if (code !== 'MODULE_NOT_FOUND' && code !== 'ERR_MODULE_NOT_FOUND') return false
  return String(message).includes(workerUrl.pathname.slice(workerUrl.pathname.lastIndexOf('/') + 1))
}
