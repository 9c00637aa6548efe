/** A self-signed certificate for 127.0.0.1 and localhost, encoded by hand, since Node can only read them. */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

export interface Certificate {
  /** PEM. */
  key: string;
  cert: string;
}

/** Tags of the Distinguished Encoding Rules. */
const tags = {
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  oid: 0x06,
  utf8: 0x0c,
  time: 0x18,
  sequence: 0x30,
  set: 0x31,
  dnsName: 0x82,
  address: 0x87,
  version: 0xa0,
  extensions: 0xa3,
};

function der(tag: number, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const length =
    body.length < 128
      ? Buffer.from([body.length])
      : body.length < 256
        ? Buffer.from([0x81, body.length])
        : Buffer.from([0x82, body.length >> 8, body.length & 255]);
  return Buffer.concat([Buffer.from([tag]), length, body]);
}

/** An object identifier of small numbers, `2.5.29.17`, and of one larger than 127. */
function oid(text: string): Buffer {
  const [first, second, ...rest] = text.split('.').map(Number) as [number, number, ...number[]];
  const bytes = rest.flatMap((n) => {
    const digits = [n & 127];
    for (let left = n >> 7; left > 0; left >>= 7) digits.unshift((left & 127) | 128);
    return digits;
  });
  return der(tags.oid, Buffer.from([first * 40 + second, ...bytes]));
}

const time = (date: Date): Buffer =>
  der(tags.time, Buffer.from(`${date.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`));

/** Valid from yesterday for ten days. */
export function makeCertificate(): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = der(tags.sequence, oid('1.2.840.10045.4.3.2'));
  const name = der(
    tags.sequence,
    der(tags.set, der(tags.sequence, oid('2.5.4.3'), der(tags.utf8, Buffer.from('localhost')))),
  );
  const alternatives = der(
    tags.sequence,
    der(tags.dnsName, Buffer.from('localhost')),
    der(tags.address, Buffer.from([127, 0, 0, 1])),
  );
  const day = 86_400_000;
  const serial = Buffer.concat([Buffer.from([1]), randomBytes(8)]);
  const body = der(
    tags.sequence,
    der(tags.version, der(tags.integer, Buffer.from([2]))),
    der(tags.integer, serial),
    algorithm,
    name,
    der(tags.sequence, time(new Date(Date.now() - day)), time(new Date(Date.now() + 10 * day))),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(
      tags.extensions,
      der(tags.sequence, der(tags.sequence, oid('2.5.29.17'), der(tags.octets, alternatives))),
    ),
  );
  const signature = sign('sha256', body, privateKey);
  const whole = der(tags.sequence, body, algorithm, der(tags.bits, Buffer.from([0]), signature));
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${whole.toString('base64').replace(/(.{64})/g, '$1\n')}\n-----END CERTIFICATE-----\n`,
  };
}
