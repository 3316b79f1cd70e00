import { gaussLegendre } from './gauss-legendre';

describe('gaussLegendre', () => {
  it.each([1, 2, 3, 8, 64, 256])('with %d points integrates polynomials exactly', (count) => {
    const { points, weights } = gaussLegendre(count);
    expect(points).toHaveLength(count);
    expect(points.every((point, index) => point > (points[index - 1] ?? 0) && point < 1)).toBe(true);
    for (const degree of [0, 1, count, 2 * count - 1]) {
      const sum = points.reduce((total, point, index) => total + (weights[index] ?? 0) * point ** degree, 0);
      expect(sum).toBeCloseTo(1 / (degree + 1), 12);
    }
  });

  it('is not exact beyond that', () => {
    const { points, weights } = gaussLegendre(2);
    const sum = points.reduce((total, point, index) => total + (weights[index] ?? 0) * point ** 4, 0);
    expect(Math.abs(sum - 1 / 5)).toBeGreaterThan(1e-3);
  });
});
