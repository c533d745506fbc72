import { manyToMany } from './many-to-many';
import { oneToMany } from './one-to-many';
import { oneToOne } from './one-to-one';
import { runExamples } from './scratch-database';

void runExamples(oneToOne, oneToMany, manyToMany);
