import { ByteWriter } from '../protocol/byte-writer.ts'

/** Which end of a connection. */
export type Role = 'dialer' | 'acceptor'

/** Makes and checks codes that only who knows the secret can make. The callbacks may come at once or later; the last argument is called instead when it cannot be done. */
export interface Mac {
  sign(message: Uint8Array, done: (code: Uint8Array) => void, failed: (error: unknown) => void): void
  /** Takes as long for a wrong code as for the right one. */
  verify(message: Uint8Array, code: Uint8Array, done: (isRight: boolean) => void, failed: (error: unknown) => void): void
}

/** What both ends of a connection know when they prove themselves. */
export interface Transcript {
  /** The whole hello of the end that dialled, and of the other. */
  readonly dialer: Uint8Array
  readonly acceptor: Uint8Array
  /** What TLS exports for this connection; empty without TLS. */
  readonly binding: Uint8Array
}

const labels = { dialer: 'disruptorx link 1: dialer', acceptor: 'disruptorx link 1: acceptor' } as const

/**
 * What an end makes its code of: its role, both hellos with their identities, limits and nonces, the connection, and its claim.
 *
 * A code is worth nothing at the other end (the role), in another connection (the nonces), between other nodes (the identities), or behind somebody in the
 * middle of a TLS connection (the binding). Every part has its length before it, so no two transcripts give the same bytes.
 */
export function proofInput(role: Role, { dialer, acceptor, binding }: Transcript, claim: Uint8Array): Uint8Array {
  const writer = new ByteWriter().text(labels[role])
  for (const part of [dialer, acceptor, binding, claim]) writer.u32(part.length).bytes(part)
  return writer.finish()
}
