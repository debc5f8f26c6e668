/** Most bytes in one WebSocket message of ours. Cuts between messages mean nothing, so a larger write is several of them. */
export const MESSAGE_BYTES = 2 ** 20

/** Hands bytes over in pieces of at most {@link MESSAGE_BYTES}. */
export function inPieces(bytes: Uint8Array, send: (piece: Uint8Array, isLast: boolean) => void): void {
  for (let at = 0; at < bytes.length; at += MESSAGE_BYTES) {
    const isLast = at + MESSAGE_BYTES >= bytes.length
    send(at === 0 && isLast ? bytes : bytes.subarray(at, at + MESSAGE_BYTES), isLast)
  }
}
