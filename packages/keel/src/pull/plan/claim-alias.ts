import type { PlannedAssociation } from './model-plan';
import { upperFirst, type Inflection } from './names';

/** What a model has names for already. */
export interface NameSpace {
  readonly isReserved: (name: string) => boolean;
  /** Attributes, associations, and the methods that associations make. */
  readonly taken: Set<string>;
}

/** A name that an association may get: that of the other model, or one of its own. */
export type AliasCandidate =
  { readonly model: string } | { readonly as: string; readonly plural?: string };

type Alias = Pick<PlannedAssociation, 'as' | 'property' | 'singular' | 'plural'>;

/**
 * Gives an association the first name that is free: neither it nor one of its methods (`getPosts`, `addPost`) may be
 * an attribute, another association or a part of every model. Sequelize does not look at its methods' names:
 * an association `attributes` would replace `setAttributes`.
 */
export function claimAlias(
  { taken, isReserved }: NameSpace,
  candidates: readonly AliasCandidate[],
  isMany: boolean,
  inflection: Inflection,
): Alias {
  const isFree = (alias: Alias): boolean =>
    [alias.property, ...methodsOf(alias, isMany)].every(
      (name) => !taken.has(name) && !isReserved(name),
    );
  const aliases = candidates.map((candidate) => aliasOf(candidate, isMany, inflection));
  const last = candidates.at(-1) ?? { as: 'other' };
  let found = aliases.find(isFree);
  for (let number = 2; found === undefined; number += 1) {
    const name = `${'as' in last ? last.as : last.model}${number}`;
    const alias = aliasOf({ as: name }, isMany, inflection);
    if (isFree(alias)) found = alias;
  }
  for (const name of [found.property, ...methodsOf(found, isMany)]) taken.add(name);
  return found;
}

function aliasOf(candidate: AliasCandidate, isMany: boolean, inflection: Inflection): Alias {
  const { singularize, pluralize } = inflection;
  if ('model' in candidate) {
    const singular = singularize(candidate.model);
    const plural = pluralize(candidate.model);
    return { as: undefined, property: isMany ? plural : singular, singular, plural };
  }
  const as = isMany ? (candidate.plural ?? candidate.as) : candidate.as;
  if (!isMany) return { as, property: as, singular: upperFirst(as), plural: upperFirst(as) };
  return { as, property: as, singular: upperFirst(singularize(as)), plural: upperFirst(as) };
}

function methodsOf({ singular, plural }: Alias, isMany: boolean): string[] {
  if (!isMany) return ['get', 'set', 'create'].map((verb) => `${verb}${singular}`);
  return [
    ...['get', 'set', 'count', 'has', 'add', 'remove'].map((verb) => `${verb}${plural}`),
    ...['create', 'has', 'add', 'remove'].map((verb) => `${verb}${singular}`),
  ];
}
