/** A piece of JavaScript, to be laid out as prettier lays it out. */
export type Code = string | CodeObject | CodeArray | CodeCall;

/** A loop over what a call answers, with one call for each. */
export interface CodeLoop {
  readonly kind: 'loop';
  /** The variable that the answer is kept in. */
  readonly name: string;
  readonly of: CodeCall;
  /** The pattern that each is taken by. */
  readonly each: string;
  readonly body: CodeCall;
}

export interface CodeObject {
  readonly kind: 'object';
  readonly entries: readonly (readonly [key: string, value: Code])[];
  /** On several lines even where one would do, as a person writes the columns of a table. */
  readonly expanded?: boolean;
}

export interface CodeArray {
  readonly kind: 'array';
  readonly items: readonly Code[];
}

export interface CodeCall {
  readonly kind: 'call';
  readonly callee: string;
  readonly args: readonly Code[];
}

export function object(
  entries: readonly (readonly [string, Code | undefined])[],
  expanded = false,
): CodeObject {
  const present = entries.filter(
    (entry): entry is readonly [string, Code] => entry[1] !== undefined,
  );
  return { kind: 'object', entries: present, ...(expanded ? { expanded } : {}) };
}

export function array(items: readonly Code[]): CodeArray {
  return { kind: 'array', items };
}

export function call(callee: string, ...args: readonly (Code | undefined)[]): CodeCall {
  return { kind: 'call', callee, args: args.filter((arg): arg is Code => arg !== undefined) };
}

/** A string literal with the quotes that need fewer escapes, single ones where it does not matter. */
export function text(value: string): string {
  if (value.includes('\n')) return template(value);
  const singles = value.split("'").length - 1;
  const doubles = value.split('"').length - 1;
  if (singles > 0 && doubles > 0) return template(value);
  const quote = singles > doubles ? '"' : "'";
  return `${quote}${escapeControls(value.replaceAll('\\', '\\\\')).replaceAll(quote, `\\${quote}`)}${quote}`;
}

function template(value: string): string {
  return `\`${value.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('${', '\\${').replaceAll('\r', '\\r')}\``;
}

/** Characters that a literal cannot hold, as escapes. */
function escapeControls(value: string): string {
  return value.replace(
    /[\p{Cc}\u2028\u2029]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

export function texts(values: readonly string[]): CodeArray {
  return array(values.map(text));
}

/**
 * Lays `code` out.
 *
 * @param column how many columns of the first line are taken already
 * @param indent the indentation of the line that it stands in, in spaces
 * @param tail how many characters follow it on its last line
 */
export function layOut(
  code: Code,
  width: number,
  indent: number,
  column: number,
  tail = 0,
): string {
  const flat = flatten(code);
  if (flat !== undefined && column + flat.length + tail <= width) return flat;
  if (typeof code === 'string') return code;
  if (code.kind === 'object') return layOutObject(code, width, indent);
  if (code.kind === 'array')
    return code.items.length === 0 ? '[]' : layOutList('[', code.items, ']', width, indent);
  return layOutCall(code, width, indent, column);
}

/** The code on one line; undefined where something in it needs several. */
function flatten(code: Code): string | undefined {
  if (typeof code === 'string') return code.includes('\n') ? undefined : code;
  if (code.kind === 'object') {
    if (code.entries.length === 0) return '{}';
    if (code.expanded === true) return undefined;
    const entries = code.entries.map(([key, value]) => join(`${property(key)}: `, flatten(value)));
    return entries.includes(undefined) ? undefined : `{ ${entries.join(', ')} }`;
  }
  const parts = (code.kind === 'array' ? code.items : code.args).map(flatten);
  if (parts.includes(undefined)) return undefined;
  return code.kind === 'array' ? `[${parts.join(', ')}]` : `${code.callee}(${parts.join(', ')})`;
}

function join(start: string, rest: string | undefined): string | undefined {
  return rest === undefined ? undefined : start + rest;
}

function layOutObject(code: CodeObject, width: number, indent: number): string {
  if (code.entries.length === 0) return '{}';
  const inner = indent + 2;
  const lines = code.entries.map(([key, value]) => {
    const start = `${' '.repeat(inner)}${property(key)}: `;
    if (needsOwnLine(value, start.length, width)) {
      return `${start.trimEnd()}\n${' '.repeat(inner + 2)}${layOut(value, width, inner + 2, inner + 2)},`;
    }
    return `${start}${layOut(value, width, inner, start.length, 1)},`;
  });
  return `{\n${lines.join('\n')}\n${' '.repeat(indent)}}`;
}

/** A string that is too long for its line moves below its key. */
function needsOwnLine(value: Code, column: number, width: number): boolean {
  return typeof value === 'string' && /^['"]/.test(value) && column + value.length + 1 > width;
}

function layOutList(
  open: string,
  items: readonly Code[],
  close: string,
  width: number,
  indent: number,
): string {
  const inner = indent + 2;
  const lines = items.map((item) => `${' '.repeat(inner)}${layOut(item, width, inner, inner, 1)},`);
  return `${open}\n${lines.join('\n')}\n${' '.repeat(indent)}${close}`;
}

function layOutCall(code: CodeCall, width: number, indent: number, column: number): string {
  const hugged = hugLast(code, width, indent, column);
  return hugged ?? layOutList(`${code.callee}(`, code.args, ')', width, indent);
}

/** `f('users', {` … `})`: only the last argument on several lines, where what comes before fits. */
function hugLast(
  code: CodeCall,
  width: number,
  indent: number,
  column: number,
): string | undefined {
  const last = code.args.at(-1);
  const before = code.args.slice(0, -1);
  if (last === undefined || typeof last === 'string' || last.kind === 'call') return undefined;
  if ((last.kind === 'object' ? last.entries : last.items).length === 0) return undefined;
  const previous = before.at(-1);
  if (previous !== undefined && typeof previous !== 'string' && previous.kind === last.kind)
    return undefined;
  const parts = before.map(flatten);
  if (parts.includes(undefined)) return undefined;
  const start = `${code.callee}(${parts.map((part) => `${part ?? ''}, `).join('')}`;
  if (column + start.length + 1 > width) return undefined;
  const body =
    last.kind === 'object'
      ? layOutObject(last, width, indent)
      : layOutList('[', last.items, ']', width, indent);
  return `${start}${body})`;
}

/** An object on one line. */
export function flatObject(entries: readonly (readonly [string, string])[]): string {
  return `{ ${entries.map(([key, value]) => `${property(key)}: ${value}`).join(', ')} }`;
}

function property(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name)
    ? name
    : text(name).replace(/^`([\s\S]*)`$/, (_, inner: string) => JSON.stringify(inner));
}
