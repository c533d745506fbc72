import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { KeelError, messageOf, NOTHING_CHANGED } from '../errors';
import type { Route } from './connection';

/** What `pg` and Sequelize are told about TLS. */
type Ssl = Route['ssl'];

const MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'];

/** Modes that check the certificate of the server; `sslrootcert=system` takes no weaker one. */
const STRICT_MODES = ['verify-ca', 'verify-full'];

/**
 * What to try in turn, by libpq's `sslmode`, `sslrootcert`, `sslcert`, `sslkey` and `sslpassword`, and by the `ssl` of
 * other drivers. `require` encrypts and checks the certificate only where `sslrootcert` says against what.
 *
 * @returns undefined where the parameters say nothing of TLS
 * @throws KeelError `INVALID_URL`
 * @see https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION
 */
export function tlsVariants(
  parameters: Readonly<Record<string, string | undefined>>,
): readonly Ssl[] | undefined {
  const { ssl, sslrootcert } = parameters;
  const mode = parameters.sslmode || (sslrootcert === 'system' ? 'verify-full' : undefined);
  if (mode === undefined) {
    if (!ssl) return undefined;
    return [/^(true|1)$/i.test(ssl) ? readFiles(parameters) : false];
  }
  if (!MODES.includes(mode)) {
    throw invalid(
      `sslmode=${mode} does not exist.`,
      `Use one of ${MODES.slice(0, -1).join(', ')} and no-verify.`,
    );
  }
  if (sslrootcert === 'system' && mode !== 'verify-full') {
    throw invalid(
      `sslrootcert=system does not go with sslmode=${mode}: anybody can get a certificate from a public authority.`,
      'Use sslmode=verify-full.',
    );
  }
  if (mode === 'disable') return [false];
  const encrypted = encryption(mode, readFiles(parameters));
  if (mode === 'allow') return [false, encrypted];
  return mode === 'prefer' ? [encrypted, false] : [encrypted];
}

function encryption(mode: string, files: Readonly<Record<string, unknown>>): object {
  if (mode === 'verify-full') return { rejectUnauthorized: true, ...files };
  const checked = mode === 'verify-ca' || (mode === 'require' && 'ca' in files);
  // Whose certificate it is, only verify-full asks.
  return { rejectUnauthorized: checked, ...files, checkServerIdentity: () => undefined };
}

function readFiles(
  parameters: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, unknown>> {
  const { sslmode = '', sslrootcert, sslcert, sslkey, sslpassword } = parameters;
  const ca = sslrootcert || (STRICT_MODES.includes(sslmode) ? usualRootCertificate() : undefined);
  return Object.fromEntries(
    [
      // Node's own list of authorities holds where none is given.
      ['ca', ca && ca !== 'system' ? readPem('sslrootcert', ca) : undefined],
      ['cert', sslcert ? readPem('sslcert', sslcert) : undefined],
      ['key', sslkey ? readPem('sslkey', sslkey) : undefined],
      ['passphrase', sslpassword || undefined],
    ].filter(([, value]) => value !== undefined),
  ) as Record<string, unknown>;
}

/** Where libpq looks when it has to check a certificate and is not told against what. */
function usualRootCertificate(): string | undefined {
  const file = path.join(homedir(), '.postgresql', 'root.crt');
  return existsSync(file) ? file : undefined;
}

function readPem(parameter: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw invalid(
      `The file of ${parameter} cannot be read: ${messageOf(error)}.`,
      `Correct ${parameter}; a path is relative to the folder in which keel runs.`,
      error,
    );
  }
}

function invalid(message: string, hint: string, cause?: unknown): KeelError {
  return new KeelError(message, { code: 'INVALID_URL', state: NOTHING_CHANGED, hint, cause });
}
