import { DisruptorError } from '@disruptorx/contracts'

/** A wait strategy does not do what its contract says. */
export class ComplianceError extends DisruptorError {
  constructor(what: string) {
    super('DX_COMPLIANCE', `the wait strategy ${what}`, { what })
  }
}
