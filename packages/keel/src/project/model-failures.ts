import { isKeelError, KeelError, messageOf, NOTHING_CHANGED } from '../errors';
import { maskSecrets } from '../mask-secrets';

interface Failure {
  readonly where: string;
  readonly hint: string;
  readonly error: unknown;
}

/** What failed while the models were loaded: all of it is told at once. */
export class ModelFailures {
  private readonly failures: Failure[] = [];

  get some(): boolean {
    return this.failures.length > 0;
  }

  /** Notes a failure, and goes on. An error of keel's own is thrown: it is of no model. */
  async attempt<T>(
    { where, hint }: Omit<Failure, 'error'>,
    use: () => T | Promise<T>,
  ): Promise<T | undefined> {
    try {
      return await use();
    } catch (error) {
      if (isKeelError(error)) throw error;
      this.failures.push({ where, hint, error });
      return undefined;
    }
  }

  /** @throws KeelError `MODELS_FAILED`, naming each that failed */
  throwIfAny(): void {
    const [first] = this.failures;
    if (first === undefined) return;
    const lines = linesOf(this.failures);
    throw new KeelError(
      lines.length === 1
        ? `The models could not be loaded: ${lines.join('')}`
        : `The models could not be loaded, for ${lines.length} reasons.`,
      {
        code: 'MODELS_FAILED',
        details: lines.length === 1 ? [] : lines,
        state: NOTHING_CHANGED,
        hint: [...new Set(this.failures.map(hintOf))].join('\n'),
        cause: first.error,
      },
    );
  }
}

/** What failed for one reason, such as a module that all of them load, is one line. */
function linesOf(failures: readonly Failure[]): string[] {
  const places = new Map<string, string[]>();
  for (const { where, error } of failures) {
    const text = maskSecrets(messageOf(error));
    places.set(text, [...(places.get(text) ?? []), where]);
  }
  return [...places].map(([text, where]) => `${where.join(', ')}: ${text}`);
}

/** What Node refuses in an ES module, and Babel and bundlers allow: paths without extension or file, names of CommonJS. */
const STRICTER =
  /Cannot find module '[^']*[\\/][^'\\/.]+' imported from|^Directory import |does not provide an export named/;

function hintOf({ hint, error }: Failure): string {
  return STRICTER.test(messageOf(error))
    ? "Node takes the file for an ES module and is stricter than what compiles it. Where Babel does, begin .sequelizerc with: require('@babel/register')"
    : hint;
}
