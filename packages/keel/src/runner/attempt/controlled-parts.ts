import {
  mayMixTransactionControl,
  splitStatements,
  transactionControl,
  type TransactionControl,
} from '../../db/sql-text';

/** A statement of a text, and what it does to the transaction. */
interface ControlledPart {
  readonly text: string;
  readonly control: TransactionControl | undefined;
}

/** The statements of a text that begins or ends a transaction; undefined where it can be sent as it is. */
export function controlledParts(text: string): readonly ControlledPart[] | undefined {
  const control = transactionControl(text);
  if (control && !isCompound(text)) return [{ text, control }];
  if (!control && !mayMixTransactionControl(text)) return undefined;
  const parts = splitStatements(text).map((part) => ({
    text: part,
    control: transactionControl(part),
  }));
  return parts.some((part) => part.control !== undefined) ? parts : undefined;
}

function isCompound(text: string): boolean {
  return /;\s*\S/.test(text);
}
