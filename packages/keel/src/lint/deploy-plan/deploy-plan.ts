import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { KeelError, messageOf, NOTHING_CHANGED } from '../../errors';

const text = v.string('must be a text');
const texts = v.array(text, 'must be a list of texts');

const schema = v.object({
  keelPlan: v.literal(1, 'is of another version of keel'),
  database: text,
  /** What PostgreSQL calls the server, where the role may ask. */
  server: v.nullable(text),
  direction: v.literal('up', "must be 'up'"),
  request: v.object({
    to: v.optional(text),
    from: v.optional(text),
    names: v.optional(texts),
    step: v.optional(v.number('must be a number')),
  }),
  /** What was applied when the plan was made. */
  applied: v.object({ count: v.number('must be a number'), last: v.nullable(text), sha256: text }),
  files: v.array(
    v.object({ name: text, sha256: text, locks: texts, statements: texts }),
    'must be a list',
  ),
});

/**
 * What `db:migrate` is going to do: written to be read by people, kept in a repository, and carried out as it is. It
 * has no time and no measurement in it, so that the same plan is the same text.
 */
export type DeployPlan = Readonly<v.InferOutput<typeof schema>>;

/**
 * Reads a plan that `db:plan` has written.
 *
 * @throws KeelError `PLAN_UNREADABLE`
 */
export async function readDeployPlan(file: string): Promise<DeployPlan> {
  let parsed: v.SafeParseResult<typeof schema>;
  try {
    parsed = v.safeParse(schema, JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    throw unreadable(file, [messageOf(error)]);
  }
  if (parsed.success) return parsed.output;
  throw unreadable(
    file,
    parsed.issues.map((issue) => `${v.getDotPath(issue) ?? 'It'} ${issue.message}`),
  );
}

function unreadable(file: string, details: readonly string[]): KeelError {
  return new KeelError(`${file} is not a plan that can be read.`, {
    code: 'PLAN_UNREADABLE',
    details,
    state: NOTHING_CHANGED,
    hint: `Write it anew: keel db:plan --out ${file}`,
  });
}
