import { DisruptorError } from '@disruptorx/contracts'
import type { Mac } from '../handshake/proof.ts'

const algorithm = { name: 'HMAC', hash: 'SHA-256' } as const

/** HMAC-SHA-256 by the Web Cryptography API, which pages have that came over HTTPS or from this machine. */
export function platformMac(secret: Uint8Array): Mac {
  const subtle: typeof crypto.subtle | undefined = globalThis.crypto?.subtle
  if (subtle === undefined)
    throw new DisruptorError('DX_NO_WEB_CRYPTO', 'a secret needs the Web Cryptography API, which this page lacks: load it over HTTPS')
  const key = subtle.importKey('raw', Uint8Array.from(secret), algorithm, false, ['sign', 'verify'])
  // Whoever uses it is told; nobody else waits for it.
  key.catch(() => {})
  return {
    sign: (message, done, failed) =>
      void key
        .then(key => subtle.sign(algorithm, key, Uint8Array.from(message)))
        .then(code => done(new Uint8Array(code)))
        .catch(failed),
    verify: (message, code, done, failed) =>
      void key
        .then(key => subtle.verify(algorithm, key, Uint8Array.from(code), Uint8Array.from(message)))
        .then(done)
        .catch(failed),
  }
}
