import { Metrics } from './metrics';
import { serveMetrics } from './metrics-server';

const valueOf = (text: string, line: RegExp): number => Number(line.exec(text)?.[1]);

describe('Metrics', () => {
  it('tells of batches, and of each tenant', async () => {
    const metrics = new Metrics('api');
    metrics.batch({ tenantId: 'a', rows: 3, queuedMs: 2, ranMs: 4 });
    metrics.batch({ tenantId: 'a', rows: 5, queuedMs: 2, ranMs: 4 });
    metrics.tenantRequest('a');
    const text = await metrics.registry.metrics();
    expect(valueOf(text, /propensity_batch_rows_sum\{[^}]*\} (\S+)/)).toBe(8);
    expect(valueOf(text, /propensity_queue_seconds_sum\{[^}]*\} (\S+)/)).toBeCloseTo(0.004);
    expect(valueOf(text, /propensity_inference_seconds_count\{[^}]*\} (\S+)/)).toBe(2);
    expect(valueOf(text, /propensity_tenant_predictions_total\{tenant="a",[^}]*\} (\S+)/)).toBe(8);
    expect(valueOf(text, /propensity_tenant_requests_total\{tenant="a",[^}]*\} (\S+)/)).toBe(1);
  });

  it('has figures of their own for a bounded number of tenants, and loses none', async () => {
    const metrics = new Metrics('api');
    for (let tenant = 0; tenant < 1_000; tenant++) metrics.tenantRequest(`tenant ${tenant}`);
    const text = await metrics.registry.metrics();
    const counts = [...text.matchAll(/propensity_tenant_requests_total\{[^}]*\} (\S+)/g)].map(([, count]) =>
      Number(count),
    );
    expect(counts).toHaveLength(201);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1_000);
  });

  it('reads a pool whenever it is asked', async () => {
    const metrics = new Metrics('api');
    let loads = 1;
    metrics.watchPool(() => ({
      threads: [{ artifacts: 2, bytes: 10 }],
      queuedRows: 0,
      loads,
      threadsLost: 0,
    }));
    expect(await metrics.registry.metrics()).toMatch(/propensity_artifact_loads\{[^}]*\} 1\n/);
    loads = 7;
    expect(await metrics.registry.metrics()).toMatch(/propensity_artifact_loads\{[^}]*\} 7\n/);
  });

  it('counts executions by how they ended', async () => {
    const metrics = new Metrics('worker');
    await metrics.job('training', () => Promise.resolve());
    let running = '';
    const broken = metrics.job('training', async () => {
      running = await metrics.registry.metrics();
      throw new Error('broken');
    });
    await expect(broken).rejects.toThrow('broken');
    expect(running).toMatch(/propensity_jobs_running\{type="training",[^}]*\} 1\n/);
    const text = await metrics.registry.metrics();
    expect(text).toMatch(/propensity_job_seconds_count\{[^}]*outcome="done"[^}]*\} 1\n/);
    expect(text).toMatch(/propensity_job_seconds_count\{[^}]*outcome="failed"[^}]*\} 1\n/);
    expect(text).toMatch(/propensity_jobs_running\{type="training",[^}]*\} 0\n/);
  });

  it('counts looks for work by who looks and how they ended', async () => {
    const metrics = new Metrics('worker');
    expect(await metrics.pass('purge', () => Promise.resolve(3))).toBe(3);
    await expect(metrics.pass('indexes', () => Promise.reject(new Error('broken')))).rejects.toThrow(
      'broken',
    );
    const text = await metrics.registry.metrics();
    expect(text).toMatch(
      /propensity_pass_seconds_count\{(?=[^}]*worker="purge")[^}]*outcome="done"[^}]*\} 1\n/,
    );
    expect(text).toMatch(
      /propensity_pass_seconds_count\{(?=[^}]*worker="indexes")[^}]*outcome="failed"[^}]*\} 1\n/,
    );
  });

  it('is served at /metrics alone', async () => {
    const server = await serveMetrics(new Metrics('api'), { host: '127.0.0.1', port: 0 });
    const answer = await fetch(server.url);
    expect(answer.headers.get('content-type')).toContain('text/plain');
    expect(await answer.text()).toContain('process_cpu_seconds_total');
    expect((await fetch(new URL('/', server.url))).status).toBe(404);
    await server.close();
  });
});
