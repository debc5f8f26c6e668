import { env } from 'node:process'

/** An environment variable of this process; undefined when it is not set. */
export function environmentVariable(name: string): string | undefined {
  return env[name]
}
