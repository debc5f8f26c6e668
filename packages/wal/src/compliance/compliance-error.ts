import { DisruptorError } from '@disruptorx/contracts'

/** A store does not do what the contract of logs says. */
export class LogComplianceError extends DisruptorError {
  constructor(what: string) {
    super('DX_COMPLIANCE', `the store ${what}`, { what })
  }
}
