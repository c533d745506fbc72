/** What PostgreSQL said, within what was thrown: Sequelize and the runner wrap it. */
export function sqlErrorOf(
  error: unknown,
): { readonly code: string; readonly message: string } | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { original } = cause as { original?: unknown };
    for (const candidate of [original, cause]) {
      const { code, message } = (candidate ?? {}) as { code?: unknown; message?: unknown };
      if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code))
        return { code, message: typeof message === 'string' ? message : '' };
    }
  }
  return undefined;
}
