import { DisruptorError } from '@disruptorx/contracts'

/** A transport does not do what the contract says. */
export class TransportComplianceError extends DisruptorError {
  constructor(what: string) {
    super('DX_COMPLIANCE', `the transport ${what}`, { what })
  }
}
