import { JOB_IDS, parsePayload, QUEUE_NAMES, QUEUES } from './queues';

const payload = {
  tenantId: '6f1f7d3e-3c0a-4c1e-9a53-0d5a4f6f0b11',
  runId: '0e5b5b43-6c56-4d0b-8d5e-f4f9f0a1c2d3',
  attempt: 2,
  actorId: '5a1c9b4e-8f0d-4f7a-9d38-7c1f2f8e9a10',
  requestId: 'req-1',
};

describe('queues', () => {
  it('give a job one id, without colons', () => {
    expect(JOB_IDS.training(payload)).toBe('run-0e5b5b43-6c56-4d0b-8d5e-f4f9f0a1c2d3-2');
  });

  it('refuse a payload that is not what they declare', () => {
    expect(parsePayload('training', payload)).toEqual(payload);
    expect(() => parsePayload('training', { ...payload, session: 'x' })).toThrow(/session/);
    expect(() => parsePayload('training', { ...payload, attempt: 0 })).toThrow();
  });

  it('look for abandoned jobs more often than locks expire', () => {
    for (const name of QUEUE_NAMES) {
      expect(QUEUES[name].policy.stalledCheckMs).toBeLessThan(QUEUES[name].policy.lockMs);
    }
  });
});
