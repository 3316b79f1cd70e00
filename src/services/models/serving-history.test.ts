import { servingStack } from './serving-history';

const promote = (modelVersionId: string) => ({ action: 'PROMOTE' as const, modelVersionId });
const rollback = (modelVersionId: string) => ({ action: 'ROLLBACK' as const, modelVersionId });

describe('servingStack', () => {
  it('is empty before anything was promoted', () => {
    expect(servingStack([])).toEqual([]);
  });

  it('ends with what was promoted last', () => {
    expect(servingStack([promote('a'), promote('b')])).toEqual(['a', 'b']);
  });

  it('walks back, not to and fro, over several rollbacks', () => {
    const history = [promote('a'), promote('b'), promote('c'), rollback('b'), rollback('a')];
    expect(servingStack(history)).toEqual(['a']);
  });

  it('goes on from where a rollback led', () => {
    const history = [promote('a'), promote('b'), rollback('a'), promote('c'), rollback('a')];
    expect(servingStack(history)).toEqual(['a']);
  });
});
