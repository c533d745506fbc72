const secrets = new Map<string, RegExp>();

/**
 * Lets {@link maskSecrets} know a password, wherever in a text it may turn up: a migration can put into its
 * error whatever it has read from the environment.
 *
 * @param shown texts that are no secret, such as the user's name; a password that equals one of them, or has
 *   fewer than four characters, could be masked only by making every message unreadable
 */
export function rememberSecret(
  secret: string | undefined,
  shown: readonly (string | undefined)[],
): void {
  if (secret === undefined || secret.length < 4 || shown.includes(secret)) return;
  for (const form of new Set([secret, encodeURIComponent(secret)])) {
    const literal = form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    secrets.set(form, new RegExp(`(?<![A-Za-z0-9_])${literal}(?![A-Za-z0-9_])`, 'g'));
  }
}

/**
 * The text with every password in it replaced by `***`: those of URLs, of SQL's `PASSWORD '…'`, and those that
 * {@link rememberSecret} was told.
 */
export function maskSecrets(text: string): string {
  let masked = text
    .replace(/\S+/g, maskUrl)
    .replace(
      /(\bpassword(?:\s*=)?\s*)(?:e?'(?:[^']|'')*(?:'|$)|\$(\w*)\$.*?(?:\$\2\$|$))/gis,
      "$1'***'",
    );
  for (const pattern of secrets.values()) masked = masked.replace(pattern, '***');
  return masked;
}

/**
 * A text without spaces, in which a URL may begin: a password goes up to the last `@`. One pattern for all of it would
 * look for its end from every place where it may begin, which takes minutes for what a file prints as one long word.
 */
function maskUrl(word: string): string {
  const login = /[a-z0-9+.-]:\/\/[^:/@]*:/i.exec(word);
  const end = word.lastIndexOf('@');
  if (!login) return word;
  const begin = login.index + login[0].length;
  if (word.slice(begin, end) === '<password>') return word;
  return end < begin ? word : `${word.slice(0, begin)}***${word.slice(end)}`;
}
