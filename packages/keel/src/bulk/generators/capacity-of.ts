import { textCapacity } from './unique-text';
import type { Generator } from './generator';
import { integerCapacity, patternCapacity } from './values-of';

/** How many different values a generator can make for a unique column; Infinity where out of any table's reach. */
export function capacityOf(generator: Generator): number {
  switch (generator.kind) {
    case 'integer':
      return integerCapacity(generator.min, generator.max, generator.unit ?? 1);
    case 'decimal':
      return integerCapacity(generator.min, generator.max, 1);
    case 'float':
      return 2 ** 40;
    case 'text':
      return textCapacity(generator.form, generator);
    case 'choice':
      return new Set(generator.values).size;
    case 'constant':
      return 1;
    case 'bytes':
      return 256 ** Math.min(6, generator.max);
    case 'pattern':
      return patternCapacity(generator.parts);
    case 'range':
      return capacityOf(generator.element);
    case 'array':
      return 0;
    case 'after':
      return 0;
    case 'serial':
    case 'uuid':
    case 'custom':
      return Infinity;
  }
}
