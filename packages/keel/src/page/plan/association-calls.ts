import type { AssociationCall, PageAssociation } from '../document/page-document';

export interface CallOptions {
  readonly method: PageAssociation['method'];
  readonly source: string;
  readonly target: string;
  /** The type of the target's primary key, for the declarations. */
  readonly keyType: string;
  /** Sequelize's names of the methods: `get`, `set`, `add` …, by what they do. */
  readonly accessors: Readonly<Partial<Record<string, string>>>;
}

interface Shown {
  readonly args: (target: string) => string;
  readonly result: (target: string) => string;
}

const SHOWN: Readonly<Record<string, Shown>> = {
  set: { args: (t) => t, result: () => 'void' },
  add: { args: (t) => t, result: () => 'void' },
  addMultiple: { args: (t) => `[${t}]`, result: () => 'void' },
  create: { args: () => '{ … }', result: (t) => t },
  remove: { args: (t) => t, result: () => 'void' },
  removeMultiple: { args: (t) => `[${t}]`, result: () => 'void' },
  hasSingle: { args: (t) => t, result: () => 'boolean' },
  hasAll: { args: (t) => `[${t}]`, result: () => 'boolean' },
  count: { args: () => '', result: () => 'number' },
};

const MIXINS: Readonly<Record<string, readonly [one: string, many: string]>> = {
  get: ['GetAssociation', 'GetAssociations'],
  set: ['SetAssociation', 'SetAssociations'],
  add: ['', 'AddAssociation'],
  addMultiple: ['', 'AddAssociations'],
  create: ['CreateAssociation', 'CreateAssociation'],
  remove: ['', 'RemoveAssociation'],
  removeMultiple: ['', 'RemoveAssociations'],
  hasSingle: ['', 'HasAssociation'],
  hasAll: ['', 'HasAssociations'],
  count: ['', 'CountAssociations'],
};

/** What an instance of the source can do, each with the declaration that tells TypeScript of it. */
export function associationCalls(options: CallOptions): AssociationCall[] {
  const { method, source, target, accessors } = options;
  const many = method === 'hasMany' || method === 'belongsToMany';
  const [owner, other] = [variable(source), variable(target)];
  // A self reference would set a user as the user of itself.
  const argument = owner === other ? `other${upper(other)}` : other;
  return Object.keys(MIXINS).flatMap((does): AssociationCall[] => {
    const name = accessors[does];
    if (name === undefined) return [];
    const list = many && (does === 'get' || does === 'set');
    const { args, result } = SHOWN[does] ?? {
      args: () => '',
      result: (t: string) => (many ? `${t}[]` : `${t} | null`),
    };
    return [
      {
        code: `await ${owner}.${name}(${list && does === 'set' ? `[${argument}]` : args(argument)})`,
        type: `Promise<${result(target)}>`,
        declaration: `${name}: ${mixin(does, many, options)};`,
      },
    ];
  });
}

function mixin(does: string, many: boolean, { method, target, keyType }: CallOptions): string {
  const name = `${upper(method)}${MIXINS[does]?.[many ? 1 : 0] ?? ''}Mixin`;
  if (does === 'count') return name;
  const keyed = ['set', 'add', 'addMultiple', 'remove', 'removeMultiple', 'hasSingle', 'hasAll'];
  const result = does === 'get' && !many ? `${target} | null` : target;
  return `${name}<${result}${keyed.includes(does) ? `, ${keyType}` : ''}>`;
}

function variable(model: string): string {
  return `${model.slice(0, 1).toLowerCase()}${model.slice(1)}`;
}

function upper(name: string): string {
  return `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
}
