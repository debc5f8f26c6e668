import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Mac } from '../handshake/proof.ts'

/** HMAC-SHA-256 by Node's own crypto, at once. */
export function platformMac(secret: Uint8Array): Mac {
  const codeOf = (message: Uint8Array) => createHmac('sha256', secret).update(message).digest()
  return {
    sign: (message, done) => done(new Uint8Array(codeOf(message))),
    verify(message, code, done) {
      const right = codeOf(message)
      done(code.length === right.length && timingSafeEqual(right, code))
    },
  }
}
