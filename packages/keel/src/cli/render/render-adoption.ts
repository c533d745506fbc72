import type { Adoption } from '../actions/adopt-action';
import { failureLines, renderSchemaCheck } from './render-check';
import { renderBaseline } from './render-generation';
import { renderPull } from './render-pull';

/** What a database that was taken over has become, and what to do next. */
export function renderAdoption({ baseline, pull, check }: Adoption, root: string): string[] {
  return [
    ...(baseline === undefined
      ? ['The project has migrations already: none was written.']
      : renderBaseline(baseline, root)),
    ...renderPull(pull, root),
    ...renderSchemaCheck(check),
    ...failureLines(check),
    ...(check.exitCode === 0
      ? [
          'Commit these files. From now on: change a model, then keel migration:generate --from-models --name <name>',
        ]
      : []),
  ];
}
