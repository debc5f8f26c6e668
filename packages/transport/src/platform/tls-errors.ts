import { CertificateError, type CertificateProblem, UnreachableError } from '../errors.ts'
import { describeSystemError } from './system-errors.ts'

/** What the errors of TLS mean that are about certificates. */
const problems: Readonly<Record<string, readonly [CertificateProblem, string]>> = {
  CERT_HAS_EXPIRED: ['expired', 'its certificate has expired; renew it there'],
  CERT_NOT_YET_VALID: ['not-yet-valid', 'its certificate is not valid yet; check the clocks of both machines'],
  ERR_TLS_CERT_ALTNAME_INVALID: ['name', 'its certificate is for another name'],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['untrusted', 'its certificate is not by an authority that is believed here (ca)'],
  UNABLE_TO_GET_ISSUER_CERT: ['untrusted', 'its certificate is not by an authority that is believed here (ca)'],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['untrusted', 'its certificate is not by an authority that is believed here (ca)'],
  SELF_SIGNED_CERT_IN_CHAIN: ['untrusted', 'its certificate is not by an authority that is believed here (ca)'],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['untrusted', 'its certificate is its own authority, which is not believed here (ca)'],
  CERT_SIGNATURE_FAILURE: ['untrusted', 'its certificate is forged or damaged'],
  CERT_REVOKED: ['untrusted', 'its certificate was revoked'],
  INVALID_PURPOSE: ['untrusted', 'its certificate is not for this purpose'],
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: ['missing', 'it has shown no certificate'],
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: ['refused', 'it wants a certificate of this end, and there is none (cert and key)'],
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: ['refused', 'it does not believe the authority of our certificate'],
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: ['refused', 'it says that our certificate has expired'],
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: ['refused', 'it does not accept our certificate'],
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: ['refused', 'it does not accept our certificate'],
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: ['refused', 'it does not accept this end: perhaps for want of a certificate'],
}

/** An error of TLS as ours. @param where whom it is about, for the message: an address */
export function tlsError(where: string, error: Error): Error {
  const { code } = error as { code?: unknown }
  if (typeof code === 'string' && Object.hasOwn(problems, code)) return certificateError(where, code, error)
  const hint = code === 'ECONNRESET' ? '; if it has just begun, the other end may not accept our certificate: its log says so' : ''
  return new UnreachableError(where, describeSystemError(error) + hint, error)
}

/** What is wrong with a certificate, by the code that OpenSSL has for it. */
export function certificateError(where: string, code: string, cause?: Error): CertificateError {
  const [problem, text] = problems[code] ?? ['untrusted', `its certificate is not accepted (${code})`]
  const detail = problem === 'name' && cause !== undefined ? ` (${cause.message})` : ''
  return new CertificateError(problem, `${where}: ${text}${detail}`, cause)
}
