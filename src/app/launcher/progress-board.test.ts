import { PassThrough } from 'node:stream';
import { ProgressBoard } from './progress-board';

const row = (state: string, fraction: number, milestone: string) => ({
  label: 'ads',
  state,
  fraction,
  detail: `at ${fraction}`,
  milestone,
});

function board(terminal: boolean) {
  const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY: terminal, columns: 80 });
  return { board: new ProgressBoard(stream), written: () => String(stream.read() ?? '') };
}

test('where lines cannot be redrawn, each milestone is one line', () => {
  const { board: plain, written } = board(false);
  plain.draw([row('TRAINING', 0.1, 'epoch 1')]);
  plain.draw([row('TRAINING', 0.2, 'epoch 1')]);
  plain.draw([row('TRAINING', 0.5, 'epoch 2')]);
  expect(written()).toBe('ads  TRAINING  at 0.1\nads  TRAINING  at 0.5\n');
});

test('on a terminal the block is redrawn in place, and the cursor is given back at the end', () => {
  const { board: live, written } = board(true);
  live.draw([row('TRAINING', 0.5, 'a')]);
  expect(written()).toContain(`${'█'.repeat(12)}${'░'.repeat(12)}`);
  live.draw([row('TRAINING', 1, 'a')]);
  const second = written();
  expect(second.startsWith('\u001b[1A\u001b[0J')).toBe(true);
  expect(second).toContain('█'.repeat(24));
  live.end();
  expect(written()).toBe('\u001b[?25h');
});

test('a line longer than the terminal is cut, so that redrawing stays in place', () => {
  const { board: live, written } = board(true);
  live.draw([{ ...row('TRAINING', 0.5, 'a'), detail: 'x'.repeat(200) }]);
  const line = written().split('\n')[0] ?? '';
  expect(line.replace('\u001b[?25l', '').length).toBeLessThan(80);
});
