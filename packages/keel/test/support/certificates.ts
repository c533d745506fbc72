import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

/** Makes an authority, `ca.crt`, in a folder. */
export function makeAuthority(folder: string, name = 'ca'): void {
  openssl(folder, [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=keel ${name}`],
    ...['-keyout', `${name}.key`, '-out', `${name}.crt`],
  ]);
}

/** Makes a certificate that the authority `ca` has signed: `<name>.crt` and `<name>.key`. */
export function makeCertificate(folder: string, name: string, host?: string): void {
  const request = ['-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`];
  openssl(folder, ['req', '-newkey', 'rsa:2048', '-nodes', ...request]);
  const extensions = path.join(folder, `${name}.ext`);
  writeFileSync(extensions, host === undefined ? '' : `subjectAltName=DNS:${host}\n`);
  openssl(folder, [
    ...['x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.crt', '-CAkey', 'ca.key'],
    ...['-CAcreateserial', '-days', '2', '-extfile', extensions, '-out', `${name}.crt`],
  ]);
}

function openssl(folder: string, args: readonly string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
}
