import { textTable } from './text-table';

test('numbers are right-aligned, absent ones are dashes', () => {
  expect(
    textTable(
      ['name', 'AUC'],
      [
        ['a', 0.81239],
        ['longer', null],
      ],
    ),
  ).toBe(['name       AUC', '──────  ──────', 'a       0.8124', 'longer       –'].join('\n'));
});
