import type { Models } from '../../fixtures/associations/models/types';
import { definePlan, generate } from '../../../src/bulk/plan/define-plan';

test('the compiler knows the models and their attributes', () => {
  const plan = definePlan<Models>({
    seed: 3,
    models: {
      User: { rows: 10, fixed: [{ name: 'Ada' }] },
      Post: {
        references: { userId: { min: 1, max: 3, distribution: 'zipf' } },
        columns: { title: generate.text('title', 40), content: ({ index }) => `post ${index}` },
        unique: [['userId', 'title']],
      },
    },
    junctions: { StudentCourses: { rows: 5 } },
  });
  // @ts-expect-error there is no such model
  definePlan<Models>({ models: { Usr: { rows: 1 } } });
  // @ts-expect-error a post has no such attribute
  definePlan<Models>({ models: { Post: { columns: { titel: generate.uuid() } } } });
  // @ts-expect-error nor such a foreign key
  definePlan<Models>({ models: { Post: { references: { user: { min: 1 } } } } });
  // @ts-expect-error a distribution that does not exist
  definePlan<Models>({ models: { Post: { references: { userId: { distribution: 'normal' } } } } });
  expect(plan.seed).toBe(3);
});
