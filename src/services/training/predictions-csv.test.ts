import { text } from 'node:stream/consumers';
import { predictionsCsv } from './predictions-csv';

describe('predictionsCsv', () => {
  it('writes one line per prediction and quotes ids that need it', async () => {
    const csv = await text(
      predictionsCsv(
        [
          { part: 'validation', id: 'a', label: 1, probability: 0.25, subject: 7 },
          { part: 'test', id: 'b,"c"\n', label: 0, probability: 1e-7, subject: null },
        ],
        [
          { name: 'age', values: Float32Array.of(41.5, NaN) },
          { name: 'size, cut', values: ['', 'x,"y" z'] },
        ],
      ),
    );
    expect(csv).toBe(
      'part,id,label,probability,subject,age,"size, cut"\n' +
        'validation,a,1,0.25,7,41.5,\ntest,"b,""c""\n",0,1e-7,,,"x,""y"" z"\n',
    );
  });

  it('writes all of many', async () => {
    const predictions = Array.from({ length: 10_000 }, (_, index) => ({
      part: 'test' as const,
      id: String(index),
      label: index % 2,
      probability: 0.5,
      subject: index,
    }));
    const lines = (await text(predictionsCsv(predictions, []))).trimEnd().split('\n');
    expect(lines).toHaveLength(10_001);
    expect(lines.at(-1)).toBe('test,9999,1,0.5,9999');
  });
});
