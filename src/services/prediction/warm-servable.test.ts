import { featureSpecSchema } from '../../learning/features/feature-spec';
import { type Servable } from './servable';
import { warmServable } from './warm-servable';

const spec = featureSpecSchema.parse({
  shape: 'TABLE',
  label: { column: 'y' },
  features: [{ type: 'numeric', name: 'x' }],
});

function version(number: number, maxError = 0.01): Servable {
  return {
    version: { id: `v${number}`, number, createdAt: new Date(0) },
    artifact: { tenantId: 't', sha256: `artifact ${number}` },
    explainer: {
      key: { tenantId: 't', sha256: `explainer ${number}` },
      certificate: {
        sha256: `explainer ${number}`,
        steps: 16,
        rule: 'MIDPOINT',
        baselineLogit: 0,
        baselineLength: null,
        comparedExamples: 1,
        maxError,
        tolerance: 0.02,
        maxProbabilityDifference: 0,
      },
    },
    spec,
    threshold: 0.5,
  };
}

describe('a version that is made ready', () => {
  const warm = jest.fn().mockResolvedValue(undefined);
  const onExplainerError = jest.fn();
  const warmed = () => warm.mock.calls.map(([key]: { sha256: string }[]) => key?.sha256);

  beforeEach(() => {
    jest.clearAllMocks();
  });

  it('has its reasons ready where it follows another', async () => {
    await warmServable({ warm }, version(2), { previous: version(1), onExplainerError });
    expect(warmed()).toEqual(['artifact 2', 'explainer 2']);
    expect(warm.mock.calls[1]).toEqual([
      expect.objectContaining({ sha256: 'explainer 2' }),
      expect.objectContaining({ offset: expect.anything() as unknown, f_x: expect.anything() as unknown }),
      expect.objectContaining({ sha256: 'explainer 1' }),
    ]);
  });

  it('is not kept waiting for reasons when it is read for a request, or gives none', async () => {
    await warmServable({ warm }, version(2), { previous: null, onExplainerError });
    await warmServable({ warm }, version(3, 0.5), { previous: version(1), onExplainerError });
    await warmServable(
      { warm },
      { ...version(4), explainer: null },
      { previous: version(1), onExplainerError },
    );
    expect(warmed()).toEqual(['artifact 2', 'artifact 3', 'artifact 4']);
  });

  it('serves although its explainer cannot be read', async () => {
    const lost = new Error('lost');
    warm.mockResolvedValueOnce(undefined).mockRejectedValueOnce(lost);
    await warmServable({ warm }, version(2), { previous: version(1), onExplainerError });
    expect(onExplainerError).toHaveBeenCalledWith(lost);
  });
});
