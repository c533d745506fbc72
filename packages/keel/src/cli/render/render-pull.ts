import path from 'node:path';
import pc from '../terminal/colours';
import type { PullResult } from '../../pull/pull-models';

/** Which models were written, what they leave to the migrations, and what is to be done by hand. */
export function renderPull(result: PullResult, root: string): string[] {
  const { written, left, index, others, steps } = result;
  const relative = (file: string): string => path.relative(root, file);
  return [
    ...written.flatMap(({ table, model, file, unsaid }) => [
      `${pc.blueBright(relative(file))}: the model ${model} of ${table}`,
      ...unsaid.map((sentence) => pc.dim(`  not in the model: ${sentence}`)),
    ]),
    ...left.map(({ table, reason }) => `${table} was left: ${reason}.`),
    ...(index === undefined ? [] : [`${pc.blueBright(relative(index))}: the index of the models`]),
    ...(others.length === 0 ? [] : ['No model stands for:', ...others.map((line) => `  ${line}`)]),
    written.length === 0
      ? 'Every table has a model: nothing was written.'
      : `${written.length} ${written.length === 1 ? 'model was' : 'models were'} written.`,
    ...steps,
  ];
}
