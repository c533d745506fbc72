import { ignoreObjects } from '../../src/schema/ignore-objects';
import type { Schema } from '../../src/schema/schema';
import { emptyTable } from '../support/tables';

const view = (schema: string, name: string): Schema['others'][number] => ({
  kind: 'view',
  schema,
  name,
  identity: name,
  create: [],
  drop: '',
});

const schema: Schema = {
  serverVersion: 180000,
  namespaces: ['auth', 'own'],
  extensions: [{ name: 'citext', schema: 'auth' }],
  enums: [],
  sequences: [],
  tables: [emptyTable('users'), { ...emptyTable('users'), schema: 'own' }],
  others: [view('public', 'users_view'), view('own', 'users_view'), view('auth', 'v')],
};

function left(...patterns: string[]): string[] {
  const { tables, others } = ignoreObjects(schema, patterns);
  return [...tables, ...others].map((object) => `${object.schema}.${object.name}`);
}

describe('ignoreObjects()', () => {
  it('takes a name without a schema for one of the schema public', () => {
    expect(left('users')).toEqual(['own.users', 'public.users_view', 'own.users_view', 'auth.v']);
    expect(left('*.users')).toEqual(['public.users_view', 'own.users_view', 'auth.v']);
  });

  it('leaves out a schema with all that is in it', () => {
    expect(left('own')).toEqual(['public.users', 'public.users_view', 'auth.v']);
    expect(left('own.*')).toEqual(left('own'));
    expect(ignoreObjects(schema, ['own']).namespaces).toEqual(['auth']);
  });

  it('limits a pattern to a kind', () => {
    expect(left('view:*')).toEqual(['public.users', 'own.users']);
    expect(left('table:users*')).toEqual([
      'own.users',
      'public.users_view',
      'own.users_view',
      'auth.v',
    ]);
  });

  it('takes every character but the star for itself', () => {
    expect(left('user.')).toHaveLength(5);
    expect(left('(users|x)')).toHaveLength(5);
  });

  it('says which patterns matched', () => {
    expect(ignoreObjects(schema, ['none', 'citext']).ignored).toEqual(['citext']);
    expect(ignoreObjects(schema, [])).toBe(schema);
  });
});
