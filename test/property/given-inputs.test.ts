import fc from 'fast-check';
import { type GraphQLSchema, Kind, type OperationDefinitionNode, parse } from 'graphql';
import { scanRequest } from '../../src/app/api/graphql/scan-request';
import { type Variables, variablesReader } from '../../src/app/api/graphql/variables-reader';
import { VariablesScanner } from '../../src/app/api/graphql/variables-scanner';
import { discoverDomains } from '../../src/app/discover-domains';
import { buildGraphqlSchema } from '../../src/graphql/build-schema';
import { ScannedInputs } from '../../src/graphql/given/scanned-inputs';
import { type FeatureSpec } from '../../src/learning/features/feature-spec';
import { rawFromRecords } from '../../src/learning/features/raw-from-records';
import { completeHistory } from '../../src/services/prediction/complete-history';
import { PredictionService } from '../../src/services/prediction/prediction.service';
import { type Question, type Readable } from '../../src/services/prediction/question';
import { readGiven } from '../../src/services/prediction/read-given';
import { ASKED, inputsOf, specs, written } from '../support/given-inputs';

const NOW = new Date('2025-03-22T00:00:00Z');
/** Another seed each time, unless one is given. */
const KEYS = { seed: Number(process.env['GIVEN_INPUTS_SEED'] ?? Date.now() | 0) };
const domains = discoverDomains();

type Captured = Question<Readable>;
const captured: Captured[] = [];
const service = Object.assign(Object.create(PredictionService.prototype) as PredictionService, {
  predictEach: (_ctx: unknown, _kind: string, question: Captured) => {
    captured.push(question);
    return Promise.resolve([]);
  },
});
const context = { requestId: 'request', actor: { id: 'key', role: 'SERVICE', tenantId: 'tenant' } };

let schema: GraphQLSchema;
beforeAll(() => {
  schema = buildGraphqlSchema(domains, { get: (token) => new token() });
});

/** What the resolver asks of the service for these inputs. */
async function questionOf(field: string, inputs: unknown): Promise<Captured> {
  captured.length = 0;
  for (const { resolvers } of domains) {
    const Resolver = resolvers[0] as new (predictions: PredictionService) => Record<string, unknown>;
    const own = new Resolver(service)[field];
    if (typeof own !== 'function') continue;
    await (own as (...args: unknown[]) => Promise<unknown>).call(new Resolver(service), context, inputs);
  }
  const [question] = captured;
  if (!question) throw new Error('nothing was asked');
  return question;
}

/** The request in both ways: scanned, or null; and parsed, or null where that refuses it. */
function inBothWays(body: Buffer, { field, input }: { field: string; input: string }) {
  const document = parse(`query ($inputs: [${input}!]!) { ${field}(inputs: $inputs) { __typename } }`);
  const definition = document.definitions.find(
    (each): each is OperationDefinitionNode => each.kind === Kind.OPERATION_DEFINITION,
  )!;
  const scanner = VariablesScanner.of(schema, document, definition);
  if (!scanner) throw new Error('its variables cannot be scanned');
  const read = variablesReader(schema, definition);
  const scanned = scanRequest(body, () => ({ scanner, read }));
  return { scanned: scanned?.['variables'] as Variables | undefined, parsed: parsedBy(body, read) };
}

function parsedBy(body: Buffer, read: (given: Variables) => Variables | null): Variables | null {
  try {
    const { variables } = JSON.parse(body.toString()) as { variables: Variables };
    return read(variables);
  } catch {
    return null;
  }
}

/** Raw examples and histories of a question, read in both ways; null where it is refused. */
function readBothWays(question: Captured, spec: FeatureSpec, places: readonly number[]) {
  const servable = { spec } as Parameters<typeof readGiven>[0]['servable'];
  const read = readGiven({ kind: 'KIND', servable, now: NOW }, { question, places });
  const fast = read && {
    raw: read.examples.raw(),
    histories: places.map((_place, row) => read.examples.historyOf(row)),
    subjects: places.map((_place, row) => read.examples.subjectIdOf(row)),
    records: places.map((_place, row) => read.examples.exampleOf(row).record),
  };
  return { fast, slow: readSlowly(question, spec, places) };
}

function readSlowly(question: Captured, spec: FeatureSpec, places: readonly number[]) {
  const records = question.read(spec, places).map(({ record }) => record);
  if (records.some((record) => !record?.history)) return null;
  const nothing = (): never => {
    throw new Error('nothing is looked up');
  };
  try {
    const raw = rawFromRecords(
      spec,
      records.map((record) => record ?? { features: {} }),
      NOW,
    );
    const histories = records.map((record) => {
      const lookUp = { spec, now: NOW, latest: nothing, derived: nothing, keyed: nothing, dated: nothing };
      const completed = completeHistory(record ?? { features: {} }, lookUp);
      return completed instanceof Promise ? null : completed.history;
    });
    return { raw, histories, subjects: records.map((record) => record?.subjectId ?? null), records };
  } catch {
    return null;
  }
}

const body = (inputs: string): Buffer => Buffer.from(`{"query":"q","variables":{"inputs":${inputs}}}`);

describe.each(ASKED)('inputs of $field that are read from bytes', (asked) => {
  const { field } = asked;

  it('are what they are when they are parsed, wherever they are not left to that', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(inputsOf(schema, asked, 0), inputsOf(schema, asked, 1), inputsOf(schema, asked, 20)),
        fc.oneof(specs(false), specs(true)),
        fc.integer(),
        async (inputs, spec, seed) => {
          let state = seed;
          const random = (): number => {
            state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
            return (state >>> 8) / 2 ** 24;
          };
          const { scanned, parsed } = inBothWays(body(written(inputs, random)), asked);
          if (!scanned) return;
          expect(parsed).not.toBeNull();
          const given = scanned['inputs'];
          if (!(given instanceof ScannedInputs)) throw new Error('the inputs were not scanned');
          expect(given.value()).toEqual(parsed?.['inputs']);
          const question = await questionOf(field, given);
          const plain = await questionOf(field, parsed?.['inputs']);
          expect(question.subjectIds.map((id) => id ?? null)).toEqual(
            plain.subjectIds.map((id) => id ?? null),
          );
          const places = inputs.map((_input, place) => place).filter((place) => (place + seed) % 5 !== 0);
          const { fast, slow } = readBothWays(question, spec, places);
          expect(question.read(spec, places).map(({ record }) => record)).toEqual(
            plain.read(spec, places).map(({ record }) => record),
          );
          if (fast) expect(fast).toEqual(slow);
        },
      ),
      { ...KEYS, numRuns: 150 },
    );
  });

  it('are left to nobody where they are as usual', async () => {
    await fc.assert(
      fc.asyncProperty(inputsOf(schema, asked, 0), specs(false), async (inputs, spec) => {
        const { scanned } = inBothWays(body(JSON.stringify(inputs)), asked);
        expect(scanned).toBeDefined();
        const question = await questionOf(field, scanned?.['inputs']);
        const { fast, slow } = readBothWays(question, spec, [...inputs.keys()]);
        expect(fast).not.toBeNull();
        expect(fast).toEqual(slow);
      }),
      { ...KEYS, numRuns: 60 },
    );
  });

  it('are what they are when they are parsed where a byte is another, one more or missing', async () => {
    await fc.assert(
      fc.asyncProperty(
        inputsOf(schema, asked, 3),
        specs(false),
        fc.nat(),
        fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(...Buffer.from('{}[]",:0-.eE\\ '))),
        async (inputs, spec, at, byte) => {
          const bytes = body(JSON.stringify(inputs));
          const place = at % bytes.length;
          for (const spoilt of [
            Buffer.concat([bytes.subarray(0, place), Buffer.of(byte), bytes.subarray(place + 1)]),
            Buffer.concat([bytes.subarray(0, place), Buffer.of(byte), bytes.subarray(place)]),
            Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + 1)]),
            bytes.subarray(0, place),
            Buffer.concat([bytes, Buffer.of(byte)]),
          ]) {
            const { scanned, parsed } = inBothWays(spoilt, asked);
            if (!scanned) continue;
            const given = scanned['inputs'];
            if (!(given instanceof ScannedInputs)) throw new Error('the inputs were not scanned');
            expect(given.value()).toEqual(parsed?.['inputs']);
            const question = await questionOf(field, given);
            const { fast, slow } = readBothWays(question, spec, [...question.subjectIds.keys()]);
            if (fast) expect(fast).toEqual(slow);
          }
        },
      ),
      { ...KEYS, numRuns: 200 },
    );
  });
});
