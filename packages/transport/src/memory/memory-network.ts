import { type Carrier, OptionError, type PipeAcceptor, type PipeListener, type Scheduler } from '@disruptorx/contracts'
import { platformScheduler } from '#platform'
import { ListenError, UnreachableError } from '../errors.ts'
import { MemoryPipe } from './memory-pipe.ts'

/** How a network in memory is made. */
export interface MemoryNetworkOptions {
  /** Brings bytes from one end to the other: each time when the turn is over. @default that of the event loop */
  readonly scheduler?: Scheduler
}

const ADDRESS = /^memory:\/\/([A-Za-z0-9._-]{1,64})$/

/**
 * A network within one process: for tests, and for nodes that live together. Addresses are `memory://` and a name.
 *
 * Bytes are not copied on their way: a write is over when the other end has taken it.
 */
export class MemoryNetwork {
  readonly #scheduler: Scheduler
  readonly #acceptors = new Map<string, PipeAcceptor>()

  constructor(options: MemoryNetworkOptions = {}) {
    this.#scheduler = options.scheduler ?? platformScheduler
  }

  /** The way into this network: for any number of transports. */
  carrier(): Carrier {
    return {
      scheme: 'memory',
      listen: async (address, _terms, acceptor) => this.#listen(address, acceptor),
      dial: (address, _terms, opened, failed) => {
        const name = nameOf(address)
        return this.#scheduler.schedule(0, () => {
          const acceptor = this.#acceptors.get(name)
          if (acceptor?.admits('memory') !== true)
            return failed(new UnreachableError(address, acceptor === undefined ? 'nobody listens there' : 'it was turned away'))
          const [near, far] = MemoryPipe.pair(this.#scheduler)
          opened(near)
          acceptor.accept(far)
        })
      },
    }
  }

  #listen(address: string, acceptor: PipeAcceptor): PipeListener {
    const name = nameOf(address)
    if (this.#acceptors.has(name)) throw new ListenError(address, 'somebody listens there already')
    this.#acceptors.set(name, acceptor)
    const close = async () => {
      if (this.#acceptors.get(name) === acceptor) this.#acceptors.delete(name)
    }
    return { address, close }
  }
}

function nameOf(address: string): string {
  const name = ADDRESS.exec(address)?.[1]
  if (name === undefined) throw new OptionError('address', address, 'memory:// and a name of letters, digits, dots, dashes and underscores')
  return name
}
