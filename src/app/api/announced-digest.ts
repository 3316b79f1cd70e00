import { type IncomingHttpHeaders } from 'node:http';
import { AppError } from '../../errors';

const HEX = /^[0-9a-f]{64}$/i;
/** 32 bytes in base64, bare (RFC 3230) or between colons (RFC 9530). */
const BASE64 = /(?:^|[\s,])sha-256=:?([A-Za-z0-9+/]{43}=):?(?:$|[\s,])/i;

/**
 * The SHA-256 that a sender announced, in lower-case hex: `x-content-sha256` in hex, or `content-digest` or `digest` with
 * `sha-256=` in base64. Null when there is none.
 *
 * @throws AppError BAD_USER_INPUT for one that is malformed
 */
export function announcedDigest(headers: IncomingHttpHeaders): string | null {
  const hex = headers['x-content-sha256'];
  if (typeof hex === 'string') {
    if (HEX.test(hex)) return hex.toLowerCase();
    throw malformed('x-content-sha256', '64 hexadecimal digits');
  }
  for (const name of ['content-digest', 'digest']) {
    const value = headers[name];
    // Other algorithms are the sender's own business.
    if (typeof value !== 'string' || !/sha-256=/i.test(value)) continue;
    const base64 = BASE64.exec(value)?.[1];
    if (base64 === undefined) throw malformed(name, 'sha-256= and 32 bytes in base64');
    return Buffer.from(base64, 'base64').toString('hex');
  }
  return null;
}

function malformed(header: string, form: string): AppError {
  return new AppError('BAD_USER_INPUT', `The header "${header}" must hold the file's SHA-256: ${form}.`, [
    { path: header, message: `must be ${form}` },
  ]);
}
