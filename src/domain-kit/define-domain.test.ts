import { z } from 'zod';
import { type AppError } from '../errors';
import { defineDomain } from './define-domain';
import { type DomainInput } from './types';

const valid: DomainInput = {
  kind: 'LOAN_RENEWAL',
  slug: 'loan-renewal',
  title: 'Loan renewal',
  description: 'Whether a loan is renewed.',
  featureSpec: {
    shape: 'TABLE',
    label: { column: 'renewed' },
    features: [{ type: 'numeric', name: 'amount' }],
  },
  presets: {
    tiny: { architecture: 'conv-recurrent', maxEpochs: 1 },
    default: { architecture: 'conv-recurrent' },
  },
  resolvers: [],
  demoQuery: '{ loanRenewal { probability } }',
  generate: () => ({ csv: () => [], truth: new Map(), demo: {} }),
};

const issuesOf = (input: DomainInput): readonly string[] => {
  try {
    defineDomain(input);
    return [];
  } catch (error) {
    return (error as AppError).issues.map(({ path }) => path);
  }
};

describe('defineDomain', () => {
  it('fills in the defaults of the feature spec and of both presets', () => {
    const domain = defineDomain(valid);
    expect(domain.featureSpec.features[0]).toEqual({
      type: 'numeric',
      name: 'amount',
      transform: 'identity',
      encoding: 'standard',
    });
    expect(domain.presets.tiny).toMatchObject({ maxEpochs: 1, recurrent: { cell: 'LSTM' } });
    expect(domain.presets.default.batchSize).toBeGreaterThan(0);
  });

  it('cannot be changed afterwards', () => {
    expect(Object.isFrozen(defineDomain(valid))).toBe(true);
  });

  it('does not take a policy whose default it would refuse from a tenant', () => {
    const policy = {
      kind: 'LOAN',
      schema: z.strictObject({ cap: z.number().positive() }),
      standard: { cap: -1 },
      preview: () => ({}),
    };
    expect(issuesOf({ ...valid, policy })).toEqual(['policy.kind', 'policy.standard.cap']);
    const right = { ...policy, kind: 'LOAN_RENEWAL', standard: { cap: 1 } };
    expect(issuesOf({ ...valid, policy: right })).toEqual([]);
  });

  it('names everything that is wrong at once', () => {
    const misspelt = {
      architecture: 'conv-recurrent',
      maxEpoch: 3,
    } as unknown as DomainInput['presets']['tiny'];
    const wrong: DomainInput = {
      ...valid,
      kind: 'loanRenewal',
      slug: 'Loan Renewal',
      featureSpec: { ...valid.featureSpec, features: [] },
      presets: { ...valid.presets, tiny: misspelt },
    };
    expect(issuesOf(wrong)).toEqual(['kind', 'slug', 'featureSpec.features', 'presets.tiny']);
  });
});
