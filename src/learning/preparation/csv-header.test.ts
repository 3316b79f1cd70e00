import { readDialect } from './csv-header';
import { type DeclaredFormat } from './formats/file-format';

describe('readDialect', () => {
  const read = (text: string, wanted: string[] = [], declared: DeclaredFormat = {}) => {
    const { delimiter, hasHeader, header } = readDialect(Buffer.from(text), new Set(wanted), declared);
    return { delimiter, hasHeader, header };
  };

  it.each<[string, string, string, readonly string[]]>([
    ['texts', 'id,name\n1,x\n', ',', ['id', 'name']],
    ['texts, the first of them empty', ',name\n0,x\n', ',', ['', 'name']],
    ['decimal commas', 'a;b\n1,5;2,5\n3,5;4,5\n', ';', ['a', 'b']],
    ['commas inside quotes', '"a, b, c";d\n"1, 2, 3";4\n', ';', ['a, b, c', 'd']],
    ['another mark in the names, but not in the rows', 'a|x,b|y\n1,2\n3,4\n', ',', ['a|x', 'b|y']],
    ['a title of words, in one column', 'title\nwar and peace\nemma\n', ',', ['title']],
  ])('takes a first line of %s for a header', (_, text, delimiter, header) => {
    expect(read(text)).toEqual({ delimiter, hasHeader: true, header });
  });

  it.each<[string, string, string, number]>([
    ['a number', 'a,1,x\nb,2,y\n', ',', 3],
    ['a day', 'a|2024-01-02T03:04:05Z\n', '|', 2],
    ['aligned numbers', ' 00001 19970101  1   11.77\n 00002 19970112  1   12.00\n', ' ', 4],
    ['numbers with tabs, some absent', '0\t1\t\tab\n1\t\t2\tcd\n', '\t', 4],
  ])('takes a first line with %s for a row', (_, text, delimiter, count) => {
    const header = Array.from({ length: count }, (_value, index) => `column${index + 1}`);
    expect(read(text)).toEqual({ delimiter, hasHeader: false, header });
  });

  it('believes wanted names more than what it sees', () => {
    expect(read('2019,2020\n1,2\n', ['2020'])).toMatchObject({ hasHeader: true, header: ['2019', '2020'] });
    expect(read('a,b\nc,d\n', ['column2'])).toMatchObject({ hasHeader: false });
    expect(read('a;b,c\n1,2;3\n1;2,3\n', ['b,c'])).toMatchObject({ delimiter: ';', header: ['a', 'b,c'] });
  });

  it('believes what is declared most', () => {
    expect(read('1,2\n3,4\n', [], { hasHeader: true }).header).toEqual(['1', '2']);
    expect(read('a,b\nc,d\n', [], { hasHeader: false }).header).toEqual(['column1', 'column2']);
    expect(read('a,b\n1,2\n', [], { columns: ['a', 'b'] })).toMatchObject({ hasHeader: true });
    expect(read('a,b\n1,2\n', [], { columns: ['x', 'y'] })).toMatchObject({ hasHeader: false });
    expect(read('a,b\n1,2\n', [], { columns: ['x', 'y'], hasHeader: true })).toEqual({
      delimiter: ',',
      hasHeader: true,
      header: ['x', 'y'],
    });
    expect(read('a,b;c\n1,2;3\n', [], { delimiter: ';' }).header).toEqual(['a,b', 'c']);
    expect(read('alone\n1\n', [], { delimiter: ';' }).header).toEqual(['alone']);
  });
});
