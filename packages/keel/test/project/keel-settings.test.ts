import { keelSettings } from '../../src/project/keel-settings';

function refusalOf(keel: unknown): unknown {
  try {
    return keelSettings({ keel }, 'config/config.js');
  } catch (error) {
    return error;
  }
}

test('every setting has a default', () => {
  const lint = { level: 'warn', isSet: false, ignore: [] };
  const defaults = { strict: false, ignore: [], programs: [], lint };
  expect(keelSettings({}, undefined)).toEqual(defaults);
  expect(keelSettings({ keel: null }, undefined)).toEqual(defaults);
  expect(keelSettings({ keel: {} }, undefined)).toEqual(defaults);
  expect(keelSettings({ keel: { lint: undefined } }, undefined).lint).toEqual(defaults.lint);
  expect(keelSettings({ keel: { strict: true } }, undefined)).toEqual({
    ...defaults,
    strict: true,
  });
});

test('one error names everything that is unknown or of the wrong type', () => {
  const keel = { strict: 'yes', ignore: ['extensions.*', 7, ''], strickt: true, other: 1 };
  expect(refusalOf(keel)).toMatchObject({
    code: 'CONFIG_INVALID',
    message: 'config/config.js has settings that keel cannot use.',
    details: [
      'keel.strict must be true or false',
      'keel.ignore.1 must be a text',
      'keel.ignore.2 must not be empty',
      'keel.strickt is not a setting of keel; there are strict, ignore, programs, wait, dryRun, fake, allowMissing, lockTimeout, lockWait, statementTimeout, retries, lint',
      'keel.other is not a setting of keel; there are strict, ignore, programs, wait, dryRun, fake, allowMissing, lockTimeout, lockWait, statementTimeout, retries, lint',
    ],
  });
});

test.each([['true'], [true], [['strict']]])(
  '%j in the place of the settings is refused',
  (keel) => {
    expect(refusalOf(keel)).toMatchObject({ code: 'CONFIG_INVALID' });
  },
);
