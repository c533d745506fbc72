import type { LedgerSettings } from '../../project/project';
import { JsonLedger, NoLedger } from './json-ledger';
import type { Ledger } from './ledger';
import { TableLedger } from './table-ledger';

/** Opens the ledger that the settings describe. */
export function openLedger(settings: LedgerSettings): Ledger {
  switch (settings.storage) {
    case 'sequelize':
      return new TableLedger(settings);
    case 'json':
      return new JsonLedger(settings);
    case 'none':
      return new NoLedger(settings);
  }
}
