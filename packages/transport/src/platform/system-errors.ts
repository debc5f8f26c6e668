/** What the usual system errors mean, for people. */
const meanings: Readonly<Record<string, string>> = {
  EADDRINUSE: 'somebody listens there already',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'this process may not',
  EPERM: 'this process may not',
  ECONNREFUSED: 'nobody listens there',
  ECONNRESET: 'the connection was reset',
  ENOENT: 'there is nothing of that name',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name service does not answer',
  ETIMEDOUT: 'nobody answers',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
  EPROTO: 'it does not speak TLS',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS',
  ERR_SSL_HTTP_REQUEST: 'it speaks HTTP without TLS',
  EMFILE: 'this process has too many files open',
}

/** Says what a system error means, with its code. */
export function describeSystemError(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown }
  const meaning = typeof code === 'string' ? meanings[code] : undefined
  return meaning === undefined ? String(message ?? error) : `${meaning} (${String(code)})`
}
