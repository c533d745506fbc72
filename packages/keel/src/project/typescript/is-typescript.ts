/** Whether a file is TypeScript that can be run. */
export function isTypeScript(file: string): boolean {
  return /(?<!\.d)\.[cm]?ts$/.test(file);
}
