import fc from 'fast-check';
import { QueryFailedError } from 'typeorm';
import { createLogger } from './logger';
import { loggedError } from './logged-error';

const PLANTED = 'planted-7f3a';

/** What is written of some fields. */
function written(fields: object): string {
  const lines: string[] = [];
  createLogger('test', 'info', { write: (line) => lines.push(line) }).error(fields, 'it failed');
  return lines.join('');
}

it('says of a database’s error which rule was broken, and nothing of the row', () => {
  const driver = Object.assign(new Error('duplicate key value violates unique constraint "events_id"'), {
    code: '23505',
    table: 'events',
    constraint: 'events_id',
    detail: `Key (id)=(${PLANTED}) already exists.`,
  });
  const line = written({ err: new QueryFailedError('INSERT INTO events VALUES ($1)', [PLANTED], driver) });
  expect(line).not.toContain(PLANTED);
  expect(JSON.parse(line)).toMatchObject({
    err: { type: 'QueryFailedError', code: '23505', table: 'events', constraint: 'events_id' },
  });
});

it('writes no text that was parsed, however deep it is', () => {
  const parse = (text: string): unknown => {
    try {
      return JSON.parse(text);
    } catch (error) {
      return error;
    }
  };
  fc.assert(
    fc.property(fc.string(), fc.string(), (before, after) => {
      const error = parse(`{"email": ${before.replaceAll('\n', ' ')}${PLANTED}${after}`);
      fc.pre(error instanceof Error);
      expect(written({ err: new Error('it cannot be read', { cause: error }) })).not.toContain(PLANTED);
      expect(written({ error: error.message })).not.toContain(PLANTED);
    }),
  );
});

it('keeps where an error was thrown, and what it says of itself', () => {
  expect(loggedError(new TypeError('the file has 3 columns'))).toMatchObject({
    type: 'TypeError',
    message: 'the file has 3 columns',
    stack: expect.stringContaining('logged-error.test') as string,
  });
  expect(written({ error: `Could not convert string 'u1 ${PLANTED}' to INT32` })).toContain('INT32');
  expect(written({ error: `no answer from ${PLANTED}@example.org` })).not.toContain(PLANTED);
});
