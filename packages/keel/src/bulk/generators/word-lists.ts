import { drawBelow, keyOf } from './random-draws';

const list = (text: string): readonly string[] => text.trim().split(/\s+/);

/*
 * Part of the generator version: a word added, removed or moved changes the rows that a plan makes.
 * Every list holds 64 words.
 */
export const FIRST_NAMES = list(`
  Ada Alan Alice Amara Amir Anna Anton Aya Ben Bianca Carla Carlos Chen Clara Daniel David
  Diego Elena Elias Emma Erik Eva Fatima Felix Fiona Grace Hana Hugo Ines Ivan Jana Jonas
  Julia Kai Karim Lara Leo Lina Luca Lucia Maja Marco Maria Mateo Maya Mila Nadia Nina
  Noah Nora Olga Oscar Paula Pedro Priya Rosa Samir Sara Sofia Tariq Theo Vera Yuki Zoe`);

export const LAST_NAMES = list(`
  Abbott Adler Ahmed Almeida Andersen Baker Bauer Becker Bennett Bianchi Brandt Brooks Carter Castro Chavez Cohen
  Costa Cruz Dalton Diaz Dubois Duran Ellis Evans Farrell Ferrari Fischer Foster Garcia Gomez Grant Hansen
  Haas Hughes Ibrahim Jansen Jensen Keller Khan Kim Klein Lang Larsen Lehmann Lopez Marino Mendes Meyer
  Moreau Mori Nakamura Novak Olsen Ortega Patel Pereira Petrov Reyes Rossi Sato Silva Tanaka Weber Zhang`);

export const ADJECTIVES = list(`
  amber ancient bold brave bright broad calm careful clear clever cold cosy curious deep distant eager
  early fair famous fine fresh friendly gentle golden grand green happy hidden honest humble icy kind
  large late light little lively long lucky mild modern narrow new noble old open patient plain
  polite proud quick quiet rapid rare rich round sharp silent simple small steady strong sunny warm`);

export const NOUNS = list(`
  answer apple bridge candle castle city cloud coast corner country door dream engine field fire forest
  friend garden gate guide harbour hill horse house idea island journey kitchen lake lamp letter library
  market meadow morning mountain museum night ocean orchard painter path piano plan question river road room
  school season shadow shore signal song station story street summer teacher tower train valley village window`);

const VERBS = list(`
  answers asks avoids awaits bends borrows brings builds calls carries catches changes chooses crosses describes draws
  enjoys enters explains feeds fills finds follows gathers greets guards guides heats helps hides holds imagines
  improves invites joins keeps knows leads leaves lights likes mends misses moves needs notices offers opens
  paints passes prepares protects reaches reads remembers repairs returns saves shares shows studies teaches visits watches`);

const TAILS = [
  'after lunch',
  'after the rain',
  'again',
  'all day',
  'along the coast',
  'at dawn',
  'at last',
  'at night',
  'before dinner',
  'before the storm',
  'behind the hill',
  'beside the sea',
  'by hand',
  'by the fire',
  'by the window',
  'every day',
  'every morning',
  'every summer',
  'first',
  'for a while',
  'for the first time',
  'from afar',
  'from the start',
  'in autumn',
  'in secret',
  'in silence',
  'in spring',
  'in the evening',
  'in the end',
  'in the rain',
  'in time',
  'in winter',
  'just in time',
  'later',
  'more than once',
  'near the river',
  'now and then',
  'on Mondays',
  'on foot',
  'on purpose',
  'on the way home',
  'on time',
  'once a week',
  'one more time',
  'over the years',
  'quite often',
  'slowly',
  'sometimes',
  'soon after',
  'step by step',
  'this week',
  'today',
  'together',
  'twice a year',
  'under the trees',
  'until morning',
  'until the end',
  'very carefully',
  'with a smile',
  'with care',
  'with ease',
  'with friends',
  'without a word',
  'year after year',
];

export const CITIES = list(`
  Aarhus Accra Athens Austin Baku Bergen Berlin Bern Bilbao Bogota Boston Bremen Cairo Cusco Dakar Delhi
  Denver Dublin Florence Geneva Ghent Graz Hanoi Havana Helsinki Kyoto Lagos Leeds Lima Lisbon London Lyon
  Madrid Malmo Manila Milan Montreal Munich Nairobi Naples Nice Osaka Oslo Oxford Paris Porto Prague Quito
  Riga Rome Salzburg Santiago Seoul Seville Sofia Split Sydney Tallinn Tokyo Toronto Turin Utrecht Vienna Zurich`);

export const COUNTRIES = list(`
  Argentina Australia Austria Belgium Bolivia Brazil Bulgaria Canada Chile China Colombia Croatia Cuba Denmark Ecuador Egypt
  Estonia Ethiopia Finland France Germany Ghana Greece Hungary Iceland India Indonesia Ireland Israel Italy Jamaica Japan
  Jordan Kenya Latvia Lebanon Lithuania Malta Mexico Morocco Nepal Netherlands Nigeria Norway Pakistan Panama Peru Philippines
  Poland Portugal Romania Rwanda Senegal Serbia Slovakia Slovenia Spain Sweden Switzerland Thailand Tunisia Uganda Uruguay Vietnam`);

export const COLOURS = list(`
  amber aqua azure beige black blue bronze brown copper coral cream crimson cyan gold green grey
  indigo ivory khaki lavender lemon lilac lime magenta maroon mint navy ochre olive orange peach pink
  plum purple red rose ruby rust sand sapphire scarlet silver slate tan teal turquoise violet white`);

export const capitalised = (words: readonly string[]): string[] =>
  words.map((word) => word.charAt(0).toUpperCase() + word.slice(1));

/** So many sentences there are; running text strings them together. A power of two. */
const SENTENCE_COUNT = 4096;

const key = keyOf('sentences');

/** Whole sentences, each with a space behind it: one copy of fifty bytes costs less than ten of five. */
export const SENTENCES: readonly string[] = Array.from({ length: SENTENCE_COUNT }, (_, number) => {
  const word = (words: readonly string[], salt: number): string =>
    words[drawBelow(key, number, words.length, salt)]!;
  const subject = `The ${word(ADJECTIVES, 1)} ${word(NOUNS, 2)}`;
  return `${subject} ${word(VERBS, 3)} the ${word(ADJECTIVES, 4)} ${word(NOUNS, 5)} ${word(TAILS, 6)}. `;
});
