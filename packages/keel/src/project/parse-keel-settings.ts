import * as v from 'valibot';
import { KeelError, NOTHING_CHANGED } from '../errors';
import { readDuration } from './read-duration';

const levels = ['off', 'warn', 'error'] as const;

const number = v.optional(
  v.pipe(v.number('must be a number'), v.minValue(0, 'must not be negative')),
);

const texts = v.optional(
  v.array(
    v.pipe(v.string('must be a text'), v.nonEmpty('must not be empty')),
    'must be a list of texts',
  ),
  [],
);

const yesOrNo = v.boolean('must be true or false');

const TIME = "must be a length of time, such as '30s', '2m', or a number of seconds";

const time = v.optional(
  v.pipe(
    v.union([v.string(), v.number()], TIME),
    v.transform((value) => readDuration(`${value}`)),
    v.number(TIME),
  ),
);

const COUNT = 'must be a whole number from 0';

const entries = {
  strict: v.optional(yesOrNo, false),
  ignore: texts,
  programs: texts,
  wait: time,
  dryRun: v.optional(yesOrNo),
  fake: v.optional(yesOrNo),
  allowMissing: v.optional(yesOrNo),
  lockTimeout: time,
  lockWait: time,
  statementTimeout: time,
  retries: v.optional(v.pipe(v.number(COUNT), v.integer(COUNT), v.minValue(0, COUNT))),
  lint: v.optional(
    v.pipe(
      v.union(
        [
          v.picklist(levels),
          v.strictObject({
            level: v.optional(v.picklist(levels), 'warn'),
            rows: number,
            milliseconds: number,
            stats: v.optional(v.string()),
            ignore: texts,
          }),
        ],
        `must be ${levels.map((level) => `"${level}"`).join(', ')} or an object of level, rows, milliseconds, stats, ignore`,
      ),
      v.transform((given) => ({
        ...(typeof given === 'object' ? given : { level: given, ignore: [] }),
        isSet: true,
      })),
    ),
  ),
};

const settings = v.objectWithRest(
  entries,
  v.never(`is not a setting of keel; there are ${Object.keys(entries).join(', ')}`),
  'must be an object, such as { strict: true }',
);

/**
 * Checks what the config says under `keel`.
 *
 * @param file the config file, for the message
 * @throws KeelError `CONFIG_INVALID` naming every setting that is wrong or unknown, not only the first
 */
export function parseKeelSettings(
  given: unknown,
  file: string | undefined,
): v.InferOutput<typeof settings> {
  const parsed = v.safeParse(settings, given);
  if (parsed.success) return parsed.output;
  throw new KeelError(`${file ?? 'The config'} has settings that keel cannot use.`, {
    code: 'CONFIG_INVALID',
    details: parsed.issues.map(
      (issue) => `${['keel', v.getDotPath(issue)].filter(Boolean).join('.')} ${issue.message}`,
    ),
    state: NOTHING_CHANGED,
    hint: 'Correct them in the environment of the config. docs/compatibility.md says what each one does.',
  });
}
