import type { TextForm } from './generator';
import {
  ADJECTIVES,
  capitalised,
  CITIES,
  COLOURS,
  COUNTRIES,
  FIRST_NAMES,
  LAST_NAMES,
  NOUNS,
} from './word-lists';

/** Bounds of a text column, in characters. */
export interface TextBounds {
  readonly min: number;
  readonly max: number;
  readonly letters?: 'lower' | 'upper';
}

/** A part of a form: words, fixed text, or a number of some digits. */
export type Part =
  readonly string[] | string | { readonly digits: number; readonly padded?: boolean };

const lower = (words: readonly string[]): string[] => words.map((word) => word.toLowerCase());

/** The forms that are made of parts. */
export const TEXT_FORMS: Readonly<Partial<Record<TextForm, readonly Part[]>>> = {
  firstName: [FIRST_NAMES],
  lastName: [LAST_NAMES],
  fullName: [FIRST_NAMES, ' ', LAST_NAMES],
  userName: [lower(FIRST_NAMES), '_', NOUNS],
  email: [lower(FIRST_NAMES), '.', lower(LAST_NAMES), { digits: 3 }, '@example.com'],
  url: ['https://example.com/', ADJECTIVES, '-', NOUNS],
  domain: [ADJECTIVES, '-', NOUNS, '.example.com'],
  phone: ['+1555', { digits: 7, padded: true }],
  street: [{ digits: 2 }, ' ', capitalised(NOUNS), ' Street'],
  city: [CITIES],
  country: [COUNTRIES],
  postcode: [{ digits: 5, padded: true }],
  company: [LAST_NAMES, ' & ', LAST_NAMES],
  colour: [COLOURS],
  word: [NOUNS],
  slug: [ADJECTIVES, '-', NOUNS],
  title: [capitalised(ADJECTIVES), ' ', NOUNS, ' and ', ADJECTIVES, ' ', NOUNS],
  ip: ['10.', { digits: 2 }, '.', { digits: 2 }, '.', { digits: 2 }],
  json: ['{"', NOUNS, '": "', ADJECTIVES, '", "value', '": ', { digits: 3 }, '}'],
};

/** Where a unique form puts the number that makes it unique, before this ending. */
export const ENDINGS: Readonly<Partial<Record<TextForm, string>>> = {
  email: '@example.com',
  domain: '.example.com',
  json: '}',
};

/** What stands between the words and that number. */
export const JOINTS: Readonly<Partial<Record<TextForm, string>>> = {
  slug: '-',
  url: '-',
  domain: '-',
  userName: '_',
  email: '',
  phone: '',
  postcode: '',
  json: '',
};

/** The forms that are made of single characters. */
export const ALPHABETS: Readonly<Partial<Record<TextForm, string>>> = {
  code: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789',
  digits: '0123456789',
  letters: 'abcdefghijklmnopqrstuvwxyz',
  hex: '0123456789abcdef',
};

/** How many characters a form of single characters has. */
export function codeLength(form: TextForm, bounds: TextBounds): number {
  return Math.max(1, Math.min(bounds.max, Math.max(bounds.min, form === 'hex' ? 32 : 10)));
}
