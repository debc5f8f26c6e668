import type { Logger } from '@disruptorx/contracts'

/** Where errors go that nobody else wants: the console, which writes them to stderr. */
export const consoleLogger: Logger = {
  debug: (message, fields) => console.debug(message, fields),
  info: (message, fields) => console.info(message, fields),
  warn: (message, fields) => console.warn(message, fields),
  error: (message, fields) => console.error(message, fields),
}
