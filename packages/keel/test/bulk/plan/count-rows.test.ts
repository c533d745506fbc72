import { DataTypes, type Sequelize } from 'sequelize';
import type { BulkEvent } from '../../../src/bulk/bulk-events';
import type { PlanFile } from '../../../src/bulk/plan/define-plan';
import { withModels } from '../../support/bulk';

function define(sequelize: Sequelize): void {
  const id = { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true };
  const options = { timestamps: false };
  const Team = sequelize.define('Team', { id, name: DataTypes.STRING }, options);
  const Member = sequelize.define('Member', { id, name: DataTypes.STRING }, options);
  const Badge = sequelize.define('Badge', { id, name: DataTypes.STRING }, options);
  Team.hasMany(Member, { foreignKey: { name: 'teamId', allowNull: false } });
  Member.belongsToMany(Badge, { through: 'MemberBadges', ...options });
  Badge.belongsToMany(Member, { through: 'MemberBadges', ...options });
}

const FILE: PlanFile = {
  models: {
    Team: { rows: 1000, fixed: [{ name: 'first' }, { name: 'second' }] },
    Member: { rows: 100_000, references: { teamId: { min: 20, max: 400 } } },
    Badge: { rows: 50 },
  },
  junctions: { MemberBadges: { rows: 400_000, references: { MemberId: { min: 3, max: 5 } } } },
};

test.each([1, 7, 1000, 30_000])(
  'the plan in proportion to %i rows makes some of each model',
  (scale) =>
    withModels(define, async ({ run, value }) => {
      await run({}, { file: FILE, scale });
      // Two fixed rows, and three badges for each member to have.
      expect(await value('SELECT count(*) >= 2 FROM "Teams"')).toBe(true);
      expect(await value('SELECT count(*) >= 3 FROM "Badges"')).toBe(true);
      expect(
        await value(
          'SELECT min(n)::int >= 20 FROM (SELECT count(*) AS n FROM "Members" GROUP BY "teamId") AS each',
        ),
      ).toBe(true);
      expect(
        await value(
          'SELECT min(n)::int >= 3 FROM (SELECT count(*) AS n FROM "MemberBadges" GROUP BY "MemberId") AS each',
        ),
      ).toBe(true);
    }),
);

test('a model that gets no rows is named, with the reason', () =>
  withModels(define, async ({ run, client }) => {
    await client.query(`INSERT INTO "Teams" (name) VALUES ('there')`);
    const notices: string[] = [];
    const onEvent = (event: BulkEvent): void => {
      if (event.event === 'notice') notices.push(event.message);
    };
    await run({ Badge: 10 }, { onEvent });
    expect(notices).toEqual([
      'Member gets no rows: the rows of public.Teams were there before. Ask for some with --rows Member=N.',
      'MemberBadges gets no rows: none come of the numbers of its parents. Ask for some with --rows MemberBadges=N.',
    ]);
  }));

test('a model is not said to have rows where it was asked for none', () =>
  withModels(define, async ({ run }) => {
    const notices: string[] = [];
    const onEvent = (event: BulkEvent): void => {
      if (event.event === 'notice') notices.push(event.message);
    };
    await run({ Team: 0, Badge: 10 }, { onEvent });
    expect(notices).toContain(
      'Member gets no rows: there are no rows of public.Teams. Ask for some with --rows Member=N.',
    );
  }));
