/** A boolean expression of a CHECK constraint or of an index's WHERE, as far as it is simple. */
export type Expression =
  | { readonly kind: 'column'; readonly name: string }
  /** A literal, its cast left out; null is NULL. */
  | { readonly kind: 'literal'; readonly text: string | null }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | {
      readonly kind: 'compare';
      readonly op: string;
      readonly left: Expression;
      readonly right: Expression;
      /** `ANY` and `ALL`, before a list on the right. */
      readonly each?: 'any' | 'all';
    }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Expression[] }
  | { readonly kind: 'not'; readonly of: Expression }
  | { readonly kind: 'null'; readonly of: Expression; readonly negated: boolean };

const TOKEN =
  /\s*(?:(?<text>E?'(?:[^']|'')*')|(?<quoted>"(?:[^"]|"")*")|(?<number>\d+(?:\.\d+)?(?:e[+-]?\d+)?)|(?<word>[a-z_][\w$]*)|(?<sign>::|[<>=!~*@#%^&|?+/-]+|[()[\],.]))/iy;

/** Further words of a type's name. */
const TYPE_WORDS = /^(varying|precision|with|without|time|zone)$/i;

/**
 * Reads an expression as `pg_get_expr` writes it.
 *
 * @returns undefined where it holds something that is not read here
 */
export function parseExpression(sql: string): Expression | undefined {
  try {
    return new Parser(tokenize(sql)).whole();
  } catch (error) {
    if (error instanceof NotReadError) return undefined;
    throw error;
  }
}

class NotReadError extends Error {}

interface Token {
  readonly kind: 'text' | 'quoted' | 'number' | 'word' | 'sign';
  readonly value: string;
}

function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  const end = sql.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const groups = TOKEN.exec(sql)?.groups;
    const found = Object.entries(groups ?? {}).find(([, value]) => value !== undefined);
    if (!found) throw new NotReadError();
    tokens.push({ kind: found[0] as Token['kind'], value: found[1] });
  }
  return tokens;
}

class Parser {
  private at = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  whole(): Expression {
    const expression = this.or();
    if (this.at < this.tokens.length) throw new NotReadError();
    return expression;
  }

  private takes(value: string): boolean {
    const token = this.tokens[this.at];
    if (token === undefined || token.kind === 'text' || token.kind === 'quoted') return false;
    if (token.value.toUpperCase() !== value) return false;
    this.at += 1;
    return true;
  }

  private needs(value: string): void {
    if (!this.takes(value)) throw new NotReadError();
  }

  private or(): Expression {
    const parts = [this.and()];
    while (this.takes('OR')) parts.push(this.and());
    return parts.length === 1 ? parts[0]! : { kind: 'or', parts };
  }

  private and(): Expression {
    const parts = [this.not()];
    while (this.takes('AND')) parts.push(this.not());
    return parts.length === 1 ? parts[0]! : { kind: 'and', parts };
  }

  private not(): Expression {
    return this.takes('NOT') ? { kind: 'not', of: this.not() } : this.comparison();
  }

  private comparison(): Expression {
    const left = this.cast();
    if (this.takes('IS')) {
      const negated = this.takes('NOT');
      this.needs('NULL');
      return { kind: 'null', of: left, negated };
    }
    const token = this.tokens[this.at];
    if (token?.kind !== 'sign' || !/^[<>=!~]/.test(token.value)) return left;
    this.at += 1;
    const each = this.takes('ANY') ? 'any' : this.takes('ALL') ? 'all' : undefined;
    const right = this.cast();
    return { kind: 'compare', op: token.value, left, right, each };
  }

  private cast(): Expression {
    const value = this.primary();
    while (this.takes('::')) this.skipType();
    return value;
  }

  private skipType(): void {
    const first = this.tokens[this.at++];
    if (first?.kind !== 'word' && first?.kind !== 'quoted') throw new NotReadError();
    for (;;) {
      const token = this.tokens[this.at];
      if (token?.kind === 'word' && TYPE_WORDS.test(token.value)) this.at += 1;
      else if (token?.value === '.') this.at += 2;
      else if (token?.value === '[' && this.tokens[this.at + 1]?.value === ']') this.at += 2;
      else if (token?.value === '(') {
        while (this.at < this.tokens.length && !this.takes(')')) this.at += 1;
      } else return;
    }
  }

  private primary(): Expression {
    if (this.takes('(')) {
      const inner = this.or();
      this.needs(')');
      return inner;
    }
    if (this.takes('-')) {
      const value = this.primary();
      if (value.kind !== 'literal') throw new NotReadError();
      return { kind: 'literal', text: `-${value.text}` };
    }
    const token = this.tokens[this.at++];
    switch (token?.kind) {
      case 'text':
        // With an E come backslash escapes, which nobody compares a column with.
        if (token.value.startsWith("'"))
          return { kind: 'literal', text: token.value.slice(1, -1).replaceAll("''", "'") };
        break;
      case 'number':
        return { kind: 'literal', text: token.value };
      case 'quoted':
        return { kind: 'column', name: token.value.slice(1, -1).replaceAll('""', '"') };
      case 'word':
        return this.word(token.value);
      case 'sign':
      case undefined:
        break;
    }
    throw new NotReadError();
  }

  private word(word: string): Expression {
    if (word === 'NULL') return { kind: 'literal', text: null };
    if (word === 'true' || word === 'false') return { kind: 'literal', text: word };
    if (word === 'ARRAY') {
      this.needs('[');
      return { kind: 'list', items: this.items(']') };
    }
    if (this.takes('(')) return { kind: 'call', name: word, args: this.items(')') };
    return { kind: 'column', name: word };
  }

  private items(end: string): Expression[] {
    const items: Expression[] = [];
    if (this.takes(end)) return items;
    do items.push(this.or());
    while (this.takes(','));
    this.needs(end);
    return items;
  }
}
