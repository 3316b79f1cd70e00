import { buildSchema } from 'graphql';
import { Caller, type Tenant } from './caller';
import { changes, crawl, type Changes } from './crawl';
import { KnownValues } from './known-values';
import { type Answer, Party } from './party';

const schema = buildSchema(`
  type Query { notes: [Note!]! driftReports: [Report!]! retention: Retention! }
  type Note { id: ID! }
  type Report { id: ID! note: ID }
  type Retention { oldestAt: String days: Int }
`);
const [OWN, FOREIGN, NEW] = [1, 2, 3].map((digit) => `${digit}7b5f8f6-3a54-7c1e-9d6f-0c2f9a1d4e5b`);

/** A platform that answers each field from a table that is changed meanwhile. */
class Platform extends Party {
  answers: Record<string, unknown> = {
    notes: [{ __typename: 'Note', id: OWN }],
    driftReports: [],
    retention: { __typename: 'Retention', oldestAt: null, days: null },
  };

  constructor() {
    super('http://localhost', null);
  }

  override ask(query: string): Promise<Answer> {
    const [name = ''] = /notes|driftReports|retention/.exec(query) ?? [];
    const data = { [name]: this.answers[name] };
    return Promise.resolve({ status: 200, text: JSON.stringify({ data }), data, errors: [] });
  }
}

function known(marker: string, id: string | undefined): KnownValues {
  const values = new KnownValues(schema, marker, `name-${marker}`, {});
  values.learn({ __typename: 'Note', id });
  return values;
}

async function changesAfter(answers: Readonly<Record<string, unknown>>): Promise<Changes> {
  const party = new Platform();
  const caller = new Caller(schema);
  const owner: Tenant = { party, known: known('owner-1', OWN) };
  const before = await crawl(caller, owner);
  Object.assign(party.answers, answers);
  return changes(caller, owner, { before, stranger: known('stranger-1', FOREIGN) });
}

const report = (note: string | undefined): object => ({ __typename: 'Report', id: NEW, note });

it('is told of a change that stays', async () => {
  const { differences } = await changesAfter({ notes: [] });
  expect(differences.map(({ request }) => request)).toEqual(['notes {}']);
});

it('takes no trace of the stranger from what a worker has written meanwhile, and says that nothing is shown of it', async () => {
  expect(await changesAfter({ driftReports: [report(undefined)] })).toEqual({
    differences: [],
    restless: ['driftReports {}'],
  });
});

it('is told when what a worker has written holds something of the stranger', async () => {
  const { differences } = await changesAfter({ driftReports: [report(FOREIGN)] });
  expect(differences.map(({ request }) => request)).toEqual(['driftReports {}']);
});

it('looks at what a tenant has set beside a moment that moves by itself', async () => {
  const moved = { __typename: 'Retention', oldestAt: '2026-01-01T00:00:00.000Z', days: null };
  expect(await changesAfter({ retention: moved })).toEqual({ differences: [], restless: [] });
  const { differences } = await changesAfter({ retention: { ...moved, days: 30 } });
  expect(differences.map(({ request }) => request)).toEqual(['retention {}']);
});
