import type { Generator } from '../generators/generator';

const PATTERNS: Readonly<Record<string, readonly (string | readonly [number, number])[]>> = {
  inet: ['10.', [0, 255], '.', [0, 255], '.', [1, 254]],
  cidr: ['10.', [0, 255], '.', [0, 255], '.0/24'],
  macaddr: ['02:00:5e:', [10, 99], ':', [10, 99], ':', [10, 99]],
  macaddr8: ['02:00:5e:ff:fe:', [10, 99], ':', [10, 99], ':', [10, 99]],
  point: ['(', [-179, 179], '.', [0, 999], ',', [-89, 89], '.', [0, 999], ')'],
  lseg: ['[(', [0, 99], ',', [0, 99], '),(', [100, 199], ',', [100, 199], ')]'],
  box: ['(', [100, 199], ',', [100, 199], '),(', [0, 99], ',', [0, 99], ')'],
  line: ['{1,', [1, 99], ',', [0, 99], '}'],
  path: ['[(0,0),(', [1, 99], ',', [1, 99], '),(', [100, 199], ',', [1, 99], ')]'],
  polygon: ['((0,0),(', [1, 99], ',0),(0,', [1, 99], '))'],
  circle: ['<(', [0, 99], ',', [0, 99], '),', [1, 50], '>'],
  hstore: ['"size"=>"', [1, 99], '", "grade"=>"', [1, 9], '"'],
  ltree: ['top.a', [1, 99], '.b', [1, 99]],
  tsvector: ["'alpha':", [1, 9], " 'omega':", [10, 99]],
  xml: ['<item number="', [1, 9999], '"/>'],
};

/** Values of the types that have no generator of their own, as PostgreSQL reads them. */
export function patternOf(name: string): Generator | undefined {
  const parts = PATTERNS[name];
  return parts && { kind: 'pattern', parts };
}
