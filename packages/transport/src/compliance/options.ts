import type { Transport } from '@disruptorx/contracts'
import type { TransportOptions } from '../options.ts'

/** A place where a few transports can meet: each case gets one of its own. */
export interface TransportPlace {
  /** Makes a transport. What the options do not say, such as carriers, is the place's affair. */
  make(options: Omit<TransportOptions, 'carriers'>): Transport
  /** An address at which a node can listen, at any time again. Only nodes `b` and `c` listen where {@link onlyDials} says so. */
  address(node: string): string
  /** Resolves after this time, in milliseconds. */
  sleep(ms: number): Promise<void>
  /** Whether node `a` can dial and not listen, as in a browser: the cases that need it are left out. @default false */
  readonly onlyDials?: boolean
  /** Runs the body of a case: a simulation lets its time pass meanwhile. @default just runs it */
  run?(body: () => Promise<void>): Promise<void>
  /** Frees what the place holds. Its transports are closed by then. */
  remove?(): void | Promise<void>
}

/** What the suite checks. */
export interface TransportComplianceOptions {
  /** Makes a new place. */
  readonly make: () => TransportPlace | Promise<TransportPlace>
}

/** One thing that a transport has to do. */
export interface TransportComplianceCase {
  /** A sentence on what the transport does. */
  readonly name: string
  /** Rejects with a {@link TransportComplianceError} where it does not, and with what it throws. */
  run(): Promise<void>
}
