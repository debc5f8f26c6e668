import { execFileSync } from 'node:child_process'

/** Starts a program that sees a mount of its own, which needs no more rights than the user has, where the system lets users do that. */
export function withMount(mount: string, command: readonly string[]): { readonly command: string; readonly args: readonly string[] } {
  const script = `${mount} && exec "$@"`
  return { command: 'unshare', args: ['--user', '--map-root-user', '--mount', 'sh', '-c', script, 'sh', ...command] }
}

/** Whether the system lets this user mount. */
export function canMount(): boolean {
  try {
    const { command, args } = withMount('mount -t tmpfs -o size=64k tmpfs /tmp', ['true'])
    execFileSync(command, [...args], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
