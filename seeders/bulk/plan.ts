import type { Models } from '../../models/types';
import { definePlan, generate } from 'sequelize-keel/bulk';

/**
 * What `keel db:seed:bulk` makes: posts over users, a few of whom write most of them; a profile for nearly
 * every user; students in several courses each. `--rows 1000000` makes a million posts, the rest in proportion.
 */
export default definePlan<Models>({
  models: {
    User: { rows: 1000 },
    Profile: { references: { userId: { share: 0.9 } } },
    Post: {
      rows: 100_000,
      references: { userId: { distribution: 'zipf' } },
      columns: {
        content: generate.prose(120, 200),
        createdAt: generate.timestamp('2023-01-01', '2026-01-01'),
      },
    },
    Student: { rows: 500 },
    Course: { rows: 40 },
  },
  junctions: {
    StudentCourses: { references: { studentId: { min: 1, max: 6 } } },
  },
});
