import type { Operation } from '../diff/operation';
import { layOut, type CodeLoop } from './code';
import type { CodegenContext } from './codegen-context';
import { bodyIndent, migrationModule } from './migration-module';
import type { Statement } from './write-statements';

/** What a migration file is made of. */
export interface MigrationSource {
  readonly up: readonly Statement[];
  readonly down: readonly Statement[];
  /** Lines to stand above an operation, such as a warning of lost data. */
  readonly remarks: ReadonlyMap<Operation, readonly string[]>;
  /** What `down` says where there is nothing to undo. */
  readonly emptyDown?: string;
  /** Whether the runner is told to use no transaction. */
  readonly withoutTransaction: boolean;
  /** Rules of `db:lint` that it breaks on purpose, each with the reason. */
  readonly safe?: Readonly<Record<string, string>>;
}

export interface Layout {
  /** Columns; prettier's own default is 80. */
  readonly printWidth: number;
}

/** The text of a migration file, laid out as prettier (with `singleQuote`) lays it out. */
export function writeMigrationFile(
  context: CodegenContext,
  source: MigrationSource,
  layout: Layout,
): string {
  const indent = bodyIndent(context);
  return migrationModule(context, {
    type: 'Migration',
    up: bodyOf(source.up, source, layout, indent),
    down: bodyOf(source.down, source, layout, indent),
    withoutTransaction: source.withoutTransaction,
    safe: source.safe,
    allArguments: false,
  });
}

function bodyOf(
  statements: readonly Statement[],
  source: MigrationSource,
  layout: Layout,
  indent: number,
): string {
  const margin = ' '.repeat(indent);
  if (statements.length === 0) return `${margin}// ${source.emptyDown ?? 'Nothing to do.'}\n`;
  return statements
    .map(({ operations, code }) => {
      const remarks = operations
        .flatMap((operation) => source.remarks.get(operation) ?? [])
        .map((line) => `${margin}// ${line}\n`)
        .join('');
      const start = `${margin}await `;
      const calls = code.map((one) => {
        if (typeof one !== 'string' && one.kind === 'loop') return loopOf(one, layout, indent);
        return `${start}${layOut(one, layout.printWidth, indent, start.length, 1)};\n`;
      });
      return remarks + calls.join('');
    })
    .join('');
}

function loopOf(
  { name, of, each, body }: CodeLoop,
  { printWidth }: Layout,
  indent: number,
): string {
  const margin = ' '.repeat(indent);
  const head = `${margin}const ${name} = await `;
  const inner = `${margin}  await `;
  return (
    `${head}${layOut(of, printWidth, indent, head.length, 1)};\n` +
    `${margin}for (const ${each} of ${name}) {\n` +
    `${inner}${layOut(body, printWidth, indent + 2, inner.length, 1)};\n${margin}}\n`
  );
}
