import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { OptionError } from '@disruptorx/contracts'

/** A host and a port, as an address names them. */
export interface HostAddress {
  /** Without brackets. */
  readonly host: string
  readonly port: number
  /** What a URL has behind them: `/` at least. */
  readonly path: string
}

/** Takes an address such as `tcp://127.0.0.1:7000` apart. @throws {OptionError} */
export function parseHostAddress(address: string, scheme: string): HostAddress {
  const match = /^([a-z]+):\/\/(?:\[([0-9a-fA-F:.%]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})(\/[^\s?#]*)?$/.exec(address)
  const host = match?.[2] ?? match?.[3]
  const port = Number(match?.[4])
  if (match?.[1] !== scheme || host === undefined || port > 65_535)
    throw new OptionError('address', address, `${scheme}://host:port, with a port from 0 to 65535 and an IPv6 host in brackets`)
  return { host, port, path: match[5] ?? '/' }
}

/** An address as others dial it. */
export function formatHostAddress(scheme: string, { host, port, path }: HostAddress): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}${path === '/' ? '' : path}`
}

/** Whether an IP address can be reached from this machine only. */
export function isLoopbackIp(ip: string): boolean {
  return /^(::ffff:)?127\.\d+\.\d+\.\d+$/i.test(ip) || ip === '::1'
}

/** Whether a host is this machine, by what it is called. */
export function isLoopbackHost(host: string): boolean {
  return host.toLowerCase() === 'localhost' || isLoopbackIp(host)
}

/** The IP address of a host. What is checked about it holds of what is then listened at. */
export async function resolveHost(host: string): Promise<string> {
  return isIP(host) > 0 ? host : (await lookup(host)).address
}
