import { DisruptorError } from '@disruptorx/contracts'

/** A codec does not do what the contract of codecs says. Code `DX_COMPLIANCE`. */
export class CodecComplianceError extends DisruptorError {
  constructor(what: string, options?: ErrorOptions) {
    super('DX_COMPLIANCE', `the codec ${what}`, { what }, options)
  }
}
