import { type Carrier, OptionError } from '@disruptorx/contracts'

/** The carrier of an address. @throws {OptionError} there is none of its scheme */
export function carrierOf(carriers: ReadonlyMap<string, Carrier>, address: string): Carrier {
  const scheme = /^([a-z]+):/.exec(address)?.[1]
  const carrier = scheme === undefined ? undefined : carriers.get(scheme)
  if (carrier !== undefined) return carrier
  throw new OptionError('address', address, `an address that begins with ${[...carriers.keys()].map(known => `${known}:`).join(' or ')}`)
}
