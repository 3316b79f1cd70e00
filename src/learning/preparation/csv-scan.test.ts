import { appendFile, readFile, truncate } from 'node:fs/promises';
import { CsvFiles } from '../../../test/support/csv-files';
import { scanCsv } from './csv-scan';
import { QuarantineLog } from './quarantine';

describe('scanCsv', () => {
  let files: CsvFiles;
  beforeAll(async () => (files = await CsvFiles.create()));
  afterAll(() => files.remove());

  async function scan(content: string | Uint8Array, wanted: string[] = []) {
    const path = await files.write(content);
    const result = await scanCsv({ path, wanted: new Set(wanted), workDirectory: files.folder });
    return {
      ...result,
      isOriginal: result.readPath === path,
      content: await readFile(result.readPath, 'utf8'),
      bad: QuarantineLog.merge([result.quarantine]).sample,
    };
  }

  it.each([
    ['LF', 'a,b\n1,2\n3,4\n'],
    ['CRLF', 'a,b\r\n1,2\r\n3,4\r\n'],
    ['CR', 'a,b\r1,2\r3,4\r'],
    ['no line break at the end', 'a,b\n1,2\n3,4'],
    ['a byte order mark', '\ufeffa,b\n1,2\n3,4\n'],
    ['line breaks in quotes', 'a,b\n1,"x\ny"\n3,4\n'],
    ['quotes and delimiters in quotes', 'a,b\n1,"x"",y"\n "3" ,4\n'],
    ['quotes inside a plain field', 'a,b\n1,x"y\n3,4\n'],
  ])('reads a clean file with %s as it is', async (_, content) => {
    const result = await scan(content);
    expect(result).toMatchObject({ records: 2, isOriginal: true, endsInsideRow: false, bad: [] });
    expect(result.dialect.header).toEqual(['a', 'b']);
  });

  it.each([';', '\t', '|'])('recognizes the delimiter %j by the wanted columns', async (delimiter) => {
    const result = await scan(`a${delimiter}b, c\n1${delimiter}2\n`, ['a', 'b, c']);
    expect(result.dialect).toMatchObject({ delimiter, header: ['a', 'b, c'] });
  });

  it('numbers lines over blank lines, line breaks in quotes and refused lines', async () => {
    const result = await scan('\n\na,b\n1,x\n\n2,"x\ny\nz"\n3\n4,x\n\n5,x\n');
    expect(result.records).toBe(4);
    expect([0, 1, 2, 3].map((record) => result.lines.lineOf(record))).toEqual([4, 6, 10, 12]);
    expect(result.bad).toEqual([{ line: 9, reason: '1 field where the header has 2', text: '3' }]);
    expect(result.content).toBe('a,b\n1,x\n2,"x\ny\nz"\n4,x\n5,x\n');
  });

  it('quarantines each malformed line by its number and goes on after it', async () => {
    const content = Buffer.concat([
      Buffer.from('a,b\n1,2,3\n4,5\n6,"x"y\n'),
      Buffer.from([0x37, 0x2c, 0xff, 0x0a]),
      Buffer.from('8,9\n10,a\0b\n11,12\r13\n14,15\n'),
    ]);
    const result = await scan(content);
    expect(result.bad).toEqual([
      { line: 2, reason: '3 fields where the header has 2', text: '1,2,3' },
      { line: 4, reason: 'text follows a closing quote', text: '6,"x"y' },
      { line: 5, reason: 'is not UTF-8 text', text: '7,\ufffd' },
      { line: 7, reason: 'holds a NUL character', text: '10,a␀b' },
      { line: 8, reason: 'a carriage return stands inside the line', text: '11,12⏎13' },
    ]);
    expect(result.content).toBe('a,b\n4,5\n8,9\n14,15\n');
    expect(result.endsInsideRow).toBe(false);
  });

  it('blames only the line on which an unclosed quote opens', async () => {
    const result = await scan('a,b\n1,2\n3,"oops\n5,6\n7,"8"\n9,10\n');
    expect(result.bad).toEqual([{ line: 3, reason: 'text follows a closing quote', text: '3,"oops' }]);
    expect(result.content).toBe('a,b\n1,2\n5,6\n7,"8"\n9,10\n');
  });

  it('survives a quote that never closes', async () => {
    const result = await scan('a,b\n1,2\n3,"oops\n5,6\n7,8\n');
    expect(result.bad).toEqual([{ line: 3, reason: 'a quote opens here and never closes', text: '3,"oops' }]);
    expect(result.records).toBe(3);
    expect(result.lines.lineOf(2)).toBe(5);
  });

  it('survives a quote that never closes in a file of several blocks', async () => {
    const rows = Array.from({ length: 400_000 }, (_, i) => `${i},value ${i}`);
    rows[100_000] = '100000,"oops';
    const result = await scan(`a,b\n${rows.join('\n')}\n`);
    expect(result.bad).toEqual([
      {
        line: 100_002,
        reason: 'a quote opens here and does not close within 1 MiB',
        text: '100000,"oops',
      },
    ]);
    expect(result.records).toBe(399_999);
    expect(result.lines.lineOf(399_998)).toBe(400_001);
    expect(result.content).toBe(`a,b\n${rows.filter((_, i) => i !== 100_000).join('\n')}\n`);
  });

  it('passes over a line longer than its memory', async () => {
    const result = await scan(`a,b\n1,2\n3,${'x'.repeat(9_000_000)}\n5,6\n`);
    expect(result.bad).toMatchObject([{ line: 3, reason: 'longer than 1 MiB' }]);
    expect(result.lines.lineOf(1)).toBe(4);
    expect(result.content).toBe('a,b\n1,2\n5,6\n');
  });

  it('passes over a line of 2 GB in the same memory', async () => {
    const path = await files.write('a,b\n1,2\n');
    // A hole in the file is read as zeros and takes no room.
    await truncate(path, 2 ** 31);
    await appendFile(path, '\n5,6\n');
    let most = 0;
    const before = process.memoryUsage().rss;
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 50);
    const result = await scanCsv({ path, wanted: new Set(), workDirectory: files.folder });
    clearInterval(watch);
    expect(QuarantineLog.merge([result.quarantine]).sample).toMatchObject([
      { line: 3, reason: 'longer than 1 MiB' },
    ]);
    expect(await readFile(result.readPath, 'utf8')).toBe('a,b\n1,2\n5,6\n');
    expect(most - before).toBeLessThan(512 * 2 ** 20);
  }, 300_000);

  it.each([
    ['too few fields', 'a,b\n1,2\n3'],
    ['an open quote', 'a,b\n1,2\n3,"x'],
  ])('reports a file that is cut: %s', async (_, content) => {
    const result = await scan(content);
    expect(result.endsInsideRow).toBe(true);
    expect(result.bad).toMatchObject([
      { line: 3, reason: 'the file ends inside this line: it was probably cut' },
    ]);
  });

  it('makes mixed line breaks one', async () => {
    const result = await scan('a,b\r\n1,2\n3,"x\ny"\r\n5,6');
    expect(result.content).toBe('a,b\r\n1,2\r\n3,"x\ny"\r\n5,6');
    expect(result.bad).toEqual([]);
  });

  it.each([
    ['only line breaks', '\n\n', 'only blank lines'],
    ['no rows', 'a,b\n', 'no rows'],
    ['an unclosed quote in the header', 'a,"b\n1,2\n', 'never closes'],
    ['a Latin-1 header', Buffer.from('é,a\n1,2\n', 'latin1'), 'not UTF-8'],
    ['too many columns', `${Array.from({ length: 5000 }, (_, i) => i).join(',')}\n`, '5000 columns'],
  ])('refuses a file with %s', async (_, content, message) => {
    await expect(scan(content)).rejects.toMatchObject({
      code: 'INVALID_DATA',
      message: expect.stringContaining(message) as unknown,
    });
  });
});
